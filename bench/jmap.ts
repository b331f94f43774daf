/**
 * JMAP in a large mailbox, over HTTP as a page asks: the first fifty of a mailbox, threads collapsed, with what a list shows of each, in one request of two calls. Warm, after a change of the
 * mailbox each time, cold right after the start, and with all properties of each mail.
 *
 *   npm run bench -- jmap [--json] [--mails 100000] [--rounds 300] [--chars 1500]
 */
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { openStoreHost } from '../src/app/open-store.ts';
import { systemClock } from '../src/base/clock.ts';
import type { AccountId } from '../src/base/ids.ts';
import { silentLog } from '../src/base/log.ts';
import { noMetrics } from '../src/base/metrics.ts';
import { prepareEmail } from '../src/mailbox/email-facts.ts';
import { Mailboxes } from '../src/mailbox/mailboxes.ts';
import { row, type Transaction } from '../src/store/transaction.ts';
import { password, RunningServer } from '../test/running-server.ts';
import { machineLine } from './peers.ts';
import { finish, rounded } from './rounds.ts';
import { MailMaker } from './search-mails.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    mails: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '300' },
    chars: { type: 'string', default: '1500' },
  },
});

const user = 'reader@example.test';
const mails = Number(values.mails);
const rounds = Number(values.rounds);
const atOnce = 200;
const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];
const listed = [
  'id',
  'threadId',
  'mailboxIds',
  'keywords',
  'from',
  'to',
  'subject',
  'receivedAt',
  'preview',
  'hasAttachment',
  'size',
];

function* accountNamed(): Transaction<AccountId> {
  return (yield* row<{ id: AccountId }>('select id from directory_account')).id;
}

async function prepare(): Promise<RunningServer> {
  const server = await RunningServer.prepare({ listeners: { http: {} }, accounts: [user] });
  await using host = await openStoreHost(server.settings, silentLog);
  const account = await host.store.read(() => accountNamed());
  using mailboxes = new Mailboxes({
    store: host.store,
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
  });
  const box = (await mailboxes.find(account, 'INBOX'))!;
  const maker = new MailMaker();
  const startMs = systemClock.nowMs() - mails * 60_000;
  for (let at = 0; at < mails; at += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, mails - at) }, (_, i) => {
      const bytes = Buffer.from(maker.mail(at + i, Number(values.chars)).message);
      const flags = { system: (at + i) % 10 === 0 ? 0 : 1, keywords: [] };
      const body = { is: 'inline', bytes } as const;
      return { flags, receivedAtMs: startMs + (at + i) * 60_000, body, email: prepareEmail(bytes) };
    });
    await mailboxes.append(account, box.id, batch);
  }
  return server;
}

class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  account = '';

  constructor(port: number) {
    this.#port = port;
  }

  async session(): Promise<void> {
    this.account = Object.keys((await this.#ask('GET', '/jmap/session')).accounts as object)[0]!;
  }

  async calls(...methodCalls: readonly [string, object, string][]): Promise<Record<string, unknown>[]> {
    const withAccount = methodCalls.map(([name, args, id]) => [
      name,
      { accountId: this.account, ...args },
      id,
    ]);
    const answer = await this.#ask('POST', '/jmap/api', JSON.stringify({ using, methodCalls: withAccount }));
    return (answer['methodResponses'] as [string, Record<string, unknown>, string][]).map(([name, args]) => {
      if (name === 'error') throw new Error(JSON.stringify(args));
      return args;
    });
  }

  async #ask(method: string, path: string, body = ''): Promise<Record<string, unknown>> {
    const sent = request({
      port: this.#port,
      method,
      path,
      agent: this.#agent,
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    sent.end(body);
    const [response] = await once(sent, 'response');
    let text = '';
    response.setEncoding('utf8');
    for await (const chunk of response) text += chunk;
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

const percentile = (times: readonly number[], share: number): number =>
  rounded([...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))]!);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function measure(
  name: string,
  work: (i: number) => Promise<unknown>,
  before?: (i: number) => Promise<unknown>,
): Promise<object> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await before?.(i);
    times.push(await timed(() => work(i)));
  }
  const result = { name, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
  if (!values.json) console.log(`${name.padEnd(46)} p50 ${result.p50Ms} ms  p99 ${result.p99Ms} ms`);
  return result;
}

await using server = await prepare();
await server.begin();
using client = new Client(server.port('http'));
await client.session();
const [boxes] = await client.calls(['Mailbox/get', { properties: ['role'] }, 'm']);
const inbox = (boxes!['list'] as { id: string; role: string }[]).find(({ role }) => role === 'inbox')!.id;
const list = (collapseThreads: boolean, properties: readonly string[] | undefined, filter: object = {}) => {
  const query = {
    filter: { inMailbox: inbox, ...filter },
    sort: [{ property: 'receivedAt', isAscending: false }],
    collapseThreads,
    limit: 50,
    calculateTotal: true,
  };
  const ids = { resultOf: 'q', name: 'Email/query', path: '/ids' };
  return client.calls(
    ['Email/query', query, 'q'],
    ['Email/get', { '#ids': ids, ...(properties === undefined ? {} : { properties }) }, 'g'],
  );
};

const cold = rounded(await timed(() => list(true, listed)));
if (!values.json) console.log(`${machineLine()}\n${mails} mails\nfirst list after the start: ${cold} ms`);
const all = (await list(false, ['id']))[0]!['ids'] as string[];
const mark = (i: number): Promise<unknown> =>
  client.calls([
    'Email/set',
    { update: { [all[i % all.length]!]: { 'keywords/$flagged': i % 100 < 50 ? true : null } } },
    's',
  ]);
const results = [
  await measure('query and get of 50, collapsed', () => list(true, listed)),
  await measure('query and get of 50, all properties', () => list(true, undefined)),
  await measure('query and get of 50, unread only', () => list(false, listed, { notKeyword: '$seen' })),
  await measure('query and get of 50 right after a change', () => list(true, listed), mark),
  await measure(
    'Mailbox/get with counts right after a change',
    () => client.calls(['Mailbox/get', {}, 'm']),
    mark,
  ),
  await measure('change of one keyword', mark),
];
finish({ bench: 'jmap', machine: machineLine(), mails, coldMs: cold, results }, values.json);

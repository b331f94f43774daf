/** The send API for tests: directory, intake, queue, templates and ledger are real, on a store of the test; what is delivered is up to the test. */
import { openTestDirectory, type TestDirectory } from '../directory/testing.ts';
import { migrations as directoryMigrations } from '../directory/migrations.ts';
import { operations as directoryOperations } from '../directory/operations.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { Refusal } from '../base/refusal.ts';
import { systemActor } from '../directory/actor.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { operations as eventOperations, search } from '../events/operations.ts';
import { sent } from '../events/sent.ts';
import { Intake } from '../intake/intake.ts';
import { intakeDefaults } from '../intake/options.ts';
import { migrations as queueMigrations } from '../queue/migrations.ts';
import { keepOnce, keptFor } from '../queue/once.ts';
import { operations as queueOperations } from '../queue/operations.ts';
import { testQueue } from '../queue/testing.ts';
import type { Attempt, AttemptResult } from '../queue/attempt.ts';
import { migrations as relayMigrations } from '../relay/migrations.ts';
import { operations as relayOperations } from '../relay/operations.ts';
import { drawFrom } from '../relay/requests.ts';
import { Renderer } from '../relay/renderer.ts';
import { Templates } from '../relay/templates.ts';
import type { Fetched } from '../relay/link.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import type { SendLimits } from '../directory/entities.ts';
import { systemClock } from '../base/clock.ts';
import { buildSendApp } from './send-api/app.ts';
import { testParts } from './testing-parts.ts';

export const sendMigrations = [
  ...directoryMigrations,
  ...eventMigrations,
  ...queueMigrations,
  ...relayMigrations,
];
export const sendOperations = [
  ...directoryOperations,
  ...eventOperations,
  ...queueOperations,
  ...relayOperations,
];

export interface Called {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- what an answer has, the test says
  readonly body: any;
  readonly text: string;
}

export interface TestSend extends AsyncDisposable {
  readonly t: TestDirectory;
  readonly key: string;
  /** Files that links lead to. */
  readonly links: Map<string, Fetched>;
  makeKey(scopes: readonly string[], limits?: SendLimits): Promise<string>;
  call(method: string, path: string, options?: CallOptions): Promise<Called>;
  /** Messages in the queue, with what was stored of them. */
  queued(): Promise<readonly { id: string; org: string; data: string; text: string }[]>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestSendOptions {
  readonly store: Store;
  readonly requestsPerMinute?: number;
  readonly drawRequests?: ReturnType<typeof drawFrom>;
  readonly deliver?: (attempt: Attempt) => Promise<AttemptResult>;
  /** Why an address gets no mail. */
  readonly suppressed?: Readonly<Record<string, string>>;
}

export async function openTestSend({
  store,
  requestsPerMinute = 60_000,
  drawRequests,
  deliver,
  suppressed = {},
}: TestSendOptions): Promise<TestSend> {
  const t = await openTestDirectory(store);
  const renderer = new Renderer(systemClock);
  const links = new Map<string, Fetched>();
  const never = (): Promise<AttemptResult> => Promise.reject(new Error('not in this test'));
  // The clock of the directory jumps with each sleep: mail that is delivered goes by the real one.
  const clock = deliver ? systemClock : t.clock;
  const queue = testQueue({ store, clock, deliver: deliver ?? never });
  if (deliver) await queue.start();
  const intake = new Intake({
    directory: t.directory,
    bodies: store.bodies,
    clock,
    log: silentLog,
    metrics: noMetrics,
    options: { ...intakeDefaults, hostName: 'mx.here.test', authservId: 'mx.here.test' },
    accept: (submission, events) => queue.accept(submission, events),
    suppressed: async (_, address) => suppressed[address],
  });
  const parts = {
    ...testParts(t, [], []),
    clock,
    events: {
      search: (query: string, limit: number) => store.scan(search, { query, limit }),
      after: async () => [],
      end: async () => 0,
    },
    send: {
      intake,
      messageMaxBytes: 1_000_000,
      hostName: 'mx.here.test',
      requestsPerMinute,
      drawRequests: drawRequests ?? drawFrom(store, () => clock.nowMs()),
      templates: new Templates(store, clock),
      renderer,
      fetchLink: async (link: string, at: string) => {
        const found = links.get(link);
        if (!found) throw new Refusal('invalid', 'the file could not be fetched', { at });
        return found;
      },
      kept: (scope: string, key: string) => store.read(() => keptFor(scope, key, clock.nowMs())),
      keep: (once: Parameters<typeof keepOnce.body>[0]['once']) =>
        store.write(keepOnce, { once, nowMs: clock.nowMs() }),
      recordsOf: async ({ name }: { name: string }) => [
        { record: { type: 'MX', name, data: '10 mx.here.test' }, status: 'missing' as const, found: [] },
      ],
      reschedule: queue.reschedule.bind(queue),
      sent: (query: Parameters<typeof sent.body>[0]) => store.scan(sent, query),
    },
  };
  const app = await buildSendApp({
    stopping: new AbortController().signal,
    parts,
    originOf: ({ headers }) => ({
      ip: typeof headers['x-from'] === 'string' ? headers['x-from'] : '192.0.2.7',
      control: false,
      confidential: headers['x-plain'] === undefined,
      secure: true,
    }),
  });
  const makeKey = async (scopes: readonly string[], limits: SendLimits = {}): Promise<string> => {
    const made = await t.office.keys.create(systemActor, t.org.id, {
      name: 'k',
      scopes: scopes as never,
      limits,
    });
    return made.key;
  };
  const key = await makeKey(['send', 'messages:read', 'messages:manage']);
  return {
    t,
    key,
    links,
    makeKey,
    async call(method, path, { body, key: other = key, headers = {} } = {}) {
      const response = await app.inject({
        method: method as 'GET',
        url: path,
        headers: { ...(other !== '' && { authorization: `Bearer ${other}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const isJson = String(response.headers['content-type']).includes('json');
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        body: isJson && response.body !== '' ? JSON.parse(response.body) : undefined,
      };
    },
    async queued() {
      const found = await store.read(() =>
        rows<{ id: string; org: string; data: string; body: Uint8Array }>(
          'select id, org, data, body from queue_message order by id',
        ),
      );
      return found.map(({ body, ...rest }) => ({ ...rest, text: Buffer.from(body).toString('latin1') }));
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await queue.stop();
      await renderer[Symbol.asyncDispose]();
      await t[Symbol.asyncDispose]();
    },
  };
}

/** The OpenAPI document, as the server gives it. */
export async function describeSendApi(): Promise<unknown> {
  await using s = await openTestSend({
    store: await openTestStore({ migrations: sendMigrations, operations: sendOperations }),
  });
  return (await s.call('GET', '/v1/openapi.json', { key: '' })).body;
}

/**
 * Local delivery: mails handed over by LMTP until they are in the mailboxes, durably, against Dovecot with maildir and with sdbox in turn. Ten senders, each to a mailbox of its own;
 * the time ends when IMAP shows all of them.
 *
 *   npm run bench -- local [--json] [--rounds 3] [--seconds 4] [--size 4096] [--boxes 10] [--only hikyaku]
 */
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { password, RunningServer } from '../test/running-server.ts';
import { haveDovecot, startDovecot } from './dovecot.ts';
import { ImapClient } from './imap-client.ts';
import { haveLoadTools, mustBeFree, send } from './load.ts';
import { machineLine } from './peers.ts';
import { usageOf } from './process-tree.ts';
import { finish, limitOf, medianCores, Results, Spent, type Cores } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    size: { type: 'string', default: '4096' },
    boxes: { type: 'string', default: '10' },
    only: { type: 'string' },
  },
});

interface Store extends AsyncDisposable {
  readonly pid: number;
  readonly lmtpPort: number;
  readonly imapPort: number;
}

interface Measured {
  readonly perSecond: number;
  readonly cpuMsPerMail: number;
  readonly pssMb: number;
  readonly lost: number;
  readonly cores: Cores;
}

const dovecotPorts = { imapPort: 12_153, lmtpPort: 12_154 };
const peers = ['dovecot-maildir', 'dovecot-sdbox'];
const users = Array.from({ length: Number(values.boxes) }, (_, i) => `u${i}@example.test`);
/** Without progress for so long, what is missing is counted as lost. */
const stalledMs = 15_000;

async function startHikyaku(): Promise<Store> {
  const server = await RunningServer.start({
    listeners: { lmtp: {}, imap: {} },
    settings: { imap: { plainTextLogin: true } },
    accounts: users,
  });
  return {
    pid: server.pid,
    lmtpPort: server.port('lmtp'),
    imapPort: server.port('imap'),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const dovecot = (layout: 'maildir' | 'sdbox') => async (): Promise<Store> => {
  for (const port of Object.values(dovecotPorts)) await mustBeFree(port);
  return Object.assign(await startDovecot({ ...dovecotPorts, layout, password }), dovecotPorts);
};

/** Mails in all mailboxes. */
async function stored(clients: readonly ImapClient[]): Promise<number> {
  const counts = await Promise.all(clients.map((client) => client.messages()));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function measure(store: Store, clients: readonly ImapClient[], perBox: number): Promise<Measured> {
  const before = await stored(clients);
  const count = perBox * users.length;
  const spent = new Spent(store.pid);
  const startMs = performance.now();
  const sizeBytes = Number(values.size);
  await Promise.all(
    users.map((to) =>
      send({ port: store.lmtpPort, count: perBox, sizeBytes, sessions: 1, kept: true, to, lmtp: true }),
    ),
  );
  let arrived = 0;
  for (let lastMs = performance.now(); performance.now() - lastMs < stalledMs; await wait(5)) {
    const now = (await stored(clients)) - before;
    if (now > arrived) lastMs = performance.now();
    arrived = now;
    if (arrived >= count) break;
  }
  const wallMs = performance.now() - startMs;
  return {
    perSecond: (arrived * 1000) / wallMs,
    cpuMsPerMail: spent.serverMs / Math.max(1, arrived),
    pssMb: usageOf(store.pid).pssMb,
    lost: count - arrived,
    cores: spent.cores,
  };
}

async function run(start: () => Promise<Store>): Promise<Measured> {
  await using store = await start();
  const clients = await Promise.all(users.map((user) => ImapClient.signIn(store.imapPort, user, password)));
  try {
    let perBox = 20;
    for (const seconds of [1, 1, Number(values.seconds)]) {
      const { perSecond } = await measure(store, clients, perBox);
      perBox = Math.max(20, Math.round((perSecond * seconds) / users.length));
    }
    return await measure(store, clients, perBox);
  } finally {
    for (const client of clients) client.close();
  }
}

async function main(): Promise<void> {
  if (!haveLoadTools()) return console.log('smtp-source is missing: apt-get install postfix');
  const all: [string, () => Promise<Store>][] = [['hikyaku', startHikyaku]];
  if (haveDovecot()) all.push(['dovecot-maildir', dovecot('maildir')], ['dovecot-sdbox', dovecot('sdbox')]);
  const servers = all.filter(([name]) => values.only === undefined || values.only === name);
  console.log(`${machineLine()}; ${values.size} bytes, LMTP to ${users.length} mailboxes, each mail on disk`);
  const results = new Results<Measured>();
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [name, start] of servers) {
      const result = await run(start);
      results.add(name, result);
      console.log(
        `round ${round}  ${name.padEnd(15)} ${result.perSecond.toFixed(0).padStart(6)}/s  ${result.cpuMsPerMail.toFixed(3)} ms CPU a mail  ${result.pssMb.toFixed(0)} MB${result.lost === 0 ? '' : `  ${result.lost} MISSING`}`,
      );
    }
  }
  finish(
    {
      ratio: results.ratios(peers, (one) => one.perSecond),
      cpuRatio: results.ratios(peers, (one) => one.cpuMsPerMail, { less: true }),
      perSecond: Math.round(results.of('hikyaku', (one) => one.perSecond)),
      cpuMsPerMail: results.of('hikyaku', (one) => one.cpuMsPerMail),
      lost: results.all().reduce((sum, one) => sum + one.lost, 0),
      limit: limitOf(medianCores(results.all('hikyaku').map((one) => one.cores))),
    },
    values.json,
  );
}

await main();

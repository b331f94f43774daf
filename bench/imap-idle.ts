/**
 * Idle readers: connections that have logged in, selected a mailbox and wait in IDLE, as telephones do all day. Memory of all server processes for each connection (proportional
 * set size, without the kernel's socket buffers), and processor time while nothing happens; with `--tls` each has a TLS session too, agreed on by a group of `--groups`. Against Dovecot
 * as it comes, which has a process for each connection. (Where it may hibernate
 * them, which takes inotify instances that Linux does not give by default, it needs some 10 kB for each.)
 *
 *   npm run bench -- imap-idle [--json] [--connections 5000] [--peer-connections 500] [--tls [--groups X25519]] [--only hikyaku]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { password, RunningServer } from '../test/running-server.ts';
import { haveDovecot, startDovecot } from './dovecot.ts';
import { ImapClient } from './imap-client.ts';
import { mustBeFree } from './load.ts';
import { machineLine } from './peers.ts';
import { usageOf } from './process-tree.ts';
import { finish, Results, rounded, Spent } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    connections: { type: 'string', default: '5000' },
    'peer-connections': { type: 'string', default: '500' },
    tls: { type: 'boolean', default: false },
    groups: { type: 'string' },
    only: { type: 'string' },
  },
});

interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly imapPort: number;
}

interface Measured {
  readonly kbEach: number;
  readonly idleCores: number;
  readonly openedPerSecond: number;
}

const perAccount = 50;
const perAddress = 1000;
const atOnce = 50;
/** Until garbage is collected. */
const settleMs = 8000;
const watchMs = 5000;
const dovecotPorts = { imapPort: 12_163, lmtpPort: 12_164 };
const peers = ['dovecot'];
const { tls, groups } = values;
const kind = tls ? 'imaps' : 'imap';
const usersFor = (connections: number): string[] =>
  Array.from({ length: Math.ceil(connections / perAccount) }, (_, i) => `u${i}@example.test`);

async function startHikyaku(connections: number): Promise<Server> {
  const server = await RunningServer.start({
    listeners: { [kind]: { host: '0.0.0.0' } },
    settings: {
      imap: { plainTextLogin: true, connectionsPerAccountMax: perAccount + 1 },
      smtp: { connectionsPerAddressMax: perAddress + 100, connectionsMax: connections + 1000 },
    },
    accounts: usersFor(connections),
  });
  return {
    pid: server.pid,
    imapPort: server.port(kind),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function dovecot(connections: number): Promise<Server> {
  for (const port of Object.values(dovecotPorts)) await mustBeFree(port);
  const plan = { ...dovecotPorts, layout: 'sdbox', password, connectionsMax: connections } as const;
  return Object.assign(await startDovecot(plan), dovecotPorts);
}

async function openIdle(server: Server, index: number): Promise<ImapClient> {
  const address = `127.8.0.${Math.floor(index / perAddress) + 1}`;
  const user = `u${Math.floor(index / perAccount)}@example.test`;
  const client = await ImapClient.signIn(server.imapPort, user, password, {
    localAddress: address,
    tls,
    groups,
  });
  await client.command('SELECT INBOX');
  await client.idle();
  return client;
}

async function measure(server: Server, connections: number): Promise<Measured> {
  const clients: ImapClient[] = [];
  // One of each account first: it verifies the password, and puts a message into the mailbox.
  for (const user of usersFor(connections)) {
    const first = await ImapClient.signIn(server.imapPort, user, password, { tls });
    await first.append('Subject: Hello\r\n\r\nHello\r\n');
    first.close();
  }
  await wait(1000);
  const before = usageOf(server.pid).pssMb;
  const startMs = performance.now();
  for (let at = 0; at < connections; at += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, connections - at) }, (_, i) =>
      openIdle(server, at + i),
    );
    clients.push(...(await Promise.all(some)));
  }
  const openedPerSecond = (connections * 1000) / (performance.now() - startMs);
  await wait(settleMs);
  const kbEach = ((usageOf(server.pid).pssMb - before) * 1024) / connections;
  const spent = new Spent(server.pid);
  await wait(watchMs);
  const idleCores = spent.cores.server;
  for (const client of clients) client.close();
  return { kbEach, idleCores, openedPerSecond };
}

async function main(): Promise<void> {
  const ours = Number(values.connections);
  const theirs = Number(values['peer-connections']);
  const limit = Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
  if (limit < ours + 200)
    return console.log(`${limit} descriptors are too few for ${ours} connections (ulimit -Hn)`);
  const all: [string, (connections: number) => Promise<Server>, number][] = [['hikyaku', startHikyaku, ours]];
  if (haveDovecot() && !tls) all.push(['dovecot', dovecot, theirs]);
  console.log(`${machineLine()}; in IDLE, selected, ${tls ? 'TLS' : 'plain text'}`);
  const results = new Results<Measured>();
  for (const [name, start, connections] of all) {
    if (values.only !== undefined && values.only !== name) continue;
    await using server = await start(connections);
    const result = await measure(server, connections);
    results.add(name, result);
    console.log(
      `${name.padEnd(18)} ${connections} connections: ${result.kbEach.toFixed(1)} kB each, ${result.idleCores.toFixed(3)} cores while idle, opened at ${result.openedPerSecond.toFixed(0)}/s`,
    );
  }
  const kb = (one: Measured): number => one.kbEach;
  finish(
    {
      ratio: results.ratios(peers, kb, { less: true }),
      kbEach: rounded(results.of('hikyaku', kb)),
      peersKbEach: Object.fromEntries(
        peers.filter((peer) => results.has(peer)).map((peer) => [peer, rounded(results.of(peer, kb))]),
      ),
      idleCores: rounded(
        results.of('hikyaku', (one) => one.idleCores),
        3,
      ),
      openedPerSecond: Math.round(results.of('hikyaku', (one) => one.openedPerSecond)),
      limit: `descriptors: ${limit} for a process, ${ours} connections of ours`,
    },
    values.json,
  );
}

await main();

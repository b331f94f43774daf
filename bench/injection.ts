/**
 * Injection: mails of programs, signed with DKIM, by SMTP and by HTTP, accepted durably and sent on to `hikyaku sink`. Against Postfix with OpenDKIM, round after round. Beside it what
 * the machine gives at most: bare RSA signatures, and the sink alone with the same load.
 *
 *   npm run bench -- injection [--json] [--rounds 3] [--seconds 4] [--size 4096] [--sessions 50] [--only hikyaku]
 *
 * Ours signs each mail with RSA of 2048 bits and with Ed25519, OpenDKIM with RSA alone.
 */
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { openStoreHost } from '../src/app/open-store.ts';
import { openKeyBox } from '../src/app/signing.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { systemActor } from '../src/directory/actor.ts';
import { Administration } from '../src/directory/administration.ts';
import { RunningServer } from '../test/running-server.ts';
import { haveLoadTools, listening, mustBeFree, send } from './load.ts';
import { havePostfix, machineLine, newFolder, started, startPostfix, stopped } from './peers.ts';
import { Practice } from './practice.ts';
import { cpuOfTree, writtenByTree } from './process-tree.ts';
import { finish, Results, rounded } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    size: { type: 'string', default: '4096' },
    sessions: { type: 'string', default: '50' },
    only: { type: 'string' },
  },
});
const sizeBytes = Number(values.size);
const sessions = Number(values.sessions);
const domain = 'example.org';
const sinkPorts = { port: 12_325, dnsPort: 12_353, controlPort: 12_354 };
const address = '127.44.66.1';
const postfixPort = 12_326;
const milterPort = 12_327;
const stalledMs = 15_000;

interface Measured {
  readonly acceptedPerSecond: number;
  readonly perSecond: number;
  readonly cpuMsPerMail: number;
  readonly writtenKb: number;
  readonly lost: number;
}

interface Injected extends AsyncDisposable {
  /** Roots of its processes. */
  readonly pids: readonly number[];
  /** Ways in; each resolves when so many mails are accepted. */
  readonly ways: Readonly<Record<string, (count: number) => Promise<void>>>;
}

const bySmtp =
  (port: number) =>
  (count: number): Promise<void> =>
    send({ port, count, sizeBytes, sessions, kept: true });

async function startHikyaku(): Promise<Injected> {
  const server = await RunningServer.prepare({
    listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] }, http: {} },
    settings: {
      delivery: { ownNetworksAllowed: true },
      routes: [{ domain: '*', hosts: [`${address}:${sinkPorts.port}`], tls: 'none' }],
    },
    accounts: [`sender@${domain}`],
  });
  const key = await withKeys(server);
  await server.begin();
  const agent = new Agent({ keepAlive: true, maxSockets: sessions });
  const post = { agent, port: server.port('http'), key };
  return {
    pids: [server.pid],
    ways: { smtp: bySmtp(server.port('relay')), http: (count) => byHttp(count, post) },
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Signing keys in use, as if their records were long in DNS, and a key for HTTP. */
async function withKeys(server: RunningServer): Promise<string> {
  await using host = await openStoreHost(server.settings, silentLog);
  const keyBox = openKeyBox(server.settings);
  const office = new Administration({ store: host.store, clock: systemClock, keyBox });
  const [org] = (await office.orgs.list()).items;
  for (const { selector, state } of await office.dkim.ensure(systemActor, { org: org!.id, domain })) {
    if (state === 'prepared' || state === 'published')
      await office.dkim.move(systemActor, { org: org!.id, domain }, { selector, to: 'active' });
  }
  const { key } = await office.keys.create(systemActor, org!.id, { name: 'bench', scopes: ['all'] });
  return key;
}

interface Post {
  readonly agent: Agent;
  readonly port: number;
  readonly key: string;
}

async function byHttp(count: number, post: Post): Promise<void> {
  const text = 'A line of text as people write them.\n'.repeat(Math.ceil(sizeBytes / 37));
  const body = JSON.stringify({
    from: `sender@${domain}`,
    to: 'foo@example.test',
    subject: 'Injected',
    text,
  });
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const status = await postOnce(body, post);
      if (status >= 300) throw new Error(`the server answers with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: sessions }, work));
}

function postOnce(body: string, { agent, port, key }: Post): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = {
    Authorization: `Bearer ${key}`,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  };
  request({ agent, port, host: '127.0.0.1', path: '/v1/messages', method: 'POST', headers }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0));
  })
    .on('error', reject)
    .end(body);
  return promise;
}

const openDkim = '/usr/sbin/opendkim';
const havePeer = (): boolean => havePostfix() && existsSync(openDkim);

async function startPeer(): Promise<Injected> {
  const folder = newFolder('opendkim');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  const config = join(folder, 'opendkim.conf');
  writeFileSync(
    config,
    `Domain ${domain}\nSelector bench\nKeyFile ${keyFile}\nSocket inet:${milterPort}@127.0.0.1\nMode s\nCanonicalization relaxed/relaxed\nRequireSafeKeys no\nInternalHosts 127.0.0.1\nSyslog no\n`,
  );
  const milter = started(spawn(openDkim, ['-f', '-x', config], { stdio: 'ignore' }));
  await listening(milterPort);
  const postfix = await startPostfix({
    port: postfixPort,
    sinkPort: sinkPorts.port,
    sinkHost: address,
    milterPort,
  });
  return {
    get pids() {
      return [postfix.pid, milter.pid!];
    },
    ways: { smtp: bySmtp(postfixPort) },
    [Symbol.asyncDispose]: async () => {
      await postfix[Symbol.asyncDispose]();
      await stopped(milter, folder);
    },
  };
}

async function measure(
  of: Injected,
  practice: Practice,
  inject: (count: number) => Promise<void>,
  count: number,
): Promise<Measured> {
  const sum = (figure: (pid: number) => number): number => of.pids.reduce((all, pid) => all + figure(pid), 0);
  const before = {
    messages: (await practice.report()).messages,
    cpu: sum(cpuOfTree),
    io: sum(writtenByTree),
  };
  const startMs = performance.now();
  await inject(count);
  const acceptedMs = performance.now() - startMs;
  let arrived = 0;
  let lastMs = performance.now();
  while (arrived < count && performance.now() - lastMs < stalledMs) {
    const now = (await practice.report()).messages - before.messages;
    if (now > arrived) lastMs = performance.now();
    arrived = now;
    if (arrived < count) await wait(10);
  }
  return {
    acceptedPerSecond: (count * 1000) / acceptedMs,
    perSecond: (arrived * 1000) / (lastMs - startMs),
    cpuMsPerMail: (sum(cpuOfTree) - before.cpu) / Math.max(1, arrived),
    writtenKb: (sum(writtenByTree) - before.io) / 1024 / Math.max(1, arrived),
    lost: count - arrived,
  };
}

/** A short run to find how many mails fill the time, which also warms the server up. */
async function measureFor(
  of: Injected,
  practice: Practice,
  inject: (count: number) => Promise<void>,
): Promise<Measured> {
  let count = 200;
  for (let i = 0; i < 2; i++) {
    const { perSecond } = await measure(of, practice, inject, count);
    count = Math.max(200, Math.round(perSecond * (i === 0 ? 1 : Number(values.seconds))));
  }
  return measure(of, practice, inject, count);
}

/** Bare signatures a second, in the pool of threads that signs mail. */
async function rawSignatures(): Promise<number> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const data = randomBytes(900);
  let done = 0;
  const startMs = performance.now();
  const work = async (): Promise<void> => {
    for (; performance.now() - startMs < 1000; done++)
      await new Promise((resolve) => sign('sha256', data, privateKey, resolve));
  };
  await Promise.all(Array.from({ length: 32 }, work));
  return (done * 1000) / (performance.now() - startMs);
}

/** Mails a second of the sink alone, with commands in a pipeline. */
function sinkCeiling(): number {
  const args = [
    join(import.meta.dirname, 'pipelined-source.ts'),
    `${sinkPorts.port}`,
    '40000',
    `${sizeBytes}`,
    '20',
    address,
  ];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return (JSON.parse(stdout) as { perSecond: number }).perSecond;
}

async function main(): Promise<void> {
  if (!haveLoadTools()) return console.log('smtp-source is missing: apt-get install postfix');
  const all: [string, () => Promise<Injected>][] = [['hikyaku', startHikyaku]];
  if (havePeer()) all.push(['postfix', startPeer]);
  const servers = all.filter(([name]) => values.only === undefined || values.only === name);
  for (const port of [...Object.values(sinkPorts), postfixPort, milterPort]) await mustBeFree(port);
  console.log(`${machineLine()}; ${sizeBytes} bytes, ${sessions} sessions, signed, queue on disk`);
  const results = new Results<Measured>();
  const ceilings = new Results<{ readonly signatures: number; readonly sink: number }>();
  for (let round = 1; round <= Number(values.rounds); round++) {
    await using practice = await Practice.start({ address, ...sinkPorts });
    ceilings.add('machine', { signatures: await rawSignatures(), sink: sinkCeiling() });
    for (const [name, start] of servers) {
      await using of = await start();
      for (const [way, inject] of Object.entries(of.ways)) {
        const result = await measureFor(of, practice, inject);
        results.add(`${name} ${way}`, result);
        console.log(
          `round ${round}  ${`${name} ${way}`.padEnd(14)} accepted ${result.acceptedPerSecond.toFixed(0).padStart(6)}/s  end to end ${result.perSecond.toFixed(0).padStart(6)}/s  ${result.cpuMsPerMail.toFixed(3)} ms CPU  ${result.writtenKb.toFixed(1)} KiB written a mail${result.lost > 0 ? `  ${result.lost} MISSING` : ''}`,
        );
      }
    }
  }
  report(results, ceilings);
}

function report(
  results: Results<Measured>,
  ceilings: Results<{ readonly signatures: number; readonly sink: number }>,
): void {
  const signatures = ceilings.of('machine', (one) => one.signatures);
  const sink = ceilings.of('machine', (one) => one.sink);
  const ways = ['smtp', 'http'].filter((way) => results.has(`hikyaku ${way}`));
  const of = (way: string, figure: (one: Measured) => number): number => results.of(`hikyaku ${way}`, figure);
  const peer = (figure: (one: Measured) => number): number => results.of('postfix smtp', figure);
  const ratios = (way: string): object => ({
    acceptedPerSecond: Math.round(of(way, (one) => one.acceptedPerSecond)),
    perSecond: Math.round(of(way, (one) => one.perSecond)),
    cpuMsPerMail: rounded(
      of(way, (one) => one.cpuMsPerMail),
      3,
    ),
    writtenKb: rounded(
      of(way, (one) => one.writtenKb),
      1,
    ),
    ofCeiling: rounded(of(way, (one) => one.perSecond) / Math.min(signatures, sink)),
    ...(results.has('postfix smtp')
      ? {
          acceptedRatio: rounded(
            of(way, (one) => one.acceptedPerSecond) / peer((one) => one.acceptedPerSecond),
          ),
          ratio: rounded(of(way, (one) => one.perSecond) / peer((one) => one.perSecond)),
          cpuRatio: rounded(peer((one) => one.cpuMsPerMail) / of(way, (one) => one.cpuMsPerMail)),
        }
      : {}),
  });
  finish(
    {
      rawSignaturesPerSecond: Math.round(signatures),
      sinkPerSecond: Math.round(sink),
      ...Object.fromEntries(ways.map((way) => [way, ratios(way)])),
      lost: results.all().reduce((sum, one) => sum + one.lost, 0),
    },
    values.json,
  );
}

await main();

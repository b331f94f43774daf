/**
 * Accept only: mails are taken durably and kept, none is sent on, against Postfix and Haraka in turn. What is measured is the way from the socket to a safe queue.
 *
 *   npm run bench -- accept [--json] [--rounds 3] [--seconds 4] [--size 4096] [--sessions 50] [--only hikyaku]
 *
 * Postfix defers the transport, Haraka's outbound is switched off, ours has a route to a server that takes connections and never greets.
 */
import { createServer, type Server } from 'node:net';
import { parseArgs } from 'node:util';
import { RunningServer } from '../test/running-server.ts';
import { haveLoadTools, mustBeFree, send } from './load.ts';
import {
  haveHaraka,
  havePostfix,
  machineLine,
  startHaraka,
  startPostfix,
  type QueueingRelay,
  type RelayPorts,
} from './peers.ts';
import { usageOf } from './process-tree.ts';
import { finish, limitOf, medianCores, Results, Spent, type Cores } from './rounds.ts';

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

interface Measured {
  readonly perSecond: number;
  readonly cpuMsPerMail: number;
  readonly pssMb: number;
  readonly lost: number;
  readonly cores: Cores;
}

interface Taker extends QueueingRelay {
  readonly port: number;
}

const ports: RelayPorts = { port: 12_145, sinkPort: 12_146, held: true };
const peers = ['postfix', 'haraka'];

/** Takes connections and says nothing. */
const silentServer = (port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer(() => {}).listen(port, '127.0.0.1', () => resolve(server.unref()));
  });

async function startHikyaku(): Promise<Taker> {
  const silent = await silentServer(ports.sinkPort);
  const server = await RunningServer.start({
    listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] } },
    settings: {
      hostname: 'mx.example.net',
      delivery: { ownNetworksAllowed: true },
      routes: [{ domain: '*', hosts: [`127.0.0.1:${ports.sinkPort}`] }],
    },
  });
  return {
    name: 'hikyaku',
    pid: server.pid,
    port: server.port('relay'),
    queued: () => Number(/^\S+ +(\d+) /m.exec(server.command('queue').split('\n')[1] ?? '')?.[1] ?? 0),
    [Symbol.asyncDispose]: async () => {
      silent.close();
      await server.kill();
      await server[Symbol.asyncDispose]();
    },
  };
}

const withPort = async (started: Promise<QueueingRelay>): Promise<Taker> =>
  Object.assign(await started, { port: ports.port });

async function measure(server: Taker, count: number, kept: boolean): Promise<Measured> {
  const before = server.queued();
  const spent = new Spent(server.pid);
  const startMs = performance.now();
  await send({
    port: server.port,
    count,
    sizeBytes: Number(values.size),
    sessions: Number(values.sessions),
    kept,
  });
  const wallMs = performance.now() - startMs;
  const { cores } = spent;
  return {
    perSecond: (count * 1000) / wallMs,
    cpuMsPerMail: spent.serverMs / count,
    pssMb: usageOf(server.pid).pssMb,
    lost: count - (server.queued() - before),
    cores,
  };
}

/** Short runs to find how many mails fill the time, which also warm the server up. */
async function fittingCount(server: Taker, kept: boolean): Promise<number> {
  let count = 200;
  for (const seconds of [1, 1, Number(values.seconds)]) {
    const { perSecond } = await measure(server, count, kept);
    count = Math.max(200, Math.round(perSecond * seconds));
  }
  return count;
}

async function main(): Promise<void> {
  if (!haveLoadTools()) return console.log('smtp-source is missing: apt-get install postfix');
  const all: [string, () => Promise<Taker>][] = [['hikyaku', startHikyaku]];
  if (havePostfix()) all.push(['postfix', () => withPort(startPostfix(ports))]);
  if (haveHaraka()) all.push(['haraka', () => withPort(startHaraka(ports))]);
  const servers = all.filter(([name]) => values.only === undefined || values.only === name);
  console.log(
    `${machineLine()}; ${values.size} bytes, ${values.sessions} sessions, accepted only, queue on disk`,
  );
  const results = new Results<Measured>();
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [name, start] of servers) {
      await mustBeFree(ports.port);
      await using server = await start();
      for (const kept of [true, false]) {
        const result = await measure(server, await fittingCount(server, kept), kept);
        results.add(`${name} ${kept ? 'kept' : 'new'}`, result);
        console.log(
          `round ${round}  ${name.padEnd(8)} ${kept ? 'kept' : 'new '} ${result.perSecond.toFixed(0).padStart(6)}/s  ${result.cpuMsPerMail.toFixed(3)} ms CPU a mail  ${result.pssMb.toFixed(0)} MB${result.lost === 0 ? '' : `  ${result.lost} MISSING`}`,
        );
      }
    }
  }
  const perSecond = (one: Measured): number => one.perSecond;
  const cpu = (one: Measured): number => one.cpuMsPerMail;
  finish(
    {
      ratio: results.ratios(peers, perSecond, { way: ' kept' }),
      ratioNewConnections: results.ratios(peers, perSecond, { way: ' new' }),
      cpuRatio: results.ratios(peers, cpu, { way: ' kept', less: true }),
      memoryRatio: results.ratios(peers, (one) => one.pssMb, { way: ' kept', less: true }),
      perSecond: {
        kept: Math.round(results.of('hikyaku kept', perSecond)),
        new: Math.round(results.of('hikyaku new', perSecond)),
      },
      cpuMsPerMail: { kept: results.of('hikyaku kept', cpu), new: results.of('hikyaku new', cpu) },
      lost: results.all().reduce((sum, one) => sum + one.lost, 0),
      limit: limitOf(medianCores(results.all('hikyaku kept').map((one) => one.cores))),
    },
    values.json,
  );
}

await main();

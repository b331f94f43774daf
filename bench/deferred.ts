/**
 * Mail that waits: a destination is down, so many mails are taken and deferred; what memory that takes, how long a start takes with all of them waiting, and how fast they go out once the destination
 * is back. Against Postfix, with fewer mails, as it takes long to fill.
 *
 *   npm run bench -- deferred [--json] [--count 100000] [--peer-count 10000] [--size 4096] [--only hikyaku]
 */
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { RunningServer } from '../test/running-server.ts';
import { haveLoadTools, mustBeFree, send, Sink } from './load.ts';
import { havePostfix, machineLine, startPostfix } from './peers.ts';
import { usageOf } from './process-tree.ts';
import { finish, limitOf, Results, rounded, Spent, type Cores } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '100000' },
    'peer-count': { type: 'string', default: '10000' },
    size: { type: 'string', default: '4096' },
    only: { type: 'string' },
  },
});

interface Measured {
  readonly fillPerSecond: number;
  readonly grownMb: number;
  readonly startMs: number;
  readonly drainPerSecond: number;
  /** Of the same server, with the destination up. */
  readonly relayPerSecond: number;
  readonly lost: number;
  readonly cores: Cores;
}

interface Relay extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  queued(): number;
  stop(): Promise<void>;
  /** Resolves when it takes connections. */
  again(): Promise<void>;
  /** What waits shall go out now. */
  flush(): void;
}

const sinkPort = 12_176;
const sizeBytes = Number(values.size);
const stalledMs = 60_000;
/** How long the collector has to give back what filling took. */
const restMs = 15_000;

async function startHikyaku(): Promise<Relay> {
  const server = await RunningServer.start({
    listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] } },
    settings: {
      hostname: 'mx.example.net',
      delivery: { ownNetworksAllowed: true },
      routes: [{ domain: '*', hosts: [`127.0.0.1:${sinkPort}`] }],
    },
  });
  return {
    get pid() {
      return server.pid;
    },
    port: server.port('relay'),
    queued: () =>
      [...server.command('queue').matchAll(/^\S+ +(\d+) +\d+ /gm)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      ),
    stop: () => server.stop(),
    again: async () => void (await server.begin()),
    // One that is tried and taken tells the others that somebody answers again.
    flush: () => void server.command('queue', 'retry', '--message', firstWaiting(server)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function firstWaiting(server: RunningServer): string {
  const page = JSON.parse(server.api('GET', '/api/v1/admin/queue/entries?limit=1')) as {
    items: { message: string }[];
  };
  return page.items[0]!.message;
}

async function startPeer(): Promise<Relay> {
  const port = 12_175;
  await mustBeFree(port);
  const postfix = await startPostfix({ port, sinkPort });
  return {
    get pid() {
      return postfix.pid;
    },
    port,
    queued: () => postfix.queued(),
    stop: async () => postfix.control('stop'),
    again: () => postfix.again(),
    flush: () => postfix.control('flush'),
    [Symbol.asyncDispose]: () => postfix[Symbol.asyncDispose](),
  };
}

/** Mails a second from `startMs` until the last has come. */
async function arrivals(
  sink: Sink,
  count: number,
  startMs: number,
): Promise<{ perSecond: number; arrived: number }> {
  while (sink.count < count && performance.now() - Math.max(sink.lastAtMs, startMs) < stalledMs)
    await wait(10);
  return { arrived: sink.count, perSecond: (sink.count * 1000) / (sink.lastAtMs - startMs) };
}

async function relayRate(relay: Relay, count: number): Promise<number> {
  await using sink = await Sink.start(sinkPort);
  const startMs = performance.now();
  await send({ port: relay.port, count, sizeBytes, sessions: 50, kept: true });
  return (await arrivals(sink, count, startMs)).perSecond;
}

async function measure(relay: Relay, count: number): Promise<Measured> {
  const some = Math.min(10_000, count);
  await relayRate(relay, Math.ceil(some / 4));
  const relayPerSecond = await relayRate(relay, some);
  await wait(1000);
  const beforeMb = usageOf(relay.pid).pssMb;
  const fillMs = performance.now();
  await send({ port: relay.port, count, sizeBytes, sessions: 50, kept: true });
  const fillPerSecond = (count * 1000) / (performance.now() - fillMs);
  await wait(restMs);
  const grownMb = usageOf(relay.pid).pssMb - beforeMb;
  const queued = relay.queued();
  await relay.stop();
  const startMs = performance.now();
  await relay.again();
  const startedMs = performance.now() - startMs;
  await using sink = await Sink.start(sinkPort);
  const spent = new Spent(relay.pid);
  const flushMs = performance.now();
  relay.flush();
  const { perSecond, arrived } = await arrivals(sink, count, flushMs);
  return {
    fillPerSecond,
    grownMb,
    startMs: startedMs,
    drainPerSecond: perSecond,
    relayPerSecond,
    lost: Math.max(count - queued, count - arrived),
    cores: spent.cores,
  };
}

async function main(): Promise<void> {
  if (!haveLoadTools()) return console.log('smtp-source and smtp-sink are missing: apt-get install postfix');
  await mustBeFree(sinkPort);
  const all: [string, () => Promise<Relay>, number][] = [['hikyaku', startHikyaku, Number(values.count)]];
  if (havePostfix()) all.push(['postfix', startPeer, Number(values['peer-count'])]);
  console.log(`${machineLine()}; ${sizeBytes} bytes, destination down, then up again`);
  const results = new Results<Measured>();
  for (const [name, start, count] of all) {
    if (values.only !== undefined && values.only !== name) continue;
    await using relay = await start();
    const one = await measure(relay, count);
    results.add(name, one);
    console.log(
      `${name.padEnd(8)} ${count} waiting: filled at ${one.fillPerSecond.toFixed(0)}/s, ${one.grownMb.toFixed(0)} MB more, starts in ${one.startMs.toFixed(0)} ms, drains at ${one.drainPerSecond.toFixed(0)}/s (${(one.drainPerSecond / one.relayPerSecond).toFixed(2)} of its relay rate)${one.lost === 0 ? '' : `  ${one.lost} MISSING`}`,
    );
  }
  const ours = (figure: (one: Measured) => number): number => results.of('hikyaku', figure);
  finish(
    {
      ratio: results.ratios(['postfix'], (one) => one.drainPerSecond),
      waiting: Number(values.count),
      grownMb: rounded(ours((one) => one.grownMb)),
      startMs: Math.round(ours((one) => one.startMs)),
      fillPerSecond: Math.round(ours((one) => one.fillPerSecond)),
      drainPerSecond: Math.round(ours((one) => one.drainPerSecond)),
      drainToRelay: rounded(ours((one) => one.drainPerSecond / one.relayPerSecond)),
      lost: results.all().reduce((sum, one) => sum + one.lost, 0),
      limit: results.has('hikyaku') ? limitOf(results.all('hikyaku')[0]!.cores) : '',
    },
    values.json,
  );
}

await main();

/**
 * Relay: accept durably and deliver, 4 KiB mails, against Postfix and Haraka in turn, round after round, so that a machine whose speed drifts drifts for
 * all. Ratios are of the medians. The last line is JSON with `--json`.
 *
 *   npm run bench -- relay [--json] [--rounds 3] [--seconds 4] [--size 4096] [--only hikyaku]
 */
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { haveLoadTools, mustBeFree, send, Sink } from './load.ts';
import {
  haveHaraka,
  havePostfix,
  machineLine,
  startHaraka,
  startHikyaku,
  startPostfix,
  type StartRelay,
} from './peers.ts';
import { cpuOfTree, usageOf } from './process-tree.ts';
import { finish, Results } from './rounds.ts';

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
}

const peers = ['postfix', 'haraka'];
const ports = { port: 12_125, sinkPort: 12_126 };
const sizeBytes = Number(values.size);
const sessions = Number(values.sessions);
/** Without progress for so long, what is missing is counted as lost. */
const stalledMs = 15_000;

async function measure(relay: { pid: number }, sink: Sink, count: number, kept: boolean): Promise<Measured> {
  const before = sink.count;
  const cpuBefore = cpuOfTree(relay.pid);
  const startMs = performance.now();
  await send({ port: ports.port, count, sizeBytes, sessions, kept });
  while (sink.count - before < count && performance.now() - Math.max(sink.lastAtMs, startMs) < stalledMs)
    await wait(5);
  const arrived = sink.count - before;
  const wallMs = sink.lastAtMs - startMs;
  const usage = usageOf(relay.pid);
  return {
    perSecond: (arrived * 1000) / wallMs,
    cpuMsPerMail: (cpuOfTree(relay.pid) - cpuBefore) / Math.max(1, arrived),
    pssMb: usage.pssMb,
    lost: count - arrived,
  };
}

/** A short run to find how many mails fill the time, which also warms the server up. */
async function fittingCount(relay: { pid: number }, sink: Sink, kept: boolean): Promise<number> {
  let count = 200;
  for (let i = 0; i < 3; i++) {
    const { perSecond } = await measure(relay, sink, count, kept);
    count = Math.max(200, Math.round(perSecond * (i < 2 ? 1 : Number(values.seconds))));
  }
  return count;
}

async function main(): Promise<void> {
  if (!haveLoadTools()) {
    console.log('smtp-source and smtp-sink are missing: apt-get install postfix');
    return;
  }
  const all: [string, StartRelay][] = [['hikyaku', startHikyaku]];
  if (havePostfix()) all.push(['postfix', startPostfix]);
  if (haveHaraka()) all.push(['haraka', startHaraka]);
  const servers = all.filter(([name]) => values.only === undefined || values.only === name);
  console.log(`${machineLine()}; ${sizeBytes} bytes, ${sessions} sessions, queue on disk`);
  const results = new Results<Measured>();
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [name, start] of servers) {
      for (const port of Object.values(ports)) await mustBeFree(port);
      await using sink = await Sink.start(ports.sinkPort);
      await using relay = await start(ports);
      for (const kept of [true, false]) {
        const count = await fittingCount(relay, sink, kept);
        const result = await measure(relay, sink, count, kept);
        const key = `${name} ${kept ? 'kept' : 'new'}`;
        results.add(key, result);
        console.log(
          `round ${round}  ${key.padEnd(14)} ${result.perSecond.toFixed(0).padStart(6)}/s  ${result.cpuMsPerMail.toFixed(3)} ms CPU a mail  ${result.pssMb.toFixed(0)} MB${result.lost > 0 ? `  ${result.lost} MISSING` : ''}`,
        );
      }
    }
  }
  report(results);
}

function report(results: Results<Measured>): void {
  const perSecond = (one: Measured): number => one.perSecond;
  const cpu = (one: Measured): number => one.cpuMsPerMail;
  finish(
    {
      ratio: results.ratios(peers, perSecond, { way: ' kept' }),
      ratioNewConnections: results.ratios(peers, perSecond, { way: ' new' }),
      cpuRatio: results.ratios(peers, cpu, { way: ' kept', less: true }),
      cpuRatioNewConnections: results.ratios(peers, cpu, { way: ' new', less: true }),
      memoryRatio: results.ratios(peers, (one) => one.pssMb, { way: ' kept', less: true }),
      perSecond: {
        kept: Math.round(results.of('hikyaku kept', perSecond)),
        new: Math.round(results.of('hikyaku new', perSecond)),
      },
      cpuMsPerMail: { kept: results.of('hikyaku kept', cpu), new: results.of('hikyaku new', cpu) },
      lost: results.all().reduce((sum, one) => sum + one.lost, 0),
    },
    values.json,
  );
}

await main();

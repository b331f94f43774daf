/**
 * A million messages that wait, for ten thousand mail servers: how long a start takes, how much memory they need, how long commands of the operator take, and how fast
 * they go out once the servers answer. Filled by the queue's own operation, one message and one commit's share each.
 *
 *   npm run bench -- million [--json] [--count 1000000] [--sites 10000] [--size 4096] [--drain-seconds 60]
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { openStoreHost } from '../src/app/open-store.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { accept, acceptArgs } from '../src/queue/rows/accept.ts';
import { testSubmission } from '../src/queue/testing.ts';
import { RunningServer } from '../test/running-server.ts';
import { mustBeFree } from './load.ts';
import { machineLine } from './peers.ts';
import { Practice } from './practice.ts';
import { usageOf } from './process-tree.ts';
import { finish, median, rounded } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '1000000' },
    sites: { type: 'string', default: '10000' },
    size: { type: 'string', default: '4096' },
    'drain-seconds': { type: 'string', default: '60' },
  },
});
const [count, sites, sizeBytes] = [Number(values.count), Number(values.sites), Number(values.size)];
const address = '127.44.64.1';
const ports = { port: 12_225, dnsPort: 12_253, controlPort: 12_254 };
const outstandingMax = 256;
const restMs = 10_000;

const body = Buffer.from(
  `From: sender@here.test\r\nTo: someone@there.test\r\nSubject: One of many\r\n\r\n${'A line of text as people write them.\r\n'.repeat(Math.ceil(sizeBytes / 38))}`,
);

/** Not due before `notBeforeMs`: all of them wait. */
async function fill(server: RunningServer, notBeforeMs: number): Promise<number> {
  await using host = await openStoreHost(server.settings, silentLog);
  const startMs = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const message = {
        notBeforeMs,
        stream: 'bulk',
        campaign: `c${i % 10}`,
        sizeBytes: body.length,
      } as const;
      const submission = testSubmission(systemClock, [`user${i}@site${(i % sites) + 1}.example`], message);
      await host.store.write(
        accept,
        acceptArgs(0, { ...submission, body: { is: 'inline', bytes: body } }, []),
      );
    }
  };
  await Promise.all(Array.from({ length: outstandingMax }, work));
  return (count * 1000) / (performance.now() - startMs);
}

interface Timed {
  readonly command: string;
  /** Of the whole command, the start of its own process included. */
  readonly ms: number;
}

function timed(server: RunningServer, args: readonly string[]): Timed {
  const runs = Array.from({ length: 3 }, () => {
    const startMs = performance.now();
    const { status, said } = server.tryCommand(...args);
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${said.slice(0, 300)}`);
    return performance.now() - startMs;
  });
  return { command: args.join(' '), ms: Math.round(median(runs)) };
}

/** What any command costs before it has asked anything. */
function bareCommandMs(): number {
  const runs = Array.from({ length: 3 }, () => {
    const startMs = performance.now();
    spawnSync(process.execPath, [join(import.meta.dirname, '../bin/hikyaku.ts'), '--version']);
    return performance.now() - startMs;
  });
  return Math.round(median(runs));
}

const commands = [
  ['queue'],
  ['queue', 'list'],
  ['queue', 'list', '--destination', 'site77.example'],
  ['queue', 'hold', '--destination', 'site78.example'],
  ['queue', 'release', '--destination', 'site78.example'],
  ['queue', 'delete', '--destination', 'site79.example'],
];

interface Drained {
  readonly perSecond: number;
  readonly cpuMsPerMail: number;
  /** How long the command took that let all go; undefined when it had not ended by the end of the time. */
  readonly retryMs: number | undefined;
}

/** From the first mail that comes, once a command lets all go, until the last or until the time is up. */
async function drain(server: RunningServer, practice: Practice): Promise<Drained> {
  const cpuBefore = usageOf(server.pid).cpuMs;
  const startMs = performance.now();
  let retryMs: number | undefined;
  const command = ['bin/hikyaku.ts', '--config', server.settingsFile, 'queue', 'retry', '--all'];
  const child = spawn(process.execPath, command, { cwd: join(import.meta.dirname, '..'), stdio: 'ignore' });
  child.once('exit', () => {
    retryMs = Math.round(performance.now() - startMs);
  });
  const untilMs = startMs + Number(values['drain-seconds']) * 1000;
  let [arrived, firstMs, lastMs] = [0, startMs, startMs];
  while (performance.now() < untilMs && arrived < count) {
    await wait(100);
    const { messages } = await practice.report();
    if (messages > arrived) lastMs = performance.now();
    if (arrived === 0) firstMs = lastMs;
    arrived = messages;
  }
  child.kill();
  const cpuMs = usageOf(server.pid).cpuMs - cpuBefore;
  return {
    perSecond: (arrived * 1000) / Math.max(1, lastMs - firstMs),
    cpuMsPerMail: cpuMs / Math.max(1, arrived),
    retryMs,
  };
}

async function main(): Promise<void> {
  for (const port of Object.values(ports)) await mustBeFree(port);
  console.log(`${machineLine()}; ${count} messages of ${sizeBytes} bytes to ${sites} sites, queue on disk`);
  await using server = await RunningServer.prepare({
    listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] }, http: {} },
    settings: {
      hostname: 'mx.here.test',
      threads: 1,
      dns: { servers: [`${address}:${ports.dnsPort}`] },
      delivery: { port: ports.port, ownNetworksAllowed: true, mtaSts: false },
    },
  });
  const dayMs = 86_400_000;
  const fillPerSecond = await fill(server, systemClock.nowMs() + dayMs);
  console.log(`filled at ${Math.round(fillPerSecond)}/s`);
  const startMs = await server.begin();
  await wait(restMs);
  const waiting = usageOf(server.pid);
  console.log(`start in ${Math.round(startMs)} ms; ${Math.round(waiting.pssMb)} MB with all of them waiting`);
  const bareMs = bareCommandMs();
  const latencies = commands.map((args) => timed(server, args));
  for (const { command, ms } of latencies) console.log(`${String(ms).padStart(6)} ms  hikyaku ${command}`);
  console.log(`${String(bareMs).padStart(6)} ms  hikyaku --version`);
  await using practice = await Practice.start({
    address,
    ...ports,
    scenario: `[[providers]]\nname = "many"\npattern = "site*.example"\ncount = ${sites}\naddresses = 32\n`,
  });
  const { perSecond, cpuMsPerMail, retryMs } = await drain(server, practice);
  console.log(`${String(retryMs ?? 'not yet').padStart(6)} ms  hikyaku queue retry --all, while mail leaves`);
  const draining = usageOf(server.pid);
  console.log(
    `drained at ${Math.round(perSecond)}/s, ${cpuMsPerMail.toFixed(3)} ms of processor time each; ${Math.round(draining.pssMb)} MB, peak ${Math.round(server.peakMb())} MB resident`,
  );
  const stopAtMs = performance.now();
  const peakMb = Math.round(server.peakMb());
  await server.stop();
  const stopMs = performance.now() - stopAtMs;
  const againMs = await server.begin();
  finish(
    {
      count,
      sites,
      fillPerSecond: Math.round(fillPerSecond),
      startMs: Math.round(startMs),
      waitingMb: Math.round(waiting.pssMb),
      bareCommandMs: bareMs,
      commands: Object.fromEntries(latencies.map(({ command, ms }) => [command, ms])),
      retryAllMs: retryMs ?? null,
      drainPerSecond: Math.round(perSecond),
      drainCpuMsPerMail: rounded(cpuMsPerMail, 3),
      drainingMb: Math.round(draining.pssMb),
      peakMb,
      stopMs: Math.round(stopMs),
      startMidwayMs: Math.round(againMs),
    },
    values.json,
  );
}

await main();

/**
 * What one mail costs the protocol thread from `accept` to its settled outcome: queue and SMTP client, against a sink in another thread, with a store that
 * answers at once (`null`) the one of the tests (`sqlite`, whose writer runs in this thread too), or the real one (`threads`).
 *
 *   node src/delivery/client.bench.ts [--mails 20000] [--sessions 50] [--store null|sqlite|threads] [--chunking] [--port N]
 *
 * `--port` names a sink of one's own (smtp-sink -c 127.0.0.1:2600 2048).
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { listen } from '../net/listener.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { migrations } from '../queue/migrations.ts';
import { openQueueStore, testQueue, testSubmission } from '../queue/testing.ts';
import { openSqlite } from '../store/open-sqlite.ts';
import type { Store } from '../store/store.ts';
import { remoteTo } from './testing.ts';

const { values } = parseArgs({
  options: {
    mails: { type: 'string', default: '20000' },
    sessions: { type: 'string', default: '50' },
    size: { type: 'string', default: '4096' },
    store: { type: 'string', default: 'null' },
    port: { type: 'string' },
    chunking: { type: 'boolean', default: false },
  },
});

const closers: (() => Promise<void>)[] = [];

if (isMainThread) await measure();
else await sink();

/** Takes everything: as little work as a server can have. */
async function sink(): Promise<void> {
  const { chunking } = workerData as { chunking: boolean };
  const end = Buffer.from('\r\n.\r\n');
  const listener = await listen({ host: '127.0.0.1', port: 0, clock: systemClock }, (connection) => {
    let inText = false;
    let skip = 0;
    let tail = Buffer.alloc(0);
    connection.write('220 sink ESMTP\r\n');
    connection.onData((given) => {
      let chunk = tail.length > 0 ? Buffer.concat([tail, given]) : given;
      tail = Buffer.alloc(0);
      while (chunk.length > 0) {
        if (skip > 0) {
          const taken = Math.min(skip, chunk.length);
          skip -= taken;
          chunk = chunk.subarray(taken);
          if (skip === 0) connection.write('250 2.0.0 OK\r\n');
          continue;
        }
        if (inText) {
          const at = chunk.indexOf(end);
          if (at === -1) {
            tail = Buffer.from(chunk.subarray(-4));
            return;
          }
          inText = false;
          chunk = chunk.subarray(at + 5);
          connection.write('250 2.0.0 OK\r\n');
          continue;
        }
        const lf = chunk.indexOf(10);
        if (lf === -1) {
          tail = Buffer.from(chunk);
          return;
        }
        const line = chunk.toString('latin1', 0, lf - 1);
        chunk = chunk.subarray(lf + 1);
        if (line.startsWith('EHLO'))
          connection.write(
            `250-sink\r\n${chunking ? '250-CHUNKING\r\n' : ''}250-PIPELINING\r\n250 8BITMIME\r\n`,
          );
        else if (line === 'DATA') {
          inText = true;
          connection.write('354 go\r\n');
        } else if (line.startsWith('BDAT')) skip = Number(line.split(' ')[1]);
        else connection.write('250 2.1.0 OK\r\n');
      }
    });
  });
  parentPort!.postMessage(listener.address.port);
}

/** Answers at the end of the turn, as a group commit would, and keeps nothing. */
function nullStore(): Store {
  return {
    engine: 'sqlite',
    bodies: undefined as never,
    read: async () => ({ rows: [], next: undefined }) as never,
    write: (operation) =>
      new Promise((resolve) =>
        setImmediate(() => resolve((operation.name === 'queue.claim' ? 1 : [0]) as never)),
      ),
    scan: async () => [] as never,
    onHint: () => ({ [Symbol.dispose]: () => {} }),
    [Symbol.asyncDispose]: async () => {},
  } as Partial<Store> as Store;
}

async function openStore(kind: string): Promise<Store> {
  if (kind === 'null') return nullStore();
  if (kind === 'sqlite') return openQueueStore();
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-bench-'));
  const host = await openSqlite({
    folder,
    migrations: [...eventMigrations, ...migrations],
    operations: new URL('../queue/operations.ts', import.meta.url).href,
  });
  closers.push(async () => {
    await host[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  return host.store;
}

async function measure(): Promise<void> {
  const worker = values.port
    ? undefined
    : new Worker(new URL(import.meta.url), {
        workerData: { chunking: values.chunking },
        argv: process.argv.slice(2),
      });
  const port = worker ? ((await once(worker, 'message')) as [number])[0] : Number(values.port);
  const store = await openStore(values.store);
  const remote = remoteTo(port);
  let outcomes = 0;
  let finish: (() => void) | undefined;
  const mails = Number(values.mails);
  const queue = testQueue({
    store,
    clock: systemClock,
    // Nothing may have to be read again: the null store has kept nothing.
    with: { windowMax: 1_000_000, entriesMax: 1_000_000, bodyMemoryBytes: 1e9 },
    route: (destination) => remote.route(destination),
    deliver: async (attempt) => {
      const result = await remote.deliver(attempt);
      if (result.outcomes[0]!.is !== 'delivered') throw new Error(JSON.stringify(result));
      if (++outcomes === mails) finish?.();
      return result;
    },
  });
  await queue.start();
  const line = `${'X'.repeat(78)}\r\n`;
  const bytes = Buffer.from(`Subject: bench\r\n\r\n${line.repeat(Number(values.size) / 80)}`);
  let sent = 0;
  const session = async (): Promise<void> => {
    while (sent < mails) {
      sent += 1;
      const submission = testSubmission(systemClock, ['u@there.test'], { sizeBytes: bytes.length });
      await queue.accept({ ...submission, body: { is: 'inline', bytes } }, []);
    }
  };
  for (const round of ['warm-up', 'measured']) {
    sent = round === 'warm-up' ? mails / 2 : 0;
    outcomes = sent;
    const cpu = process.threadCpuUsage();
    const cpuAll = process.cpuUsage();
    const startMs = performance.now();
    const done = new Promise<void>((resolve) => (finish = resolve));
    await Promise.all(Array.from({ length: Number(values.sessions) }, session));
    await done;
    const ms = performance.now() - startMs;
    const used = process.threadCpuUsage(cpu);
    const usedAll = process.cpuUsage(cpuAll);
    const count = round === 'warm-up' ? mails / 2 : mails;
    const perMail = (used.user + used.system) / count;
    console.log(
      `${round}: ${Math.round((count / ms) * 1000)} mails/s, ${perMail.toFixed(1)} µs of this thread and ${((usedAll.user + usedAll.system) / count).toFixed(1)} µs of all threads (the sink's too) for each, ${remote.connections} connections`,
    );
  }
  await queue.stop();
  remote.stop();
  await worker?.terminate();
  await store[Symbol.asyncDispose]();
  for (const close of closers) await close();
}

/**
 * Local delivery into mailboxes: durable placements a second through the SQLite engine. `node src/mailbox/place.bench.ts [count] [outstanding] [accounts]`
 *
 * Each is a 4 KiB message, placed with quota, uid, modseq, thread and event in one transaction. Preparing it (MIME index, envelope, preview), which
 * protocol threads do, is timed apart. Prints placements a second, CPU of the calling thread and of all others for each, and latency.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountId, MessageId } from '../base/ids.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { openSqlite } from '../store/open-sqlite.ts';
import type { Store } from '../store/store.ts';
import { prepareEmail } from './email-facts.ts';
import { migrations } from './migrations.ts';
import { type Placement, place } from './place.ts';

const [count = 40_000, outstanding = 64, accounts = 200] = process.argv.slice(2).map(Number);

const line = 'The quick brown fox jumps over the lazy dog, again and again.\r\n';

function placement(n: number): Placement {
  const head = [
    'Received: from there.test (there.test [192.0.2.1]) by here.test with ESMTP; Mon, 1 Jun 2026 10:00:00 +0000',
    'From: Bob <bob@there.test>',
    `To: user${n % accounts}@here.test`,
    `Subject: message ${n}`,
    'Date: Mon, 1 Jun 2026 10:00:00 +0000',
    `Message-ID: <${n}@there.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ].join('\r\n');
  const bytes = Buffer.from(`${head}\r\n\r\n${line.repeat(58)}`);
  return {
    account: `account${n % accounts}` as AccountId,
    mailbox: { role: 'inbox' },
    key: `${n}/0`,
    flags: 0,
    keywords: [],
    receivedAtMs: 1_780_000_000_000 + n,
    body: { is: 'inline', bytes },
    email: prepareEmail(bytes),
    events: [
      {
        is: 'stored',
        atMs: 1,
        message: `${n}` as MessageId,
        org: 'o',
        recipient: `user${n % accounts}@here.test`,
        data: { account: `account${n % accounts}`, mailbox: '', uid: 0, ms: 1 },
      },
    ],
  };
}

async function run(store: Store, from: number, ready: readonly Placement[]): Promise<readonly number[]> {
  const until = from + ready.length;
  const latencies: number[] = [];
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < until) {
      const one = ready[next++ - from]!;
      const begun = performance.now();
      await store.write(place, one);
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: outstanding }, worker));
  return latencies.sort((a, b) => a - b);
}

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? '.', 'place-bench-'));
try {
  await using host = await openSqlite({
    folder,
    migrations: [...eventMigrations, ...migrations],
    operations: new URL('operations.ts', import.meta.url).href,
  });
  const made = (from: number, size: number): Placement[] =>
    Array.from({ length: size }, (_, i) => placement(from + i));
  await run(host.store, 0, made(0, Math.max(accounts, Math.floor(count / 10))));
  const prepared = performance.now();
  const placements = made(count, count);
  const prepareMicros = ((performance.now() - prepared) * 1000) / count;
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const own = process.threadCpuUsage();
  const latencies = await run(host.store, count, placements);
  const seconds = (performance.now() - begun) / 1000;
  const all = process.cpuUsage(cpu);
  const mine = process.threadCpuUsage(own);
  const perPlacement = (usage: NodeJS.CpuUsage): number => (usage.user + usage.system) / count;
  console.log(
    JSON.stringify({
      placementsPerSecond: Math.round(count / seconds),
      prepareMicros: Math.round(prepareMicros),
      callingThreadMicros: Math.round(perPlacement(mine)),
      otherThreadsMicros: Math.round(perPlacement(all) - perPlacement(mine)),
      latencyMs: [0.5, 0.99].map((p) => Number(latencies[Math.floor(latencies.length * p)]!.toFixed(1))),
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

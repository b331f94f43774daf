/**
 * Opening and reading a mailbox of many messages. `node src/mailbox/view.bench.ts [messages]`
 *
 * - cold: SELECT of a mailbox that is not in memory: from its rows, through the scan thread (started by the first), and from a snapshot.
 * - flags: reading uid and flags of every message, as FETCH 1:* FLAGS does, from memory.
 * - follow: one message is placed, and the open session has it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { openSqlite } from '../store/open-sqlite.ts';
import { noFlags } from './flags.ts';
import { mailboxId } from './ids.ts';
import { Mailboxes } from './mailboxes.ts';
import { migrations } from './migrations.ts';
import { append } from './rules/append.ts';
import { createAccountStore } from './rules/tree.ts';

const [count = 50_000] = process.argv.slice(2).map(Number);
const account = 'alice' as AccountId;
const body = { is: 'inline', bytes: Buffer.from('Subject: x\r\n\r\nHello\r\n') } as const;
const email = { sizeBytes: 4096, sentAtMs: undefined, references: [], subject: 1, details: '{}' } as const;

async function timed<R>(name: string, work: () => Promise<R> | R): Promise<R> {
  const begun = performance.now();
  const result = await work();
  console.log(`${name.padEnd(24)} ${(performance.now() - begun).toFixed(1)} ms`);
  return result;
}

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? '.', 'view-bench-'));
try {
  await using host = await openSqlite({
    folder,
    migrations: [...eventMigrations, ...migrations],
    operations: new URL('operations.ts', import.meta.url).href,
  });
  const { store } = host;
  const parts = { store, clock: systemClock, log: silentLog, metrics: noMetrics };
  await store.write(createAccountStore, { account, nowMs: 1, quotaBytes: 0 });
  for (let at = 0; at < count; at += 500) {
    const messages = Array.from({ length: Math.min(500, count - at) }, (_, i) => ({
      flags: noFlags,
      receivedAtMs: 1_780_000_000_000 + i,
      body,
      email,
    }));
    await store.write(append, { account, mailbox: 1, messages, nowMs: 1 });
  }
  const inbox = mailboxId(1);
  const cold = async (name: string, snapshotMin: number): Promise<void> => {
    using mailboxes = new Mailboxes({ ...parts, snapshotMin });
    using session = await timed(name, () => mailboxes.open(account, inbox));
    if (session.count !== count) throw new Error(`${session.count} messages`);
    // What is written behind this is written after the snapshot.
    await store.write(createAccountStore, { account, nowMs: 1, quotaBytes: 0 });
  };
  for (let i = 0; i < 3; i++) await cold('cold, from rows', Infinity);
  await cold('cold, saves a snapshot', 1);
  for (let i = 0; i < 3; i++) await cold('cold, from the snapshot', 1);
  using mailboxes = new Mailboxes(parts);
  const before = process.memoryUsage();
  using session = await mailboxes.open(account, inbox);
  const after = process.memoryUsage();
  console.log(
    `memory                   ${((after.arrayBuffers - before.arrayBuffers) / count).toFixed(0)} bytes a message`,
  );
  await timed('open, in memory', async () => (await mailboxes.open(account, inbox))[Symbol.dispose]());
  await timed('flags of all', () => {
    let sum = 0;
    for (let sequence = 1; sequence <= session.count; sequence++) {
      const at = session.view.positionOf(session.uidOf(sequence));
      sum += session.view.uidAt(at) + session.view.systemFlagsAt(at) + session.view.keywordsAt(at).length;
    }
    return sum;
  });
  await timed('append and follow', async () => {
    await mailboxes.append(account, inbox, [{ flags: noFlags, receivedAtMs: 1, body, email }]);
    if (session.sync({ expunge: true }).exists !== count + 1) throw new Error('not told');
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

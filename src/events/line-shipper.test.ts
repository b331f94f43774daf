import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../base/clock.ts';
import type { MessageId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import { forget, move } from './ledger.ts';
import { LineShipper } from './line-shipper.ts';
import { migrations } from './migrations.ts';
import { operations, recordEvents } from './operations.ts';

/** What happens from now on is shipped. */
async function begun(store: Store, target: string): Promise<void> {
  const mark = () => rows('select seq from events.shipped where target = ?', target);
  while ((await store.read(mark)).length === 0) await wait(5);
}

test('events are shipped from when it is switched on, each once, over a stop, into files that are turned over', async () => {
  await using store = await openTestStore({ migrations, operations });
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-ship-'));
  const target = join(folder, 'log', 'mail.jsonl');
  const put = async (...messages: readonly string[]): Promise<void> => {
    const data = { action: 'held', by: 'x', why: 'y'.repeat(300) } as const;
    await store.write(
      recordEvents,
      messages.map((id) => ({
        is: 'managed',
        atMs: 1,
        message: id as MessageId,
        org: '',
        recipient: '',
        data,
      })),
    );
    await store.write(move, undefined);
    await store.write(forget, undefined);
  };
  const lines = (): string[] =>
    ['.3', '.2', '.1', '']
      .map((end) => target + end)
      .filter((file) => existsSync(file))
      .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1))
      .map((line) => (JSON.parse(line) as { message: string }).message);
  const until = async (count: number): Promise<void> => {
    while (lines().length < count) await wait(10);
  };
  const start = () =>
    new LineShipper({ store, clock: systemClock, log: silentLog, target, fileMaxBytes: 500, filesKept: 3 });
  try {
    await put('before');
    const first = start();
    await begun(store, target);
    await put('a', 'b');
    await until(2);
    await first[Symbol.asyncDispose]();
    await put('c');
    await using _ = start();
    await until(3);
    await put('d');
    await until(4);
    assert.deepEqual(lines(), ['a', 'b', 'c', 'd']);
    assert.equal(existsSync(`${target}.1`), true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

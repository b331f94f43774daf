import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import { systemClock } from '../base/clock.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { operations as eventOperations } from '../events/operations.ts';
import { ofMessage } from '../events/ledger.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import { migrations } from './migrations.ts';
import type { OnceKey } from './message.ts';
import { operations } from './operations.ts';
import { forgetOnce, keepOnce, keptFor } from './rows/once.ts';
import { all, busy, openQueueStore, testQueue, testSubmission } from './testing.ts';

const hourMs = 3_600_000;
const to = ['somebody@there.example'];

const once = (key: string, more: Partial<OnceKey> = {}): OnceKey => ({
  scope: 'org',
  key,
  digest: 'd1',
  answer: 'first',
  expiresAtMs: systemClock.nowMs() + hourMs,
  ...more,
});

const never = async (): Promise<never> => Promise.reject(new Error('not in this test'));
const idle = (store: Store) => testQueue({ store, clock: systemClock, deliver: never });

const messages = async (store: Store): Promise<number> =>
  (await store.read(() => rows('select id from queue_message'))).length;

function contract(open: () => Promise<Store>): void {
  test('a key is taken with the first message; later ones get what was kept and are not queued', async () => {
    await using store = await open();
    const queue = idle(store);
    const first = testSubmission(systemClock, to);
    assert.equal(await queue.accept({ ...first, once: once('k') }, []), undefined);
    const again = await queue.accept(
      { ...testSubmission(systemClock, to), once: once('k', { answer: 'x' }) },
      [],
    );
    assert.deepEqual(again, { digest: 'd1', message: first.message.id, answer: 'first' });
    assert.equal(await messages(store), 1);
    assert.equal(
      await queue.accept({ ...testSubmission(systemClock, to), once: once('k', { scope: 'other' }) }, []),
      undefined,
    );
    assert.equal(await messages(store), 2, 'scopes do not see each other');
  });

  test('of many at the same moment one is queued, and all hear of it', async () => {
    await using store = await open();
    const queue = idle(store);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        queue.accept({ ...testSubmission(systemClock, to), once: once('k') }, []),
      ),
    );
    assert.equal(answers.filter((one) => one === undefined).length, 1);
    assert.equal(new Set(answers.map((one) => one?.message)).size, 2);
    assert.equal(await messages(store), 1);
  });

  test('a key that has expired is free, and is swept', async () => {
    await using store = await open();
    const queue = idle(store);
    const old = once('k', { expiresAtMs: systemClock.nowMs() - 1 });
    await queue.accept({ ...testSubmission(systemClock, to), once: old }, []);
    assert.equal(await store.read(() => keptFor('org', 'k', systemClock.nowMs())), undefined);
    assert.equal(await queue.accept({ ...testSubmission(systemClock, to), once: once('k') }, []), undefined);
    assert.equal(await store.write(keepOnce, { once: once('batch'), nowMs: systemClock.nowMs() }), undefined);
    assert.equal(
      (await store.write(keepOnce, { once: once('batch'), nowMs: systemClock.nowMs() }))?.answer,
      'first',
    );
    await store.write(forgetOnce, { nowMs: systemClock.nowMs() + 2 * hourMs });
    assert.deepEqual(await store.read(() => rows('select key from queue_once')), []);
  });

  test('what waits for its time can be moved and taken back, by its organisation and as long as none of it is due', async () => {
    await using store = await open();
    const queue = testQueue({ store, clock: systemClock, deliver: async (attempt) => all(attempt, busy) });
    await queue.start();
    const notBeforeMs = systemClock.nowMs() + hourMs;
    const later = testSubmission(systemClock, [...to, 'else@other.example'], { notBeforeMs });
    const now = testSubmission(systemClock, to);
    await queue.accept(later, []);
    await queue.accept(now, []);
    const { id } = later.message;
    const mine = { org: 'org', by: 'key:1' };
    assert.equal(await queue.reschedule(id, { ...mine, org: 'other' }), 'absent');
    assert.equal(await queue.reschedule(now.message.id, mine), 'begun');
    assert.equal(await queue.reschedule(id, { ...mine, notBeforeMs: notBeforeMs + hourMs }), 'done');
    const shown = await queue.show(id);
    assert.equal(shown?.message.notBeforeMs, notBeforeMs + hourMs);
    assert.equal(shown?.message.expiresAtMs, later.message.expiresAtMs + hourMs);
    assert.deepEqual(
      shown?.entries.map(({ nextTryAtMs }) => nextTryAtMs),
      [notBeforeMs + hourMs, notBeforeMs + hourMs],
    );
    assert.equal(await queue.reschedule(id, mine), 'done');
    assert.equal(await queue.show(id), undefined);
    assert.equal(await queue.reschedule(id, mine), 'absent');
    const told = await store.read(() => ofMessage(id));
    assert.deepEqual(
      told.map((event) => event.is === 'managed' && event.data.action),
      ['moved', 'cancelled'],
    );
    await queue.stop();
  });
}

contract(openQueueStore);
describePostgres('idempotency keys and scheduled mail on PostgreSQL', (openStore) =>
  contract(() =>
    openStore({
      migrations: [...eventMigrations, ...migrations],
      operations: [...operations, ...eventOperations],
    }),
  ),
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import { sleep, systemClock } from '../base/clock.ts';
import { move } from '../events/ledger.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { operations as eventOperations } from '../events/operations.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import type { AttemptRecipient, Outcome } from './attempt.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { takeSeat } from './rows/seat.ts';
import { beginSweep } from './rows/sweep.ts';
import { all, busy, delivered, refused, testQueue, testSubmission } from './testing.ts';

const outcomes: Readonly<Record<string, Outcome>> = { good: delivered, bad: refused, later: busy };

const outcomeOf = ({ address }: AttemptRecipient): Outcome => {
  const [name = ''] = address.split('@');
  if (name !== 'alias') return outcomes[name]!;
  const to = ['good@x.example', 'bad@x.example'].map((address) => ({ address, destination: 'x.example' }));
  return { is: 'redirected', to, why: 'alias' };
};

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await sleep(systemClock, 10);
  }
  assert.fail('it did not come to that');
}

const entries = (store: Store): Promise<readonly { address: string; due: number }[]> =>
  store.read(() => rows<{ address: string; due: number }>('select address, due from queue_entry'));

describePostgres('queue on PostgreSQL', (openStore) => {
  const open = (): Promise<Store> =>
    openStore({
      migrations: [...eventMigrations, ...migrations],
      operations: [...operations, ...eventOperations],
    });

  test('mail is delivered, refused, redirected, deferred and managed as on SQLite', async () => {
    await using store = await open();
    const queue = testQueue({
      store,
      clock: systemClock,
      deliver: async ({ recipients }) => ({ outcomes: recipients.map(outcomeOf), conversations: [] }),
    });
    await queue.start();
    for (const name of ['good', 'bad', 'later', 'alias'])
      await queue.accept(testSubmission(systemClock, [`${name}@x.example`]), []);
    await until(async () => {
      const [left, ...more] = await entries(store);
      return more.length === 0 && left?.address === 'later@x.example' && left.due > systemClock.nowMs();
    });
    const told = await store.read(() =>
      rows<{ kind: string; recipient: string }>(
        'select kind, recipient from outbox order by kind, recipient',
      ),
    );
    assert.deepEqual(
      told.map(({ kind, recipient }) => `${kind} ${recipient}`),
      [
        'bounced bad@x.example',
        'bounced bad@x.example',
        'deferred later@x.example',
        'delivered good@x.example',
        'delivered good@x.example',
        'redirected alias@x.example',
      ],
    );
    assert.equal((await queue.manage('hold', {}, 'admin')).count, 1);
    assert.equal((await queue.summary())[0]!.held, 1);
    assert.equal((await queue.manage('delete', { recipient: '@x.example' }, 'admin')).count, 1);
    assert.deepEqual(await entries(store), []);
    assert.equal((await store.write(move, undefined)).count, told.length + 2, 'the ledger takes them all');
    await queue.stop();
  });

  test('a change of many entries goes through the queue in pieces', async () => {
    await using store = await open();
    const queue = testQueue({ store, clock: systemClock, deliver: async (a) => all(a, delivered) });
    await queue.start();
    const notBeforeMs = systemClock.nowMs() + 3_600_000;
    for (let i = 0; i < 30; i++)
      for (const stream of ['bulk', 'transactional'] as const)
        await queue.accept(
          testSubmission(systemClock, [`u${i}@d${i % 3}.example`], { stream, notBeforeMs }),
          [],
        );
    const order = {
      action: 'hold',
      filter: { org: 'org', sender: '@here.example' },
      by: 'a',
      why: '',
    } as const;
    const sweep = { ...order, atMs: systemClock.nowMs() };
    await store.write(beginSweep, { shard: 0, id: 'one', order: sweep, from: undefined, done: 0 });
    await until(async () => (await queue.sweeps('org'))[0]?.endedAtMs !== 0);
    assert.equal((await queue.sweeps())[0]!.done, 60);
    const sums = await queue.summary('org');
    assert.deepEqual(
      sums.map(({ held, waiting }) => [held, waiting]),
      [
        [20, 0],
        [20, 0],
        [20, 0],
      ],
    );
    assert.deepEqual(await queue.summary('other'), []);
    await queue.stop();
  });

  test('each thread of each node has a shard of its own, the same one over restarts', async () => {
    await using store = await open();
    const seat = (node: string, thread: number) => store.write(takeSeat, { node, thread });
    const seats = await Promise.all([seat('a', 0), seat('b', 0), seat('a', 1), seat('b', 1)]);
    assert.deepEqual(
      seats.toSorted((x, y) => x - y),
      [0, 1, 2, 3],
    );
    assert.equal(await seat('b', 0), seats[1]);
  });

  test('a shard has one owner, by the clock of the server, and is free at once when it is given up', async () => {
    await using store = await open();
    const parts = { store, clock: systemClock, deliver: async () => Promise.reject(new Error('none')) };
    const one = testQueue({ ...parts, owner: 'one' });
    const two = testQueue({ ...parts, owner: 'two' });
    await one.start();
    await two.start();
    const owner = async () =>
      (await store.read(() => rows<{ owner: string }>('select owner from queue_shard')))[0]!.owner;
    assert.equal(await owner(), 'one');
    await one.stop();
    await until(async () => (await owner()) === 'two');
    await two.stop();
    assert.equal(await owner(), '');
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import { Refusal } from '../base/refusal.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import type { Sweep } from './filter.ts';
import type { Queue } from './queue.ts';
import { accept, acceptArgs } from './rows/accept.ts';
import { keyOf, manage, pick } from './rows/manage.ts';
import { beginSweep, nextSweep, type SweepOrder } from './rows/sweep.ts';
import { all, delivered, openQueueStore, testQueue, testSubmission } from './testing.ts';

const laterMs = 3_600_000;

async function fill(store: Store, clock: TestClock, count: number): Promise<void> {
  const put = (i: number) => {
    const message = { notBeforeMs: clock.nowMs() + laterMs, stream: 'bulk', campaign: `c${i % 3}` } as const;
    return store.write(
      accept,
      acceptArgs(0, testSubmission(clock, [`u${i}@d${i % 7}.example`], message), []),
    );
  };
  await Promise.all(Array.from({ length: count }, (_, i) => put(i)));
}

async function begin(store: Store, clock: TestClock, order: Partial<SweepOrder>): Promise<void> {
  const whole = { action: 'hold', filter: {}, by: 'admin', why: '', atMs: clock.nowMs(), ...order } as const;
  await store.write(beginSweep, { shard: 0, id: 'one', order: whole, from: undefined, done: 0 });
}

/** A shard is known once it has had an owner. */
async function makeShard(store: Store, clock: TestClock): Promise<void> {
  const queue = testQueue({ store, clock, deliver: async (attempt) => all(attempt, delivered) });
  await queue.start();
  await queue.stop();
}

/** Moves the clock until the sweep has ended. */
async function ended(queue: Queue, clock: TestClock): Promise<Sweep> {
  for (;;) {
    const [sweep] = await queue.sweeps();
    if (sweep && sweep.endedAtMs > 0) return sweep;
    await clock.advance(10, 50);
  }
}

const states = async (store: Store): Promise<readonly { held: number; n: number }[]> =>
  store.read(() =>
    rows<{ held: number; n: number }>(
      'select flags & 1 as held, count(*) as n from queue_entry group by 1 order by 1',
    ),
  );

test('a sweep touches all that its filter picks, in pieces, each entry once', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  await fill(store, clock, 900);
  await begin(store, clock, { filter: { campaign: 'c1' } });
  const queue = testQueue({ store, clock, deliver: async (attempt) => all(attempt, delivered) });
  await queue.start();
  const { done } = await ended(queue, clock);
  assert.equal(done, 300);
  assert.deepEqual(await states(store), [
    { held: 0, n: 600 },
    { held: 1, n: 300 },
  ]);
  const told = await store.read(() =>
    rows<{ n: number }>("select count(*) as n from outbox where kind = 'managed' and org = 'org'"),
  );
  assert.equal(told[0]!.n, 300);
  await queue.stop();
});

test('a sweep that retries lets mail go while it is under way', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  await fill(store, clock, 600);
  await begin(store, clock, { action: 'retry' });
  const arrived: string[] = [];
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      arrived.push(attempt.message.id);
      return all(attempt, delivered);
    },
  });
  await queue.start();
  await ended(queue, clock);
  while (arrived.length < 600) await clock.advance(10, 50);
  await queue.stop();
  assert.deepEqual(await states(store), []);
});

test('after a crash a sweep goes on where its last piece ended', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  await fill(store, clock, 400);
  await begin(store, clock, {});
  const found = await store.scan(pick, { shard: 0, filter: {}, after: undefined, max: 100 });
  const step = { id: 'one', from: undefined, to: found.upTo, nowMs: clock.nowMs() };
  const piece = { shard: 0, action: 'hold', keys: found.rows.map(keyOf), nowMs: clock.nowMs() } as const;
  await store.write(manage, { ...piece, events: [], sweep: step });
  // Whoever believes that it stands at its beginning changes nothing.
  await assert.rejects(
    store.write(manage, { ...piece, events: [], sweep: step }),
    (error) => error instanceof Refusal && error.reason === 'conflict',
  );
  const next = await store.read(() => nextSweep(0));
  assert.deepEqual(next?.from, found.upTo);
  const queue = testQueue({ store, clock, deliver: async (attempt) => all(attempt, delivered) });
  await queue.start();
  assert.equal((await ended(queue, clock)).done, 400);
  assert.deepEqual(await states(store), [{ held: 1, n: 400 }]);
  await queue.stop();
});

test('a sweep that is ended touches nothing more, and only its own organisation ends it', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  await makeShard(store, clock);
  await fill(store, clock, 300);
  const queue = testQueue({ store, clock, deliver: async (attempt) => all(attempt, delivered) });
  await begin(store, clock, { action: 'delete', filter: { org: 'org' } });
  await assert.rejects(queue.endSweep('one', 'other'), /no such change/);
  assert.deepEqual(await queue.sweeps('other'), []);
  await queue.endSweep('one', 'org');
  assert.equal(await store.read(() => nextSweep(0)), undefined);
  assert.equal((await queue.sweeps('org'))[0]!.done, 0);
  await queue.start();
  await clock.advance(1000, 50);
  assert.deepEqual(await states(store), [{ held: 0, n: 300 }]);
  await queue.stop();
});

test('what takes long is answered at once, and its rest becomes a sweep', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  await makeShard(store, clock);
  await fill(store, clock, 1200);
  // Each read takes longer than the answer may.
  const slow: Store = {
    ...bound(store),
    scan: async (operation, args) => {
      const answer = await store.scan(operation, args);
      await clock.advance(400, 0);
      return answer;
    },
  };
  const queue = testQueue({ store: slow, clock, deliver: async (attempt) => all(attempt, delivered) });
  const { count, sweep } = await queue.manage('hold', {}, 'admin', 'a test');
  assert.equal(count, 500);
  assert.ok(sweep);
  await queue.start();
  const { done, by, why } = await ended(queue, clock);
  assert.deepEqual({ done, by, why }, { done: 1200, by: 'admin', why: 'a test' });
  await queue.stop();
});

const bound = (store: Store): Store => ({
  engine: store.engine,
  bodies: store.bodies,
  health: () => store.health(),
  read: (body) => store.read(body),
  scan: (operation, args) => store.scan(operation, args),
  write: (operation, args) => store.write(operation, args),
  onHint: (topic, listener) => store.onHint(topic, listener),
  [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
});

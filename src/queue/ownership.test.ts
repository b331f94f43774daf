import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import type { Store } from '../store/store.ts';
import type { TestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import type { AttemptResult, Outcome } from './attempt.ts';
import type { Queue } from './queue.ts';
import { freeShards } from './only-node.ts';
import { claim } from './rows/lease.ts';
import { all, busy, delivered, openQueueStore, testQueue, testSubmission } from './testing.ts';

/** Threads with one store, each with its shard; a thread can die with all it knows, and come back. */
class Threads {
  readonly clock = new TestClock();
  /** `thread message`, for each delivery. */
  readonly sent: string[] = [];
  readonly queues: Queue[] = [];
  readonly #alive: { is: boolean }[] = [];
  /** Attempts that wait for `finish`; none wait while it is undefined. */
  #held: (() => void)[] | undefined;
  outcome: Outcome = delivered;
  readonly store: TestStore;

  private constructor(store: TestStore, clock: TestClock) {
    this.store = store;
    this.clock = clock;
  }

  static async start(count: number): Promise<Threads> {
    const clock = new TestClock();
    const threads = new Threads(await openQueueStore(clock), clock);
    for (let i = 0; i < count; i++) await threads.begin(i);
    return threads;
  }

  async begin(index: number): Promise<void> {
    const alive = { is: true };
    this.#alive[index] = alive;
    const queue = testQueue({
      store: mortal(this.store, alive),
      clock: this.clock,
      shard: index,
      owner: `thread ${index}`,
      deliver: (attempt) =>
        new Promise<AttemptResult>((resolve) => {
          const finish = (): void => {
            if (!alive.is) return;
            this.sent.push(`${index} ${attempt.message.subject}`);
            resolve(all(attempt, this.outcome));
          };
          if (this.#held) this.#held.push(finish);
          else finish();
        }),
    });
    this.queues[index] = queue;
    await queue.start();
  }

  kill(index: number): void {
    this.#alive[index]!.is = false;
  }

  hold(): void {
    this.#held = [];
  }

  finish(): void {
    for (const finish of this.#held ?? []) finish();
    this.#held = undefined;
  }

  /** A message over the thread, and time for it to leave. */
  async send(thread: number, subject: string): Promise<void> {
    const submission = testSubmission(this.clock, [`x@${subject}.example`], { subject });
    await this.queues[thread]!.accept(submission, []);
    await this.clock.settle(10);
  }

  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) await this.clock.advance(1000, 2);
  }

  async owners(): Promise<string[]> {
    const found = await this.store.read(() =>
      rows<{ owner: string }>('select owner from queue_shard order by shard'),
    );
    return found.map(({ owner }) => owner);
  }

  async stop(): Promise<void> {
    await Promise.all(this.queues.filter((_, i) => this.#alive[i]!.is).map((queue) => queue.stop()));
    await this.store.close();
  }
}

/** What a dead thread still does never reaches the store, nor does anything reach it. */
function mortal(store: Store, alive: { readonly is: boolean }): Store {
  return {
    engine: store.engine,
    bodies: store.bodies,
    health: () => store.health(),
    read: (body) => (alive.is ? store.read(body) : new Promise(() => {})),
    scan: (operation, args) => store.scan(operation, args),
    write: (operation, args) => (alive.is ? store.write(operation, args) : new Promise(() => {})),
    onHint: (topic, listener) => store.onHint(topic, (key) => alive.is && listener(key)),
    [Symbol.asyncDispose]: async () => {},
  };
}

test('a thread that dies leaves its mail to another, and has its shard back when it returns; nothing is sent twice', async () => {
  const threads = await Threads.start(3);
  threads.outcome = busy;
  await threads.send(0, 'waits');
  threads.kill(0);
  threads.sent.length = 0;
  threads.outcome = delivered;
  await threads.pass(60);
  const [taker] = await threads.owners();
  assert.match(taker!, /^thread [12]$/, 'another has taken it');
  await threads.pass(600);
  assert.deepEqual(threads.sent, [`${taker!.slice(-1)} waits`]);

  await threads.begin(0);
  await threads.pass(20);
  assert.deepEqual(await threads.owners(), ['thread 0', 'thread 1', 'thread 2']);
  await threads.send(0, 'later');
  await threads.send(1, 'elsewhere');
  assert.deepEqual(threads.sent.slice(1), ['0 later', '1 elsewhere']);
  await threads.stop();
});

test('what is in hand is ended before a shard is handed back, and goes out once', async () => {
  const threads = await Threads.start(2);
  threads.outcome = busy;
  await threads.send(0, 'waits');
  threads.kill(0);
  await threads.pass(30);
  assert.deepEqual(await threads.owners(), ['thread 1', 'thread 1']);
  threads.hold();
  await threads.pass(60);
  await threads.begin(0);
  await threads.pass(15);
  assert.deepEqual(await threads.owners(), ['thread 1', 'thread 1'], 'one attempt is in hand');
  await threads.send(0, 'meanwhile');
  threads.sent.length = 0;
  threads.outcome = delivered;
  threads.finish();
  await threads.pass(10);
  assert.deepEqual(await threads.owners(), ['thread 0', 'thread 1']);
  assert.deepEqual(threads.sent, ['1 waits', '0 meanwhile']);
  await threads.stop();
});

test('work that does not end keeps its shard where it is: other mail is not held up by it', async () => {
  const threads = await Threads.start(2);
  threads.kill(0);
  await threads.pass(30);
  threads.hold();
  await threads.send(1, 'own');
  const hangs = testSubmission(threads.clock, ['x@hangs.example'], { subject: 'hangs' });
  await threads.begin(0);
  await threads.queues[0]!.accept(hangs, []);
  await threads.clock.settle(10);
  await threads.pass(15);
  await threads.send(0, 'behind');
  await threads.pass(25);
  threads.finish();
  await threads.pass(5);
  assert.deepEqual(threads.sent.toSorted(), ['1 behind', '1 hangs', '1 own']);
  await threads.pass(90);
  assert.deepEqual(await threads.owners(), ['thread 0', 'thread 1']);
  await threads.stop();
});

test('of several orphans each goes to another thread', async () => {
  const threads = await Threads.start(5);
  for (const index of [2, 3, 4]) threads.kill(index);
  await threads.pass(60);
  const owners = await threads.owners();
  assert.deepEqual([...new Set(owners)].toSorted(), ['thread 0', 'thread 1']);
  assert.ok(owners.filter((owner) => owner === 'thread 0').length <= 3, owners.join());
  assert.ok(owners.filter((owner) => owner === 'thread 1').length <= 3, owners.join());
  await threads.stop();
});

test('a claim goes by the clock of the store: a thread whose own is wrong takes nothing early', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const parts = { store, deliver: async () => Promise.reject(new Error('none')) };
  const first = testQueue({ ...parts, clock, owner: 'one' });
  await first.start();
  const fast = new TestClock(clock.nowMs() + 3_600_000);
  const second = testQueue({ ...parts, clock: fast, owner: 'two' });
  await second.start();
  const owner = async () =>
    (await store.read(() => rows<{ owner: string }>('select owner from queue_shard')))[0]!.owner;
  assert.equal(await owner(), 'one');
  await first.stop();
  await second.stop();
});

test('mail that is not sent because the lease had passed goes as soon as it is renewed, and does not count as tried', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let frozen = false;
  const slow: Store = {
    ...mortal(store, { is: true }),
    write: (operation, args) =>
      frozen && operation.name === 'queue.renew'
        ? Promise.reject(new Error('the store is slow'))
        : store.write(operation, args),
  };
  const tries: number[] = [];
  const queue = testQueue({
    store: slow,
    clock,
    deliver: async (attempt) => {
      if (!attempt.leaseValid()) return { ...all(attempt, busy), untried: true };
      tries.push(attempt.recipients[0]!.try);
      return all(attempt, delivered);
    },
  });
  await queue.start();
  frozen = true;
  for (let i = 0; i < 9; i++) await clock.advance(1000, 2);
  await queue.accept(testSubmission(clock, ['x@late.example']), []);
  await clock.settle(10);
  assert.deepEqual(tries, []);
  frozen = false;
  for (let i = 0; i < 6 && tries.length === 0; i++) await clock.advance(1000, 10);
  assert.deepEqual(tries, [1]);
  await queue.stop();
});

test('a shard that was lost to another is asked for at once, and comes back with its backlog', async () => {
  const threads = await Threads.start(1);
  await threads.send(0, 'before');
  const { store, clock } = threads;
  // Another takes it, as after a pause of this process, and dies.
  await store.write(claim, { shard: 0, owner: 'thread 0', own: true });
  await store.write(claim, { shard: 0, owner: 'thread 0', own: true });
  await threads.send(0, 'lost');
  for (let i = 0; i < 12; i++) await clock.advance(1000, 3);
  await threads.send(0, 'after');
  assert.ok(threads.sent.includes('0 after'), threads.sent.join(', '));
  const left = await store.read(() => rows<{ n: number }>('select count(*) as n from queue_entry'));
  assert.equal(left[0]!.n, 0);
});

test('a node that has the store to itself need not wait for leases of whoever had it before', async () => {
  await using store = await openQueueStore(new TestClock());
  const before = await store.write(claim, { shard: 0, owner: 'before', own: true });
  assert.equal(await store.write(claim, { shard: 0, owner: 'now', own: true }), undefined);
  await store.write(freeShards, undefined);
  assert.ok((await store.write(claim, { shard: 0, owner: 'now', own: true }))! > before!);
});

/**
 * A seeded world: mail comes in, servers answer as they like, the process dies at any moment, administrators act. After each run every accepted
 * recipient is delivered, returned, deleted, or still in the queue, and nothing was delivered twice unless its outcome was lost with a crash or
 * never known.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import type { Attempt, AttemptResult, Outcome } from './attempt.ts';
import type { Queue } from './queue.ts';
import { busy, delivered, openQueueStore, refused, siteDown, testQueue, testSubmission } from './testing.ts';

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const unknown: Outcome = {
  is: 'unknown',
  answer: { phase: 'dot', host: 'mx', ip: '', reply: '451 4.4.2 Lost' },
};
const hosts = ['a.example', 'b.example', 'c.example', 'd.example'];

class World {
  readonly random: () => number;
  readonly clock = new TestClock();
  readonly accepted = new Set<string>();
  readonly arrived = new Map<string, number>();
  readonly returned = new Set<string>();
  /** Arrived, but the queue may never have heard of it. */
  readonly doubtful = new Set<string>();
  readonly down = new Set<string>();
  queue: Queue | undefined;
  generation = 0;
  deleted = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  async boot(store: Store): Promise<void> {
    const generation = ++this.generation;
    this.queue = testQueue({
      store: this.#mortal(store, generation),
      clock: this.clock,
      with: { windowMax: 5, attemptsMax: 12, attemptRecipientsMax: 3, bodyMemoryBytes: 500 },
      route: async (destination) => ({
        site: destination === 'b.example' ? 'a.example' : destination,
        untilMs: this.clock.nowMs() + 60_000,
      }),
      deliver: (attempt) => this.#deliver(attempt, generation),
      notice: async (request) => {
        for (const { recipient } of request.recipients)
          if (request.about === 'failure') this.returned.add(recipient.id);
        return undefined;
      },
    });
    await this.queue.start();
  }

  /** What a dead process still says never reaches the store. */
  #mortal(store: Store, generation: number): Store {
    return {
      engine: store.engine,
      bodies: store.bodies,
      health: () => store.health(),
      read: (body) => store.read(body),
      scan: (operation, args) => store.scan(operation, args),
      onHint: (topic, listener) =>
        store.onHint(topic, (key) => this.generation === generation && listener(key)),
      write: (operation, args) =>
        this.generation === generation ? store.write(operation, args) : new Promise(() => {}),
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async #deliver(attempt: Attempt, generation: number): Promise<AttemptResult> {
    for (let i = Math.floor(this.random() * 4); i > 0; i--)
      await new Promise((resolve) => setImmediate(resolve));
    if (this.down.has(attempt.site))
      return { outcomes: attempt.recipients.map(() => siteDown), conversations: [] };
    const dead = this.generation !== generation || !attempt.leaseValid();
    const outcomes = attempt.recipients.map((recipient): Outcome => {
      const dice = this.random();
      if (dead || dice < 0.25) return busy;
      if (dice < 0.32) return refused;
      this.arrived.set(recipient.id, (this.arrived.get(recipient.id) ?? 0) + 1);
      if (dice < 0.4) {
        this.doubtful.add(recipient.id);
        return unknown;
      }
      return delivered;
    });
    return { outcomes, conversations: [] };
  }

  async accept(): Promise<void> {
    const to = hosts.filter(() => this.chance(0.4)).map((host) => `u@${host}`);
    if (to.length === 0) return;
    const later = this.chance(0.1) ? 120_000 : 0;
    const submission = testSubmission(this.clock, to, {
      stream: this.chance(0.3) ? 'bulk' : 'transactional',
      campaign: this.chance(0.3) ? 'c1' : '',
      notBeforeMs: this.clock.nowMs() + later,
      expiresAtMs: this.clock.nowMs() + 8 * 3_600_000,
    });
    await this.queue!.accept(submission, []);
    for (const recipient of submission.recipients) this.accepted.add(recipient.id);
  }

  crash(): void {
    // Whatever arrived and is not settled yet may come again.
    for (const id of this.arrived.keys()) this.doubtful.add(id);
    this.generation += 1;
  }
}

async function inQueue(store: Store): Promise<Set<string>> {
  const found = await store.read(() =>
    rows<{ message: string; idx: number }>('select message, idx from queue_entry'),
  );
  return new Set(found.map((row) => `${row.message}-${row.idx}`));
}

async function run(seed: number): Promise<void> {
  const world = new World(seed);
  await using store = await openQueueStore(world.clock);
  await world.boot(store);
  for (let step = 0; step < 60; step++) {
    const coming = Array.from({ length: Math.floor(world.random() * 8) }, () => world.accept());
    if (world.chance(0.5)) await Promise.all(coming);
    for (const host of ['a.example', 'c.example'])
      if (world.chance(0.1) && !world.down.delete(host)) world.down.add(host);
    if (world.chance(0.1))
      await world.queue!.manage(world.chance(0.5) ? 'hold' : 'release', { destination: 'c.example' }, 'test');
    if (world.chance(0.05)) await world.queue!.manage('retry', {}, 'test');
    await world.clock.advance(world.random() * (world.chance(0.2) ? 1_800_000 : 2000), 2);
    if (world.chance(0.1)) {
      world.crash();
      await world.clock.settle(2);
      await world.boot(store);
    }
    void coming;
  }
  const waiting = await inQueue(store);
  const lost = [...world.accepted].filter(
    (id) => !world.arrived.has(id) && !world.returned.has(id) && !waiting.has(id),
  );
  assert.deepEqual(lost, [], `seed ${seed}: lost`);
  world.down.clear();
  await world.queue!.manage('release', {}, 'test');
  for (let i = 0; i < 24; i++) await world.clock.advance(1_800_000, 1);
  await world.clock.settle(20);
  assert.deepEqual([...(await inQueue(store))], [], `seed ${seed}: left in the queue`);
  const messages = await store.read(() => rows<{ n: number }>('select count(*) as n from queue_message'));
  assert.equal(messages[0]!.n, 0, `seed ${seed}: messages without entries`);
  for (const id of world.accepted)
    assert.ok(world.arrived.has(id) || world.returned.has(id), `seed ${seed}: ${id} lost`);
  const twice = [...world.arrived].filter(([id, times]) => times > 1 && !world.doubtful.has(id));
  assert.deepEqual(twice, [], `seed ${seed}: delivered twice`);
  assert.deepEqual(
    world.queue!.inMemory,
    { entries: 0, attempts: 0, bodyBytes: 0 },
    `seed ${seed}: left in memory`,
  );
  await world.queue!.stop();
}

const first = Number(process.env['SIMULATION_SEED'] ?? 1);
const count = Number(process.env['SIMULATION_SEEDS'] ?? 4);

test(`nothing accepted is lost, and nothing is delivered twice but what was in doubt (seeds ${first} to ${first + count - 1})`, async () => {
  for (let seed = first; seed < first + count; seed++) await run(seed);
});

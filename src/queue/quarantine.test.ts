import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { TestClock } from '../base/test-clock.ts';
import { Refusal } from '../base/refusal.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import { onPostgres, TestPostgres } from '../../test/test-postgres.ts';
import type { Attempt } from './attempt.ts';
import type { Submission } from './message.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { Quarantine } from './quarantine.ts';
import { all, delivered, openQueueStore, testQueue, testSubmission } from './testing.ts';

const minuteMs = 60_000;

/** bob's is kept back for `one`, carol's for `two`; alice's goes its way. */
function partlyKept(clock: TestClock): Submission {
  const expiresAtMs = clock.nowMs() + 5 * minuteMs;
  const submission = testSubmission(clock, ['alice@x.test', 'bob@x.test', 'carol@x.test'], { expiresAtMs });
  const [, bob, carol] = submission.recipients;
  const note = {
    untilMs: clock.nowMs() + 14 * minuteMs,
    score: 9.5,
    rules: [{ rule: 'a', weight: 9.5, detail: 'd' }],
  };
  const quarantine = [
    { org: 'one', recipients: [bob!.id], ...note },
    { org: 'two', recipients: [carol!.id], ...note },
  ];
  return { ...submission, quarantine };
}

/** A database server answers in its own time, whatever the clock of the test says. */
async function eventually(clock: TestClock, condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1000 && !(await condition()); i++) {
    await clock.advance(10);
    await wait(5);
  }
}

async function play(store: Store, clock: TestClock): Promise<void> {
  const sent: string[] = [];
  const deliver = async (attempt: Attempt) => {
    sent.push(...attempt.recipients.map(({ address }) => address));
    return all(attempt, delivered);
  };
  const queue = testQueue({ store, clock, deliver });
  const quarantine = new Quarantine({ store, clock, lifetimeMs: 5 * minuteMs });
  await queue.start();
  const submission = partlyKept(clock);
  const { id } = submission.message;
  await queue.accept(submission, []);
  const until = async (count: number): Promise<void> => {
    await eventually(clock, async () => sent.length >= count);
    assert.equal(sent.length, count);
  };
  await until(1);
  assert.deepEqual(sent, ['alice@x.test']);

  assert.equal(
    (await queue.manage('release', {}, 'admin')).count,
    0,
    'it is no business of whoever manages the queue',
  );
  assert.equal((await queue.manage('delete', {}, 'admin')).count, 0);
  assert.deepEqual((await queue.list({})).items, []);
  assert.deepEqual(await queue.summary(), []);

  const { items, next } = await quarantine.list({}, { max: 1 });
  assert.equal(items.length, 1);
  assert.deepEqual((await quarantine.list({}, { after: next! })).items.length, 1);
  const [shown] = (await quarantine.list({ org: 'one', recipient: 'BOB@', sender: 'here.example' })).items;
  assert.deepEqual(shown?.recipients, ['bob@x.test']);
  assert.equal(shown.score, 9.5);
  assert.deepEqual((await quarantine.list({ recipient: '%' })).items, []);
  assert.equal((await quarantine.body(id, 'two')).is, 'inline');
  await assert.rejects(quarantine.get(id, 'three'), Refusal);

  assert.equal((await quarantine.untold(minuteMs)).size, 0, 'not yet');
  await clock.advance(2 * minuteMs);
  assert.deepEqual([...(await quarantine.untold(minuteMs)).keys()].toSorted(), ['one', 'two']);
  assert.equal((await quarantine.untold(minuteMs)).size, 0, 'told once');
  await clock.advance(8 * minuteMs);
  assert.equal(await quarantine.end('release', { message: id, org: 'one' }, { by: 'admin' }), 1);
  await assert.rejects(quarantine.end('release', { message: id, org: 'one' }, { by: 'admin' }), Refusal);
  await until(2);
  await clock.advance(1000);
  assert.deepEqual(
    sent,
    ['alice@x.test', 'bob@x.test'],
    'delivered once, though its time on the way was over',
  );

  assert.equal(await quarantine.expire(), 0);
  await clock.advance(5 * minuteMs);
  // Two rounds at once find the same: neither fails, and it is deleted once.
  const rounds = await Promise.all([quarantine.expire(), quarantine.expire()]);
  assert.equal(rounds[0] + rounds[1], 1);
  assert.deepEqual((await quarantine.list({})).items, []);
  for (const table of ['queue_entry', 'queue_message', 'queue_quarantine']) {
    const isEmpty = async () => (await store.read(() => rows(`select shard from ${table}`))).length === 0;
    await eventually(clock, isEmpty);
    assert(await isEmpty(), table);
  }
  const told = await store.read(() =>
    rows<{ recipient: string }>("select recipient from outbox where kind = 'managed' order by recipient"),
  );
  assert.deepEqual(
    told.map(({ recipient }) => recipient),
    ['bob@x.test', 'carol@x.test'],
  );
  await queue.stop();
  assert.equal(sent.length, 2);
}

test('what is kept back waits, is released once and in part, and is gone when its time is over', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  await play(store, clock);
});

test('the same on PostgreSQL', onPostgres, async () => {
  await using postgres = await TestPostgres.start();
  await using store = await postgres.open({ migrations: [...eventMigrations, ...migrations], operations });
  await play(store, new TestClock(Date.now()));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePostgres } from '../../../test/test-postgres.ts';
import { TestClock } from '../../base/test-clock.ts';
import { migrations } from '../../relay/migrations.ts';
import { operations } from '../../relay/operations.ts';
import { drawFrom } from '../../relay/requests.ts';
import type { Store } from '../../store/store.ts';
import { openTestStore } from '../../store/testing.ts';
import { RateLimit } from './rate-limit.ts';

const perMinute = 960;
/** Ten seconds. */
const size = 160;

async function play(store: Store): Promise<void> {
  const clock = new TestClock();
  const draw = drawFrom(store, () => clock.nowMs());
  const threads = Array.from(
    { length: 4 },
    () => new RateLimit(clock, { requestsPerMinute: perMinute, drawRequests: draw }),
  );
  const ask = async (count: number): Promise<number> => {
    let allowed = 0;
    for (let i = 0; i < count; i++)
      if ((await threads[i % threads.length]!.take('org')).allowed) allowed += 1;
    return allowed;
  };
  assert.equal(threads[0]!.policy, '"requests";q=160;w=10');
  assert.equal(await ask(400), size, 'four threads have one bucket');
  const state = await threads[0]!.take('org');
  assert.deepEqual([state.allowed, state.left, state.fullInSeconds, state.retryInSeconds], [false, 0, 10, 1]);
  assert.equal((await threads[0]!.take('other')).allowed, true, 'each organisation has its own');
  await clock.advance(5000);
  assert.equal(await ask(400), size / 2, 'it fills evenly');
  await clock.advance(3_600_000);
  const once = await Promise.all(Array.from({ length: 400 }, (_, i) => threads[i % 4]!.take('org')));
  assert.equal(once.filter(({ allowed }) => allowed).length, size, 'all at once too');
}

test('SQLite: requests of all threads come out of one bucket', async () => {
  const store = await openTestStore({ migrations, operations });
  await play(store);
  await store.close();
});

describePostgres('PostgreSQL: requests of all threads come out of one bucket', (open) => {
  test('one bucket', async () => {
    const store = await open({ migrations, operations });
    await play(store);
  });
});

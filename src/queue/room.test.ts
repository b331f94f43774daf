import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { TestClock } from '../base/test-clock.ts';
import { accept, acceptArgs } from './rows/accept.ts';
import { all, delivered, openQueueStore, testQueue, testSubmission } from './testing.ts';

async function settled(): Promise<void> {
  for (let i = 0; i < 300; i++) await setImmediate();
}

test('memory is bounded while many destinations take nothing, and mail for others goes all the same', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const put = (to: string, stream: 'bulk' | 'transactional') =>
    store.write(accept, acceptArgs(0, testSubmission(clock, [to], { stream }), []));
  for (let i = 0; i < 1500; i++) await put(`u${i}@slow${i % 30}.example`, 'bulk');
  for (let i = 0; i < 60; i++) await put(`u${i}@swift${i % 20}.example`, 'bulk');
  await put('u@urgent.example', 'transactional');
  const arrived: string[] = [];
  const entriesMax = 160;
  const queue = testQueue({
    store,
    clock,
    with: { entriesMax, windowMax: 100 },
    deliver: (attempt) => {
      if (attempt.site.startsWith('slow')) return new Promise(() => {});
      arrived.push(attempt.site);
      return Promise.resolve(all(attempt, delivered));
    },
  });
  await queue.start();
  let most = 0;
  for (let i = 0; i < 200 && arrived.length < 61; i++) {
    await settled();
    most = Math.max(most, queue.inMemory.entries);
    await clock.advance(1000);
  }
  assert.equal(arrived.length, 61);
  assert.ok(most <= 2 * entriesMax, `${most} entries in memory`);
  assert.ok(arrived.indexOf('urgent.example') >= 0);
});

test('each site has its part of the attempts when there are more sites than attempts, and urgent mail finds a place', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const out = new Map<string, (() => void)[]>();
  const queue = testQueue({
    store,
    clock,
    with: { attemptsMax: 20 },
    deliver: (attempt) =>
      new Promise((resolve) => {
        const over = (): void => resolve(all(attempt, delivered));
        out.set(attempt.site, [...(out.get(attempt.site) ?? []), over]);
      }),
  });
  await queue.start();
  for (let i = 0; i < 400; i++)
    await queue.accept(testSubmission(clock, [`u${i}@s${i % 40}.example`], { stream: 'bulk' }), []);
  await settled();
  assert.equal(queue.inMemory.attempts, 18, 'two places of twenty are kept free of bulk mail');
  await queue.accept(testSubmission(clock, ['u@s39.example']), []);
  await settled();
  assert.equal(queue.inMemory.attempts, 19);
  assert.equal(out.get('s39.example')?.length, 1);
  // Whoever had its turn for long gives its place to another site.
  const [first, second] = out.keys();
  await clock.advance(11_000);
  const others = out.size;
  for (const site of [first!, second!]) out.get(site)![0]!();
  await settled();
  assert.equal(out.size, others + 1);
});

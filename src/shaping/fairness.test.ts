/** A campaign waits for a provider that takes little: what a person sends to the same provider goes next, and all have their part. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import type { Attempt, AttemptResult } from '../queue/attempt.ts';
import { all, delivered, openQueueStore, testQueue, testSubmission } from '../queue/testing.ts';
import { testRule, testShaper } from './testing-mail.ts';

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 5000 && !isSo(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 2));
  assert.ok(isSo());
}

interface Out {
  readonly attempt: Attempt;
  readonly end: (result: AttemptResult) => void;
}

/** A queue whose attempts end when the test says so. */
async function slowProvider(weights: readonly { org: string; weight: number }[] = []) {
  const store = await openQueueStore();
  const { shaper } = testShaper(
    { rules: [testRule({ provider: 'google', across: true }, { connections: 1 })], weights },
    { clock: systemClock },
  );
  const out: Out[] = [];
  const order: string[] = [];
  const queue = testQueue({
    store,
    clock: systemClock,
    deliver: (attempt) => {
      order.push(attempt.message.campaign || attempt.message.org);
      return new Promise((end) => out.push({ attempt, end }));
    },
    route: async () => ({
      site: 'gmail-smtp-in.l.google.com',
      hosts: ['gmail-smtp-in.l.google.com'],
      untilMs: Infinity,
    }),
    gateOf: (facts) => shaper.gateOf(facts),
    weightOf: (org) => shaper.weightOf(org),
  });
  await queue.start();
  /** One message is over. */
  const finishOne = (): void => {
    const one = out.shift()!;
    one.end(all(one.attempt, delivered));
  };
  const stop = async (): Promise<void> => {
    const stopping = queue.stop();
    while (out.length > 0) finishOne();
    await stopping;
    await store[Symbol.asyncDispose]();
  };
  return { queue, out, order, finishOne, [Symbol.asyncDispose]: stop };
}

const bulk = (org: string, campaign: string) =>
  testSubmission(systemClock, ['someone@gmail.com'], { org, campaign, stream: 'bulk' });

test('with a campaign of more than memory holds waiting, a transactional mail goes when the next message is over', async () => {
  await using provider = await slowProvider();
  const { queue, out, order, finishOne } = provider;
  await Promise.all(Array.from({ length: 3000 }, () => queue.accept(bulk('shop', 'spring'), [])));
  await until(() => out.length === 2);
  for (let i = 0; i < 20; i++) {
    finishOne();
    await until(() => out.length === 2);
  }
  const before = order.length;
  await queue.accept(testSubmission(systemClock, ['you@gmail.com'], { org: 'bank' }), []);
  assert.equal(order.length, before, 'both attempts of the connection are out');
  finishOne();
  await until(() => order.length > before);
  assert.deepEqual(order.slice(before), ['bank']);
});

test('campaigns and organisations take turns, by their weights, in spite of what waits for whom', async () => {
  await using provider = await slowProvider([{ org: 'large', weight: 3 }]);
  const { queue, order, out, finishOne } = provider;
  await Promise.all(Array.from({ length: 400 }, () => queue.accept(bulk('shop', 'spring'), [])));
  await Promise.all(Array.from({ length: 60 }, () => queue.accept(bulk('small', 'news'), [])));
  await Promise.all(Array.from({ length: 120 }, () => queue.accept(bulk('large', 'tv'), [])));
  await until(() => out.length === 2);
  const before = order.length;
  for (let i = 0; i < 150; i++) {
    finishOne();
    await until(() => out.length === 2);
  }
  const count = (name: string): number => order.slice(before).filter((one) => one === name).length;
  const counts = { spring: count('spring'), news: count('news'), tv: count('tv') };
  assert.ok(
    Math.abs(counts.spring - 30) <= 2 && Math.abs(counts.news - 30) <= 2 && Math.abs(counts.tv - 90) <= 4,
    JSON.stringify(counts),
  );
});

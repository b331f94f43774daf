/** A long queue: start-up, memory and draining may not depend on its length. Prints what it measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { rows } from '../store/transaction.ts';
import { accept, acceptArgs } from './rows/accept.ts';
import { all, delivered, openQueueStore, testQueue, testSubmission } from './testing.ts';

const mails = Number(process.env['QUEUE_MAILS'] ?? 20_000);
const destinations = Number(process.env['QUEUE_DESTINATIONS'] ?? 500);
const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

function collected(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

test(`${mails} deferred mails cost neither start-up nor memory, and drain at full rate when they are retried`, async (t) => {
  await using store = await openQueueStore();
  const laterMs = systemClock.nowMs() + 3_600_000;
  const bytes = Buffer.from(`Subject: x\r\n\r\n${`${'X'.repeat(78)}\r\n`.repeat(12)}`);
  for (let i = 0; i < mails; i += 1000) {
    const batch = Array.from({ length: 1000 }, (_, j) => {
      const submission = testSubmission(systemClock, [`u@d${(i + j) % destinations}.example`], {
        notBeforeMs: laterMs + j,
      });
      return store.write(accept, acceptArgs(0, { ...submission, body: { is: 'inline', bytes } }, []));
    });
    await Promise.all(batch);
  }
  const before = collected();
  let done = 0;
  let finish: (() => void) | undefined;
  const drained = new Promise<void>((resolve) => (finish = resolve));
  const queue = testQueue({
    store,
    clock: systemClock,
    deliver: async (attempt) => {
      const body = await attempt.body();
      assert.equal(body.is === 'inline' && body.bytes.length, bytes.length);
      if (++done === mails) finish?.();
      return all(attempt, delivered);
    },
  });
  const startMs = performance.now();
  await queue.start();
  const startedMs = performance.now() - startMs;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const waiting = collected();
  assert.equal(done, 0);
  assert.deepEqual(queue.inMemory, { entries: 0, attempts: 0, bodyBytes: 0 });
  const retryMs = performance.now();
  // Of many it answers at once, and the rest follows.
  const { count, sweep } = await queue.manage('retry', {}, 'test');
  assert.ok(count === mails || sweep !== undefined);
  const retriedMs = performance.now() - retryMs;
  await drained;
  const drainMs = performance.now() - retryMs;
  const after = collected();
  t.diagnostic(
    `start ${startedMs.toFixed(0)} ms; while waiting ${megabytes(waiting - before)} MB more, after draining ${megabytes(after - before)} MB`,
  );
  t.diagnostic(
    `retry of all ${retriedMs.toFixed(0)} ms; drained in ${drainMs.toFixed(0)} ms, ${Math.round((mails / drainMs) * 1000)} a second, store in the same thread`,
  );
  await queue.stop();
  const [left] = await store.read(() => rows<{ n: number }>('select count(*) as n from queue_message'));
  assert.equal(left!.n, 0);
  assert.ok(startedMs < 2000, `started in ${startedMs} ms`);
  assert.ok(waiting - before < 100 * 1024 * 1024, `${megabytes(waiting - before)} MB`);
});

/** What the queue does with mail that a limit keeps waiting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import { rows } from '../store/transaction.ts';
import type { Gate, Wait } from './gate.ts';
import type { NoticeRequest } from './notice.ts';
import { openQueueStore, testQueue, testSubmission } from './testing.ts';

test('mail that a limit never lets go is told of as late, and returned when its time is up', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const asked: NoticeRequest[] = [];
  const wait: Wait = { is: 'wait', untilMs: Infinity, whole: true };
  const gate: Gate = { connectionsMax: undefined, ways: 1, ask: () => wait, close: () => {} };
  const queue = testQueue({
    store,
    clock,
    deliver: () => Promise.reject(new Error('nothing may go')),
    gateOf: () => gate,
    notice: async (request) => {
      asked.push(request);
      return undefined;
    },
    with: { delayNoticeAfterMs: 3_600_000 },
  });
  await queue.start();
  await queue.accept(
    testSubmission(clock, ['a@there.test'], { expiresAtMs: clock.nowMs() + 2 * 3_600_000 }),
    [],
  );
  for (let minute = 0; minute < 135; minute++) await clock.advance(60_000);
  assert.deepEqual(
    asked.map(({ about }) => about),
    ['delay', 'failure'],
  );
  assert.equal((await store.read(() => rows('select * from queue_entry'))).length, 0);
  await queue.stop();
});

test('mail of a lane that may not go leaves others their turns, and goes when it may', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let open = false;
  const went: string[] = [];
  const gate: Gate = {
    connectionsMax: 5,
    ways: 1,
    close: () => {},
    ask: ({ org }, _, nowMs) =>
      org === 'held' && !open
        ? { is: 'wait', untilMs: nowMs + 5000, whole: false }
        : {
            is: 'pass',
            way: {
              source: '',
              localAddresses: [],
              connectionMessages: 1,
              open: () => true,
              closed: () => {},
            },
            connections: 5,
            recipientsMax: 1,
            go: () => void went.push(org),
            over: () => ({ tooMany: false }),
          },
  };
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      assert.equal(attempt.recipients.length, 1, 'as many recipients as the pass lets through');
      return { outcomes: [{ is: 'delivered', notice: 'passedOn' }], conversations: [] };
    },
    gateOf: () => gate,
  });
  await queue.start();
  await queue.accept(testSubmission(clock, ['a@there.test', 'b@there.test'], { org: 'held' }), []);
  await queue.accept(testSubmission(clock, ['c@there.test'], { org: 'free' }), []);
  await clock.advance(1000);
  assert.deepEqual(went, ['free']);
  open = true;
  await clock.advance(6000);
  assert.deepEqual(went, ['free', 'held', 'held']);
  await queue.stop();
});

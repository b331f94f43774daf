import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import type { Outcome } from './attempt.ts';
import type { DeliverBy, Notify } from './message.ts';
import { all, busy, delivered, openQueueStore, testQueue, testSubmission } from './testing.ts';

const minute = 60_000;

interface Case {
  readonly by: Omit<DeliverBy, 'atMs'>;
  readonly notify?: readonly Notify[];
  readonly outcome: Outcome;
}

/** What the sender hears of a mail that is to be delivered within an hour, and when it was tried, in minutes. */
async function deliver({ by, notify = [], outcome }: Case) {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const startMs = clock.nowMs();
  const notices: string[] = [];
  const tries: number[] = [];
  const queue = testQueue({
    store,
    clock,
    with: { retryJitter: 0, retryFirstMs: 20 * minute, retryBaseMs: 50 * minute, retryFactor: 1 },
    notice: async ({ about, atMs }) => {
      notices.push(`${about} after ${Math.round((atMs - startMs) / minute)}`);
      return undefined;
    },
    deliver: async (attempt) => {
      tries.push(Math.round((clock.nowMs() - startMs) / minute));
      return all(attempt, outcome);
    },
  });
  await queue.start();
  const message = { deliverBy: { ...by, atMs: startMs + 60 * minute } };
  await queue.accept(testSubmission(clock, ['a@x.example'], message, { notify }), []);
  for (let i = 0; i < 130; i++) await clock.advance(minute, 2);
  await queue.stop();
  return { notices, tries };
}

test('mode N: it is tried once more when the time is up, and the sender hears of the delay then', async () => {
  const late = { by: { mode: 'notify', trace: false }, outcome: busy } as const;
  assert.deepEqual(await deliver(late), { notices: ['delay after 60'], tries: [0, 20, 60, 110] });
  assert.deepEqual((await deliver({ ...late, notify: ['failure'] })).notices, []);
});

test('a server that keeps no time has taken it: the sender hears of that, and of every server if it asked to', async () => {
  const relay = (trace: boolean, keepsTime: boolean, notify: readonly Notify[] = []) =>
    deliver({
      by: { mode: 'return', trace },
      notify,
      outcome: keepsTime && delivered.is === 'delivered' ? { ...delivered, keepsTime } : delivered,
    });
  assert.deepEqual((await relay(false, false)).notices, ['relayed after 0']);
  assert.deepEqual((await relay(false, true)).notices, []);
  assert.deepEqual((await relay(true, true)).notices, ['relayed after 0']);
  assert.deepEqual((await relay(true, false, ['never'])).notices, []);
  assert.deepEqual((await relay(false, true, ['success'])).notices, [], 'the next server tells');
});

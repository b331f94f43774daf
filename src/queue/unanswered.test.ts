import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import { rows } from '../store/transaction.ts';
import type { Outcome } from './attempt.ts';
import { all, delivered, openQueueStore, testQueue, testSubmission } from './testing.ts';

/** The text was sent, and no answer came; the second time the server answers. */
async function after(policy: 'retry' | 'hold' | 'bounce') {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let tries = 0;
  const notices: string[] = [];
  const lost: Outcome = {
    is: 'unknown',
    policy,
    answer: { phase: 'dot', host: 'mx.there.test', ip: '192.0.2.1', reply: '451 4.4.2 Connection lost' },
  };
  const queue = testQueue({
    store,
    clock,
    notice: async ({ about }) => {
      notices.push(about);
      return undefined;
    },
    deliver: async (attempt) => all(attempt, ++tries === 1 ? lost : delivered),
  });
  await queue.start();
  await queue.accept(testSubmission(clock, ['bob@there.test'], { org: 'a' }), []);
  for (let i = 0; i < 12; i++) await clock.advance(600_000);
  await clock.settle(30);
  const events = await store.read(() =>
    rows<{ kind: string; data: string }>('select kind, data from outbox order by seq'),
  );
  const left = await store.read(() => rows<{ held: number }>('select flags & 1 as held from queue_entry'));
  await queue.stop();
  const told = events.map(({ kind, data }) => {
    const { action = '', why = '' } = JSON.parse(data) as Record<string, string>;
    return [kind, action, kind === 'bounced' ? why : ''].filter((word) => word !== '').join(' ');
  });
  return { tries, notices, told, left: left.map(({ held }) => held) };
}

test('mail to which no answer came is tried again, held, or given back', async () => {
  assert.deepEqual(await after('retry'), {
    tries: 2,
    notices: [],
    told: ['deferred', 'delivered'],
    left: [],
  });
  assert.deepEqual(await after('hold'), {
    tries: 1,
    notices: [],
    told: ['deferred', 'managed held'],
    left: [1],
  });
  assert.deepEqual(await after('bounce'), {
    tries: 1,
    notices: ['failure'],
    told: ['bounced unanswered'],
    left: [],
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../base/ids.ts';
import { TestClock } from '../base/test-clock.ts';
import { quotaCheck, storageProblem } from './intake-checks.ts';

test('an account is full when what is announced does not fit; one without a quota is never looked at', async () => {
  const clock = new TestClock();
  const quotas: Readonly<Record<string, number>> = { small: 1000, free: 0 };
  let used = 900;
  let reads = 0;
  const isFull = quotaCheck({
    clock,
    directory: { account: async (id) => ({ quotaBytes: quotas[id] ?? 0 }) as never },
    mailboxes: {
      quota: async () => {
        reads += 1;
        return { usedBytes: used, limitBytes: 0, emails: 0 };
      },
    },
  });
  const small = 'small' as AccountId;
  assert.equal(await isFull(small, 0), false);
  assert.equal(await isFull(small, 100), false);
  assert.equal(await isFull(small, 101), true);
  used = 1000;
  assert.equal(await isFull(small, 0), false, 'as it was a moment ago');
  await clock.advance(2001);
  assert.equal(await isFull(small, 0), true);
  assert.equal(reads, 2);
  assert.equal(await isFull('free' as AccountId, 1e9), false);
  assert.equal(reads, 2);
});

test('a store that cannot take mail says how', () => {
  assert.deepEqual((['ok', 'full', 'failed', 'damaged'] as const).map(storageProblem), [
    undefined,
    'storageFull',
    'storageBusy',
    'storageBusy',
  ]);
});

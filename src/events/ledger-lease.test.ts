import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import { TestClock } from '../base/test-clock.ts';
import { openTestStore } from '../store/testing.ts';
import { claimLedger, LedgerLease } from './ledger-lease.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

test('the embedded store has one node, which keeps its ledger', async () => {
  await using store = await openTestStore({ migrations, operations });
  await using lease = new LedgerLease(store, new TestClock());
  assert.equal(await lease.isHeld(), true);
});

describePostgres('the lease of the ledger on PostgreSQL', (open) => {
  test('one node has it, another when it is given back', async () => {
    await using store = await open({ migrations, operations });
    const clock = new TestClock();
    const first = new LedgerLease(store, clock);
    await using second = new LedgerLease(store, clock);
    assert.deepEqual(await Promise.all([first.isHeld(), first.isHeld()]), [true, true]);
    assert.equal(await second.isHeld(), false);
    await clock.advance(4000);
    assert.equal(await first.isHeld(), true);
    assert.equal(await second.isHeld(), false);
    await first[Symbol.asyncDispose]();
    await clock.advance(4000);
    assert.equal(await second.isHeld(), true);
    assert.equal(await store.write(claimLedger, { owner: 'third' }), false);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testAttempt } from '../delivery/testing.ts';
import type { Attempt, AttemptResult } from '../queue/attempt.ts';
import { operations } from '../suppression/operations.ts';
import { migrations } from '../suppression/migrations.ts';
import { migrations as events } from '../events/migrations.ts';
import { suppressionDefaults } from '../suppression/policy.ts';
import { Suppressions } from '../suppression/suppressions.ts';
import { openTestStore } from '../store/testing.ts';
import { systemClock } from '../base/clock.ts';
import { screened } from './suppression.ts';

test('an address that came onto the list while its mail waited is not tried; the others are, each with its own outcome', async () => {
  await using store = await openTestStore({ migrations: [...events, ...migrations], operations });
  const suppressions = new Suppressions({ store, clock: systemClock, policy: suppressionDefaults });
  await suppressions.put('o', 'x', [{ address: 'bob@there.test' }]);
  const tried: string[][] = [];
  const deliver = screened(suppressions, async ({ recipients }): Promise<AttemptResult> => {
    tried.push(recipients.map(({ address }) => address));
    return {
      outcomes: recipients.map(() => ({ is: 'delivered', notice: 'relayed' })),
      conversations: [],
    };
  });
  const attemptTo = (to: readonly string[], program: boolean): Attempt => {
    const given = testAttempt(to, { site: 'there.test' });
    return { ...given, message: { ...given.message, org: 'o', ...(program && { program: true as const }) } };
  };
  const all = ['ann@there.test', 'Bob@there.test', 'eve@there.test'];
  const { outcomes } = await deliver(attemptTo(all, true));
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.is === 'failed' ? outcome.why : outcome.is)),
    ['delivered', 'suppressed', 'delivered'],
  );
  const [, kept] = outcomes;
  assert.match(kept?.is === 'failed' ? kept.answer.reply : '', /^550 5\.7\.1 Not tried: .*manual/);
  await deliver(attemptTo(['bob@there.test'], true));
  // What a person writes from a mailbox goes.
  await deliver(attemptTo(['bob@there.test'], false));
  assert.deepEqual(tried, [['ann@there.test', 'eve@there.test'], ['bob@there.test']]);
});

/** Mail sleeps where everybody sees it, and comes back once, at its time, unread. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/clock.ts';

import { Refusal } from '../../base/refusal.ts';
import { seen } from '../flags.ts';
import { inboxNumber, mailboxNumber } from '../ids.ts';
import { Snoozes } from '../snoozes.ts';
import { alice, mailboxesOf, problemsOf, simple } from '../testing.ts';
import type { Engine } from './engine.ts';

export function snoozesContract(engine: Engine): void {
  describe('snoozed mail', () => {
    test('it lies in a mailbox of its own and comes back at its time, unread, once', async () => {
      await using store = await engine.open();
      using mailboxes = mailboxesOf(store);
      let nowMs = 1_800_000_000_000;
      const clock: Clock = { ...systemClock, nowMs: () => nowMs };
      const snoozes = new Snoozes({ store, clock });
      const inbox = (await mailboxes.list(alice))[0]!.id;
      await mailboxes.append(alice, inbox, [simple('one'), simple('two'), simple('three')]);
      await mailboxes.storeFlags(alice, inbox, [1], { how: 'add', flags: { system: seen, keywords: [] } });
      const emails = [1, 2, 3];
      const put = (which: readonly number[], afterMs: number, from = inboxNumber) =>
        snoozes.put(alice, which, { from, untilMs: nowMs + afterMs });
      await assert.rejects(put(emails, 0), (error) => error instanceof Refusal && error.reason === 'invalid');
      assert.equal(await put([1], 1000), 0);
      assert.equal(await put([2, 99], 5000), 1);
      const count = async (role: string): Promise<number> =>
        (await mailboxes.list(alice)).find((box) => box.role === role)?.total ?? -1;
      assert.deepEqual([await count('inbox'), await count('snoozed')], [1, 2]);
      assert.deepEqual(
        (await snoozes.list(alice)).map(({ email }) => email),
        [1, 2],
      );
      const [first, second] = await snoozes.next(10);
      assert.equal(await snoozes.wake(first!), false, 'its time has not come');
      nowMs += 1000;
      assert.equal(await snoozes.wake(first!), true);
      assert.equal(await snoozes.wake(first!), false, 'it is awake');
      assert.deepEqual([await count('inbox'), await count('snoozed')], [2, 1]);
      const unseen = (await mailboxes.list(alice)).find(({ role }) => role === 'inbox')!.unseen;
      assert.equal(unseen, 2);
      // Who sleeps gets another time.
      const bed = (await mailboxes.list(alice)).find(({ role }) => role === 'snoozed')!.id;
      assert.equal(await put([2], 9000, mailboxNumber(bed as string)), 0);
      assert.deepEqual(
        (await snoozes.list(alice)).map(({ untilMs }) => untilMs - nowMs),
        [9000],
      );
      // What was moved out by hand stays where it is.
      await mailboxes.move(alice, bed, [2], inbox);
      nowMs += 9000;
      assert.equal(await snoozes.wake(second!), false);
      assert.deepEqual([await count('inbox'), await count('snoozed')], [3, 0]);
      assert.deepEqual(await snoozes.next(10), []);
      assert.deepEqual(await problemsOf(store), []);
    });
  });
}

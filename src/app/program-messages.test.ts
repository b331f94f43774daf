import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newMessageId } from '../base/ids.ts';
import { TestClock } from '../base/test-clock.ts';
import { ProgramMessages } from './program-messages.ts';

test('what was made since is known without asking; of what is older, and of what it had to forget, the ledger is asked once', async () => {
  const clock = new TestClock();
  const asked: string[] = [];
  const older = { message: newMessageId(clock), org: 'o' };
  await clock.advance(3_600_000);
  const programs = new ProgramMessages(clock.nowMs(), async ({ message }) => {
    asked.push(message);
    return message === older.message;
  });
  await clock.advance(120_000);
  const mine = { message: newMessageId(clock), org: 'o' };
  programs.add(mine);
  const theirs = { message: newMessageId(clock), org: 'o' };
  assert.equal(await programs.has(mine), true);
  assert.equal(await programs.has({ ...mine, org: 'another' }), false);
  assert.equal(await programs.has(theirs), false);
  assert.deepEqual(asked, []);
  assert.equal(await programs.has(older), true);
  assert.equal(await programs.has(older), true);
  assert.deepEqual(asked, [older.message]);
  await clock.advance(1000);
  for (let i = 0; i < 60_000; i++) programs.add({ message: newMessageId(clock), org: 'o' });
  assert.equal(await programs.has(mine), false);
  assert.deepEqual(asked, [older.message, mine.message]);
});

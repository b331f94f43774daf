import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snoozeTimes } from './snooze-times.ts';

const told = (now: Date): readonly string[] =>
  snoozeTimes(now).map(({ name, at }) => `${name} ${at.getMonth() + 1}/${at.getDate()} ${at.getHours()}`);

test('times to come back lie ahead, whatever the day', () => {
  // A Wednesday.
  assert.deepEqual(told(new Date(2026, 2, 4, 9)), [
    'evening 3/4 18',
    'tomorrow 3/5 8',
    'weekend 3/7 8',
    'nextWeek 3/9 8',
  ]);
  assert.deepEqual(told(new Date(2026, 2, 4, 20)), ['tomorrow 3/5 8', 'weekend 3/7 8', 'nextWeek 3/9 8']);
  // Friday: tomorrow is the weekend. Sunday: tomorrow is next week. Monday: in a week.
  assert.deepEqual(told(new Date(2026, 2, 6, 20)), ['tomorrow 3/7 8', 'nextWeek 3/9 8']);
  assert.deepEqual(told(new Date(2026, 2, 9, 20)), ['tomorrow 3/10 8', 'weekend 3/14 8', 'nextWeek 3/16 8']);
  for (let hour = 0; hour < 24 * 14; hour++) {
    const now = new Date(2026, 2, 1, hour);
    for (const { at } of snoozeTimes(now)) assert.equal(at > now, true);
  }
});

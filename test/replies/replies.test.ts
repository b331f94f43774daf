/** Replies of many mail servers are read as a person reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyMarks } from './marks.ts';

test('replies of servers in many words and languages: 98 of 100 as a person reads them', () => {
  const marks = replyMarks();
  const wrong = marks.filter((one) => !one.right);
  assert.ok(marks.length > 350, 'the set is whole');
  const told = wrong.map(({ reasons, verdict, text }) => `${reasons.join('|')} ≠ ${verdict.reason}: ${text}`);
  assert.ok(wrong.length <= marks.length * 0.02, told.join('\n'));
});

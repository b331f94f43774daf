import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactBaseSubject } from './base-subject-5256.ts';

const cases: readonly (readonly [subject: string, base: string, marked: boolean])[] = [
  ['hello', 'hello', false],
  ['Re: hello', 'hello', true],
  ['RE : [x] : hello', ': hello', true],
  ['Re [2]: hello', 'hello', true],
  ['Fw: Fwd: re: hello', 'hello', true],
  ['[list] Re: hello', 'hello', true],
  ['[list] hello', 'hello', false],
  ['[one] [two] hello', 'hello', false],
  ['[only]', '[only]', false],
  ['Re: [only]', '[only]', true],
  ['hello (fwd)', 'hello', true],
  ['hello (FWD)  (fwd) ', 'hello', true],
  ['[Fwd: hello]', 'hello', true],
  ['[fwd: Re: hello (fwd)]', 'hello', true],
  ['  hello \t world ', 'hello world', false],
  // Marks of other languages are part of the subject here.
  ['AW: hello', 'AW: hello', false],
  ['Reply: hello', 'Reply: hello', false],
  ['', '', false],
  ['Re:', '', true],
];

test('the base subject is that of RFC 5256', () => {
  for (const [subject, base, isReplyOrForward] of cases)
    assert.deepEqual(exactBaseSubject(subject), { base, isReplyOrForward }, subject);
});

test('a subject made of leaders alone takes no time', () => {
  assert.equal(exactBaseSubject('[a] '.repeat(1000)).base, '[a]');
  assert.equal(exactBaseSubject('re:'.repeat(600)).base, '');
  assert.equal(exactBaseSubject('[fwd:'.repeat(300) + ']'.repeat(300)).base, '');
});

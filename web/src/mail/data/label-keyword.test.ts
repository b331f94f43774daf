import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Label } from '../../../../src/httpd/admin-api/contract-self-mail.ts';
import { keywordFor, labelsOf } from './label-keyword.ts';

test('the keyword of a label is an atom, its own, and that of the tag in Thunderbird', () => {
  assert.equal(keywordFor('Work', []), 'work');
  assert.equal(keywordFor('To do (now)', []), 'to_do__now_');
  assert.equal(keywordFor('仕事', []), '&ttvoiw-');
  assert.equal(keywordFor('$seen', []), '_seen');
  const work: Label = { keyword: 'work', name: 'Work', colour: 'red' };
  assert.equal(keywordFor('WORK', [work]), 'work-2');
  assert.deepEqual(labelsOf({ keywords: { work: true, $seen: true } }, [work]), [work]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionsOf, filterOf } from './search.ts';

test('words and operators become conditions of Email/query', () => {
  assert.deepEqual(conditionsOf('hello'), [{ text: 'hello' }]);
  assert.deepEqual(conditionsOf('from:bob subject:"two words" x'), [
    { from: 'bob' },
    { subject: '"two words"' },
    { text: 'x' },
  ]);
  assert.deepEqual(conditionsOf('has:attachment is:unread larger:2m smaller:10kb'), [
    { hasAttachment: true },
    { notKeyword: '$seen' },
    { minSize: 2_000_000 },
    { maxSize: 10_000 },
  ]);
  assert.deepEqual(conditionsOf('-from:bob -x'), [
    { operator: 'NOT', conditions: [{ from: 'bob' }] },
    { operator: 'NOT', conditions: [{ text: 'x' }] },
  ]);
  const [{ before }] = conditionsOf('before:2026-01-31') as unknown as [{ before: string }];
  assert.equal(before, new Date('2026-01-31T00:00:00').toISOString().replace('.000', ''));
});

test('what an IME types counts: full-width spaces and colons', () => {
  assert.deepEqual(conditionsOf('from：髙橋　見積'), [{ from: '髙橋' }, { text: '見積' }]);
});

test('what is no operator is looked for as it stands', () => {
  assert.deepEqual(conditionsOf('https://x.test/a 10:30 before:soon from:'), [
    { text: 'https://x.test/a' },
    { text: '10:30' },
    { text: 'before:soon' },
    { text: 'from:' },
  ]);
  assert.deepEqual(conditionsOf('  '), []);
  assert.deepEqual(conditionsOf('"open'), [{ text: 'open' }]);
});

test('a search is within a mailbox, or everywhere', () => {
  assert.equal(filterOf({ mailbox: undefined, search: '' }), null);
  assert.deepEqual(filterOf({ mailbox: 'a', search: '' }), { inMailbox: 'a' });
  assert.deepEqual(filterOf({ mailbox: 'a', search: 'x' }), {
    operator: 'AND',
    conditions: [{ inMailbox: 'a' }, { text: 'x' }],
  });
});

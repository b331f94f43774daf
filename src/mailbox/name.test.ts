import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Refusal } from '../base/refusal.ts';
import { canonicalName, compareNames, levelMaxBytes, levelsMax, lookupName, superiors } from './name.ts';

test('names are NFC, INBOX is one in any case and as a first level, a trailing delimiter goes', () => {
  assert.equal(canonicalName('か\u3099'), 'が');
  assert.equal(canonicalName('iNbOx'), 'INBOX');
  assert.equal(canonicalName('inbox/Sub'), 'INBOX/Sub');
  assert.equal(canonicalName('Sub/inbox'), 'Sub/inbox');
  assert.equal(canonicalName('Inboxes'), 'Inboxes');
  assert.equal(canonicalName('a/b/'), 'a/b');
});

test('what cannot be a name is refused', () => {
  const bad = [
    '',
    '/',
    '/a',
    'a//b',
    'a//',
    'a\0b',
    'a\r\nb',
    'a\u007f',
    'a\u0085',
    'a\u2028b',
    '\ud800',
    'a\u202eb',
    ' a',
    'a /b',
  ];
  bad.push(
    'x'.repeat(levelMaxBytes + 1),
    'あ'.repeat(86),
    'd/'.repeat(levelsMax) + 'd',
    `${'y'.repeat(250)}/`.repeat(5),
  );
  for (const name of bad) {
    assert.throws(
      () => canonicalName(name),
      (error) => error instanceof Refusal && error.reason === 'mailboxNameInvalid',
      JSON.stringify(name),
    );
    assert.equal(lookupName(name), undefined);
  }
});

test('a canonical name stays what it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const name = lookupName(text);
      if (name !== undefined) assert.equal(canonicalName(name), name);
    }),
  );
});

test('superior names come top first; INBOX sorts first, inferiors right behind their superior', () => {
  assert.deepEqual(superiors('a/b/c'), ['a', 'a/b']);
  assert.deepEqual(superiors('a'), []);
  const names = ['a-b', 'a', 'a/z', 'INBOX/x', 'B', 'INBOX', 'a/b/c', 'a/b'];
  assert.deepEqual(names.sort(compareNames), ['INBOX', 'INBOX/x', 'B', 'a', 'a/b', 'a/b/c', 'a/z', 'a-b']);
});

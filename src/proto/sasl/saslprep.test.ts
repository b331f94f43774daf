import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { saslprep } from './saslprep.ts';

test('the examples of RFC 4013, section 3', () => {
  assert.equal(saslprep('I\u00adX'), 'IX');
  assert.equal(saslprep('user'), 'user');
  assert.equal(saslprep('USER'), 'USER');
  assert.equal(saslprep('\u00aa'), 'a');
  assert.equal(saslprep('\u2168'), 'IX');
  assert.equal(saslprep('\u0007'), undefined);
  assert.equal(saslprep('\u0627\u0031'), undefined);
});

test('spaces become one kind of space, invisible characters go, prohibited ones are refused', () => {
  assert.equal(saslprep('a\u00a0b\u3000c\u200bd'), 'a b c d');
  assert.equal(saslprep('\u200d\ufe0f'), '');
  for (const bad of ['\u0000', '\u007f', '\u2028', '\ue000', '\ufffe', '\ud800', '\u{f0000}', '\u200e']) {
    assert.equal(saslprep(`a${bad}`), undefined, bad);
  }
});

test('bidirectional text begins and ends right to left and has no left-to-right letters', () => {
  assert.equal(saslprep('\u0627\u0031\u0628'), '\u0627\u0031\u0628');
  assert.equal(saslprep('\u0627a\u0628'), undefined);
  assert.equal(saslprep('1\u0627'), undefined);
});

test('Japanese and emoji pass; half-width forms are folded', () => {
  assert.equal(saslprep('パスワード🔑'), 'パスワード🔑');
  assert.equal(saslprep('ﾊﾟｽﾜｰﾄﾞ'), 'パスワード');
});

test('preparing twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = saslprep(text);
      if (once !== undefined) assert.equal(saslprep(once), once);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldingBlanks, trimmed, wsp } from './trimmed.ts';

test('blanks of the grammar go, at both ends only', () => {
  assert.equal(trimmed(' \t a b \t', wsp), 'a b');
  assert.equal(trimmed('\r\n a\r\n b\r\n', wsp), '\r\n a\r\n b\r\n');
  assert.equal(trimmed('\r\n a\r\n b\r\n', foldingBlanks), 'a\r\n b');
  assert.equal(trimmed('\u3000a\u00a0', foldingBlanks), '\u3000a\u00a0');
  for (const blank of ['', ' ', '\t\t \t']) assert.equal(trimmed(blank, wsp), '');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeUtf8Xtext, decodeXtext, encodeUtf8Xtext, encodeXtext } from './xtext.ts';

test('any text survives xtext and utf-8-addr-xtext', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(decodeXtext(encodeXtext(text)), text);
      assert.match(encodeXtext(text), /^[!-~]*$/);
      if (!/[\u0000-\u001f\u007f]/.test(text)) assert.equal(decodeUtf8Xtext(encodeUtf8Xtext(text)), text);
    }),
  );
});

test('what is not xtext is refused', () => {
  for (const bad of ['a b', 'a=b', 'a+', 'a+2', 'a+zz', 'é']) assert.equal(decodeXtext(bad), undefined, bad);
  for (const bad of ['a b', '\\x{}', '\\x{110000}', '\\x{D800}', 'a=b', '\\x{0A}', '\\']) {
    assert.equal(decodeUtf8Xtext(bad), undefined, bad);
  }
  assert.equal(encodeXtext('a+b=c d'), 'a+2Bb+3Dc+20d');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { cutOctets, octetCount, octetsOf, textOf } from './text.ts';

test('any octets come back as they were', () => {
  const octets = fc.oneof(
    fc.uint8Array(),
    fc
      .array(fc.constantFrom(0xe3, 0x81, 0x82, 0x41, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0xc0, 0xff))
      .map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(octets, (bytes) => {
      const text = textOf(bytes);
      assert.deepEqual(octetsOf(text), Buffer.from(bytes));
      assert.equal(octetCount(text), bytes.length);
    }),
    { numRuns: 2000 },
  );
});

test('well-formed text is itself', () => {
  assert.equal(textOf(Buffer.from('あ😀é')), 'あ😀é');
  assert.equal(textOf(Buffer.from([0x61, 0xff, 0xe3, 0x81, 0x82])), 'a\udcffあ');
});

test('a cut does not split a character', () => {
  assert.equal(cutOctets('ああ', 5), 'あ');
  assert.equal(cutOctets('abc', 2), 'ab');
  assert.equal(cutOctets('😀', 3), '');
});

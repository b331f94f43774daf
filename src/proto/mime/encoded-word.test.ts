import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeWords } from './encoded-word.ts';
import { encodeText, encodeWords } from './encoded-word-encoder.ts';

const cut = (bytes: Buffer): string => `=?utf-8?B?${bytes.toString('base64')}?=`;

test('the examples of RFC 2047 are decoded', () => {
  const examples: [string, string][] = [
    ['=?ISO-8859-1?Q?a?=', 'a'],
    ['=?ISO-8859-1?Q?a?= b', 'a b'],
    ['=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a_b?=', 'a b'],
    ['=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=', 'a b'],
    ['=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
  ];
  for (const [wire, text] of examples) assert.equal(decodeWords(wire), text);
});

test('a character split over words, lost padding, padding inside and blanks inside are repaired', () => {
  const sushi = Buffer.from('🍣寿司');
  for (let at = 1; at < sushi.length; at++) {
    assert.equal(decodeWords(`${cut(sushi.subarray(0, at))} ${cut(sushi.subarray(at))}`), '🍣寿司');
  }
  const base64 = sushi.toString('base64');
  for (let at = 1; at < base64.length; at++) {
    assert.equal(
      decodeWords(`=?utf-8?B?${base64.slice(0, at)}?=\t=?utf-8?B?${base64.slice(at)}?=`),
      '🍣寿司',
    );
  }
  assert.equal(decodeWords('=?utf-8?B?YQ==Yg?='), 'ab');
  assert.equal(decodeWords('=?utf-8?B?44G T44 KT?='), 'こん');
  assert.equal(
    decodeWords('=?iso-2022-jp?B?GyRCN29MPhsoQg==?==?iso-2022-jp?B?GyRCN29MPhsoQg==?='),
    '件名件名',
  );
});

test('what is no encoded word stays, and an open one does not swallow the next', () => {
  for (const text of ['=?', '=?utf-8?', '=?utf-8?Q?', '=?utf-8?X?a?=', 'a =? b ?= c', '=??Q?a?='])
    assert.equal(decodeWords(text), text);
  assert.equal(decodeWords('=?utf-8?Q?open =?utf-8?Q?b?='), '=?utf-8?Q?open b');
});

test('a decoded word brings in no line end and no NUL', () => {
  assert.equal(decodeWords('=?utf-8?Q?a=0D=0ABcc:_x=00y?='), 'a Bcc: x y');
});

test('words that are never closed take linear time', () => {
  const start = process.cpuUsage().user;
  for (const evil of ['=?a?q?', '=?a?q? ', '=?', '=?a?b?x', '?=']) decodeWords(evil.repeat(200_000));
  decodeWords(`${'=?a?q? '.repeat(200_000)}?=`);
  assert(process.cpuUsage().user - start < 3_000_000);
});

test('what is encoded fits the limits and is read back the same', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 200 })
    .map((raw) => raw.replace(/[\r\n\0\p{Cs}]/gu, ''));
  fc.assert(
    fc.property(text, fc.constantFrom('utf-8' as const, 'iso-2022-jp' as const), (any, charset) => {
      const trimmed = any.trim();
      const wire = encodeText(trimmed, { charset, used: 9 });
      assert.match(wire, /^[\x20-\x7e\r\n]*$/);
      for (const line of wire.split('\r\n')) assert(line.length <= 998);
      for (const word of encodeWords(trimmed, charset)) assert(word.length <= 75, word);
      if (charset === 'utf-8') assert.equal(decodeWords(wire.replaceAll('\r\n', '')), trimmed);
    }),
  );
});

test('blanks at the ends and in a row are kept, wherever they stand', () => {
  for (const text of [' blanks  inside  and around ', 'a  b  c', ' a', 'a ', '  ', '日本  語 ', ' x  日本'])
    for (const charset of ['utf-8', 'iso-2022-jp'] as const)
      assert.equal(decodeWords(encodeText(text, { used: 9, charset }).replaceAll('\r\n', '')), text);
});

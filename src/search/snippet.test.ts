import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { foldText } from './fold.ts';
import { foldWithMap } from './folded-map.ts';
import { marked, snippet, snippetMaxBytes } from './snippet.ts';

const characters = Array.from('aZé<&"ﾊﾟカガ髙高﨑 \n　。か\u3099e\u0301한\u1112\u1161\u11abσΣ🎉𠮷\u00adxﬁ');
const anyText = fc.array(fc.constantFrom(...characters), { maxLength: 60 }).map((each) => each.join(''));

test('what is invisible keeps nothing apart', () => {
  for (const text of ['ﾊ\u00adﾟ', 'e\u200b\u0301x', ' \u00ad x', '\u1112\u00ad\u1161\u200b\u11ab', '가\u11a8'])
    assert.equal(foldWithMap(text).folded, foldText(text), JSON.stringify(text));
});

test('highlights are of the text as it was written, whatever form of it was looked for', () => {
  assert.equal(marked('株式会社 髙橋 & Co', [foldText('高橋')]), '株式会社 <mark>髙橋</mark> &amp; Co');
  assert.equal(
    marked('ﾊﾟﾘのCafé', [foldText('パリ'), foldText('cafe')]),
    '<mark>ﾊﾟﾘ</mark>の<mark>Café</mark>',
  );
  assert.equal(marked('a <b> a', ['a']), '<mark>a</mark> &lt;b&gt; <mark>a</mark>');
  assert.equal(marked('line one\r\n line two', ['one line']), 'line <mark>one\r\n line</mark> two');
  assert.equal(marked('abcbc', ['abc', 'cbc']), '<mark>abcbc</mark>');
  assert.equal(marked('nothing', ['x']), undefined);
});

test('a snippet shows where most was found, in whole words, with what is left out before and behind', () => {
  const filler = 'word '.repeat(100);
  const found = snippet(`${filler}needle alone ${filler}the needle in a haystack, ${filler}`, [
    'needle',
    'haystack',
  ])!;
  assert.match(found, /^…word .*the <mark>needle<\/mark> in a <mark>haystack<\/mark>, word .*word…$/);
  assert.ok(Buffer.byteLength(found) <= snippetMaxBytes);
  const japanese = snippet(`${'前'.repeat(300)}見積書を送付${'後'.repeat(300)}`, ['見積書'])!;
  assert.match(japanese, /^…前+<mark>見積書<\/mark>を送付後+…$/);
  assert.ok(Buffer.byteLength(japanese) <= snippetMaxBytes);
  assert.equal(snippet('short and sweet', ['sweet']), 'short and <mark>sweet</mark>');
});

test('the folded map is the folded text, and a snippet is never too large, nor anything but the text with marks', () => {
  fc.assert(
    fc.property(anyText, fc.nat(60), fc.integer({ min: 1, max: 8 }), (text, from, length) => {
      const { folded } = foldWithMap(text);
      assert.equal(folded, foldText(text));
      const wanted = folded.slice(from, from + length);
      const long = `${text} ${text}${text}`;
      const found = snippet(long, [wanted], 100);
      if (found === undefined) return;
      assert.ok(Buffer.byteLength(found) <= 100, found);
      const plain = found
        .replaceAll(/<\/?mark>|…/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
      assert.ok(
        long.replace(/\s+/g, ' ').includes(plain),
        `${JSON.stringify(plain)} of ${JSON.stringify(long)}`,
      );
    }),
  );
});

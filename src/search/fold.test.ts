import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { foldText } from './fold.ts';
import { variantKanji } from './variant-kanji.ts';

const same = (a: string, b: string): void => assert.equal(foldText(a), foldText(b));

test('case, width, wave dash and minus do not matter, voiced marks do', () => {
  same('ｶﾞＡ１〜−', 'ガa1～－');
  same('ﾊﾟﾘ', 'パリ');
  assert.notEqual(foldText('か'), foldText('が'));
  assert.notEqual(foldText('ハ'), foldText('パ'));
  assert.notEqual(foldText('あ'), foldText('ア'));
});

test('letters are compared as i;unicode-casemap does: a letter is found in itself with a mark (RFC 5051)', () => {
  same('CAFÉ', 'cafe\u0301');
  assert.ok(foldText('Café').includes(foldText('CAFE')));
  assert.ok(!foldText('cafe').includes(foldText('é')));
  same('ΟΔΟΣ', 'οδοσ');
  same('ЙОД', 'й\u043eд');
  same('한국', '\u1112\u1161\u11ab\u1100\u116e\u11a8');
});

test('variant kanji stand for one another', () => {
  same('髙橋', '高橋');
  same('山﨑', '山崎');
  same('渡邊', '渡辺');
  same('渡邉', '渡辺');
  same('𠮷野家', '吉野家');
  same('齋藤', '斎藤');
  same('國學院', '国学院');
  same('神', '\ufa19');
});

test('no variant stands for itself, and none for one that stands for another', () => {
  for (const [from, to] of variantKanji) {
    assert.notEqual(from, to);
    assert.ok(!variantKanji.has(to), `${from} ${to}`);
  }
});

test('white space is one blank, what cannot be seen is nothing', () => {
  assert.equal(foldText('a \r\n\t b\u3000c'), 'a b c');
  assert.equal(foldText('exam\u00adple \u200bword'), 'example word');
});

test('the form of a form is itself, and that of a part of a text stands in that of the whole', () => {
  const letters = Array.from('aZéßÅ1２ カガ髙高﨑邊〜-\n　。、한Жσς🎉𠮷');
  const text = fc.array(fc.constantFrom(...letters), { maxLength: 30 });
  fc.assert(
    fc.property(text, fc.nat(30), fc.nat(30), (characters, a, b) => {
      const whole = foldText(characters.join(''));
      assert.equal(foldText(whole), whole);
      const part = foldText(characters.slice(Math.min(a, b), Math.max(a, b)).join(''));
      assert.ok(whole.includes(part.trim()), `${JSON.stringify(part)} in ${JSON.stringify(whole)}`);
    }),
  );
});

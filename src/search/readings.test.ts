import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asHiragana, readingsOf } from './readings.ts';

const has = (text: string, reading: string, asName = true): void =>
  assert.ok(readingsOf(text, asName).includes(reading), `${text}: ${readingsOf(text, asName).join(' ')}`);

test('a name is found by each of its readings, in any of its forms, with or without a blank', () => {
  for (const name of ['髙橋', '高橋', '髙橋 太郎', '高橋太郎', '髙橋　太郎様']) has(name, 'たかはし');
  has('高橋太郎', 'たろう');
  has('渡邊', 'わたなべ');
  has('渡邉 裕子', 'ゆうこ');
  has('渡邉 裕子', 'ひろこ');
  has('山﨑', 'やまざき');
  has('佐々木', 'ささき');
  has('タカハシ', 'たかはし');
  has('ﾀｶﾊｼ', 'たかはし');
});

test('names that stand in a subject are read, other words are not', () => {
  has('高橋様のお見積りについて', 'たかはし', false);
  has('Re: 【重要】佐々木部長', 'ささき', false);
  has('テスト', 'てすと', false);
  assert.deepEqual(readingsOf('hello', false), []);
  assert.deepEqual(readingsOf('', true), []);
});

test('what is looked for may be typed in katakana', () => {
  assert.equal(asHiragana('タカハシ'), 'たかはし');
  assert.equal(asHiragana('abc 高橋'), 'abc 高橋');
});

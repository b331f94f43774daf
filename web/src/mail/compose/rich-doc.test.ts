/** What is written with forms, as HTML and as text; encodings of old receivers; times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeIso2022Jp } from '../../../../src/proto/mime/charset.ts';
import { changedBy, unwritable } from './jis.ts';
import {
  cidsOf,
  docOfText,
  htmlOf,
  isBlank,
  paragraph,
  type RichNode,
  textOf,
  textWithSignature,
  withSignature,
} from './rich-doc.ts';
import { localTime, presets } from './times.ts';

const text = (words: string, ...marks: NonNullable<RichNode['marks']>): RichNode => ({
  type: 'text',
  text: words,
  marks,
});
const p = (...content: RichNode[]): RichNode => ({ type: 'paragraph', content });
const doc = (...content: RichNode[]): RichNode => ({ type: 'doc', content });
const link = (href: string) => ({ type: 'link', attrs: { href } });

test('forms leave as HTML that needs no style sheet, and nothing that was typed becomes HTML', () => {
  const html = htmlOf(
    doc(
      p(
        text('<b>&"', { type: 'bold' }, { type: 'italic' }),
        { type: 'hardBreak' },
        text('x', link('https://a.test/?a=1&b="')),
      ),
      { type: 'heading', attrs: { level: 2 }, content: [text('見出し')] },
      { type: 'orderedList', attrs: { start: 3 }, content: [{ type: 'listItem', content: [p(text('三'))] }] },
      { type: 'paragraph' },
    ),
  );
  assert.equal(
    html,
    '<p style="margin:0"><strong><em>&lt;b&gt;&amp;&quot;</em></strong><br><a href="https://a.test/?a=1&amp;b=&quot;">x</a></p>\n' +
      '<h2 style="margin:12px 0 4px">見出し</h2>\n' +
      '<ol style="margin:4px 0" start="3"><li><p style="margin:0">三</p></li></ol>\n' +
      '<p style="margin:0"><br></p>',
  );
});

test('the text beside it has the marks that people use', () => {
  const written = doc(
    p(
      text('見てください: '),
      text('資料', link('https://a.test/x')),
      text(' と '),
      text('a.test', link('https://a.test/')),
    ),
    { type: 'bulletList', content: [{ type: 'listItem', content: [p(text('一')), p(text('続き'))] }] },
    { type: 'blockquote', content: [p(text('引用')), { type: 'blockquote', content: [p(text('深い'))] }] },
    p({ type: 'image', attrs: { cid: 'c@x', alt: '図.png' } }),
    { type: 'signature', content: [p(text('飛脚 太郎'))] },
  );
  assert.equal(
    textOf(written),
    '見てください: 資料 <https://a.test/x> と a.test\n- 一\n  続き\n> 引用\n>> 深い\n[図.png]\n-- \n飛脚 太郎',
  );
  assert.deepEqual(cidsOf(written), ['c@x']);
});

test('plain text becomes forms and comes back as it was', () => {
  for (const given of ['', 'one', 'a\n\nb', 'x\n> y\n>> z\nw']) assert.equal(textOf(docOfText(given)), given);
});

test('a signature takes the place of the one before, in both forms', () => {
  const signed = withSignature(doc(paragraph('x')), [paragraph('A')]);
  assert.equal(textOf(signed), 'x\n-- \nA');
  assert.equal(textOf(withSignature(signed, [paragraph('B')])), 'x\n-- \nB');
  assert.equal(textOf(withSignature(signed, [])), 'x');
  assert.equal(isBlank(withSignature(doc(paragraph()), [paragraph('A')])), true);
  const plain = textWithSignature('hello\n', '', 'A');
  assert.equal(plain, 'hello\n\n-- \nA');
  assert.equal(textWithSignature(plain, 'A', 'B'), 'hello\n\n-- \nB');
  assert.equal(textWithSignature(`${plain}\n\n> quoted`, 'A', ''), 'hello\n\n\n> quoted');
});

test('what has no form in ISO-2022-JP is what the server cannot write in it', () => {
  const wrong: string[] = [];
  for (let code = 0x20; code < 0x30000; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const here = unwritable(character).length === 0;
    if (here !== (encodeIso2022Jp(character) !== undefined)) wrong.push(code.toString(16));
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(unwritable('髙﨑①〜😀한😀\u001b'), ['😀', '한', '\u001b']);
  assert.deepEqual(changedBy('ｶﾞとﾊﾟ'), [
    ['ｶﾞ', 'ガ'],
    ['ﾊﾟ', 'パ'],
  ]);
});

test('times that are offered are all still to come, and none is named twice', () => {
  for (let day = 1; day <= 7; day++)
    for (const hour of [0, 9, 16, 17, 23]) {
      const nowMs = new Date(2026, 10, day, hour, 30).getTime();
      const times = presets(nowMs).map(({ ms }) => ms);
      assert.equal(new Set(times).size, times.length);
      assert.equal(
        times.every((ms) => ms > nowMs),
        true,
      );
    }
  assert.equal(localTime(new Date(2026, 0, 2, 3, 4).getTime()), '2026-01-02T03:04');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { unflow } from './flowed.ts';
import { htmlToText } from './html-text.ts';
import { indexMessage } from './structure.ts';
import { partText, preview, previewMax } from './text.ts';

const previewOf = (text: string): string => preview(Buffer.from(text), indexMessage(Buffer.from(text)));

test('HTML becomes the text a person would read', () => {
  const html =
    '<!-- c --><head><title>t</title><style>p{}</style></head><p class="a>b">Hello,&nbsp;<b>wor</b>ld &amp; &#x65E5;&#26412; &foo; 1 < 2' +
    '<br>next<script>evil("</b>")</script><div>block</div><td>a</td><td>b</td>';
  assert.equal(htmlToText(html), 'Hello, world & 日本 &foo; 1 < 2\nnext\nblock\na b');
  for (const open of ['<', '<!--', '<style>x', '<a href="', '<p', '&#'])
    assert.equal(typeof htmlToText(`x${open}`), 'string');
});

test('hostile HTML takes linear time', () => {
  const start = process.cpuUsage().user;
  for (const evil of ['<', '<a ', '<a "', '<!--', '<style>', '&', '<p>', ' \n', '<b>x</b>', '</'])
    htmlToText(evil.repeat(100_000));
  assert(process.cpuUsage().user - start < 4_000_000);
});

test('flowed text is joined within its quote depth, and DelSp removes the blank', () => {
  assert.equal(unflow('a \nb\nc \n> q \n> r\n-- \nsig', false), 'a b\nc \n> q r\n-- \nsig');
  assert.equal(unflow('長い \n段落', true), '長い段落');
  assert.equal(unflow(' From x', false), 'From x');
});

test('a preview is short, on one line, and prefers what the sender wrote himself', () => {
  assert.equal(previewOf('Subject: x\n\n> quoted\n\nHello\n\tthere\n'), 'Hello there');
  assert.equal(previewOf('Subject: x\n\n> only quoted\n'), '> only quoted');
  assert.equal(previewOf('Content-Type: text/html; charset=utf-8\n\n<p>日本\u200b\u200c語</p>'), '日本語');
  assert.equal(previewOf('Content-Type: image/png\n\nxx'), '');
  assert.equal(previewOf(`\n${'🍣'.repeat(1000)}`), '🍣'.repeat(previewMax));
  assert.equal(previewOf('Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$BF|K\\\x1b(B'), '日本');
});

test('a limit cuts at a line, and a lying charset is a problem', () => {
  const bytes = Buffer.from('Content-Type: text/plain; charset=utf-8\n\n日本\n語語語\n');
  const { root } = indexMessage(bytes);
  assert.deepEqual(partText(bytes, root, { bytesMax: 10 }), { text: '日本\n', problem: false });
  const wrong = Buffer.from('Content-Type: text/plain; charset=utf-8\n\n\xff\xfe\xfd', 'latin1');
  assert.equal(partText(wrong, indexMessage(wrong).root).problem, true);
});

test('any bytes have a preview', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      (any) => void previewOf(Buffer.from(any).toString('latin1')),
    ),
  );
});

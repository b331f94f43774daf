import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bodyLists, partName } from './body-list.ts';
import {
  compose,
  type Draft,
  type DraftField,
  formatField,
  MessageFormatError,
  withCrlf,
} from './compose.ts';
import { decodeWords } from './encoded-word.ts';
import { indexMessage } from './structure.ts';
import { partContent, partText } from './text.ts';

const report: Draft = {
  headers: [
    { name: 'From', addresses: [{ name: '配送係', local: 'mailer-daemon', domain: 'example.jp' }] },
    { name: 'To', addresses: [{ local: 'a..b', domain: 'docomo.ne.jp' }] },
    { name: 'Subject', text: '配信できませんでした（議事録） Undelivered' },
    { name: 'Date', dateMs: Date.UTC(2026, 10, 24), zoneMinutes: 540 },
    { name: 'Auto-Submitted', raw: 'auto-replied' },
  ],
  body: {
    is: 'multipart',
    subtype: 'report',
    params: [['report-type', 'delivery-status']],
    boundary: '=_r4nd0m',
    parts: [
      { is: 'text', text: 'お届けできませんでした。\n.\nFrom here' },
      {
        is: 'verbatim',
        type: 'message/delivery-status',
        bytes: Buffer.from('Reporting-MTA: dns; mx\n\nAction: failed\n'),
      },
      { is: 'verbatim', type: 'message/rfc822', bytes: Buffer.from('Subject: 件名\n\nbody\n') },
      {
        is: 'bytes',
        type: 'application/pdf',
        filename: '議事録（最終）とても長い名前です.pdf',
        bytes: Buffer.from('%PDF'),
      },
    ],
  },
};

for (const charset of ['utf-8', 'iso-2022-jp'] as const) {
  test(`a report in ${charset} is CRLF only, short lines, and reads back the same`, () => {
    const bytes = compose({ ...report, charset });
    const text = bytes.toString('latin1');
    assert.doesNotMatch(text, /[^\r]\n|\r[^\n]/);
    assert(text.split('\r\n').every((line) => line.length <= 78));
    const { root, envelope } = indexMessage(bytes);
    assert.equal(decodeWords(envelope.subject!), '配信できませんでした（議事録） Undelivered');
    assert.deepEqual(envelope.to, [{ local: 'a..b', domain: 'docomo.ne.jp' }]);
    assert.equal(envelope.date, 'Tue, 24 Nov 2026 09:00:00 +0900');
    assert.equal(root.encoding, '8bit');
    assert.deepEqual(partText(bytes, root.parts![0]!), {
      text: 'お届けできませんでした。\n.\nFrom here\n',
      problem: false,
    });
    assert.equal(
      partContent(bytes, root.parts![1]!).toString(),
      'Reporting-MTA: dns; mx\r\n\r\nAction: failed\r\n',
    );
    assert.equal(root.parts![2]!.message!.envelope.subject, '件名');
    assert.equal(partName(bodyLists(root).attachments.at(-1)!.part), '議事録（最終）とても長い名前です.pdf');
    assert.equal(partContent(bytes, root.parts![3]!).toString(), '%PDF');
  });
}

const write = (text: string): string =>
  compose({ headers: [], charset: 'iso-2022-jp', body: { is: 'text', text } }).toString('latin1');

test('ISO-2022-JP text is sent as 7bit, and falls back to UTF-8 where it must', () => {
  assert.match(
    write('日本'),
    /charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\x1b\$BF\|K\\\x1b\(B\r\n$/,
  );
  assert.match(write('日本🍣'), /charset=utf-8\r\n/);
  assert.match(write('plain'), /charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\nplain\r\n$/);
});

test('no value can add a field or a line', () => {
  for (const evil of ['a\r\nBcc: x', 'a\nb', 'a\rb', 'a\0b']) {
    const fields: DraftField[] = [
      { name: 'X', text: evil },
      { name: 'X', raw: evil },
      { name: 'X', addresses: [{ name: evil, local: 'a', domain: 'b' }] },
      { name: 'X', addresses: [{ local: evil, domain: 'b' }] },
      { name: 'X', addresses: [{ local: 'a', domain: evil }] },
      { name: 'X', addresses: [{ group: evil, members: [] }] },
      { name: evil, text: 'x' },
    ];
    for (const field of fields)
      assert.throws(() => formatField(field), MessageFormatError, JSON.stringify(field));
    assert.throws(
      () =>
        compose({ headers: [], body: { is: 'bytes', type: 'a/b', bytes: Buffer.alloc(0), filename: evil } }),
      MessageFormatError,
    );
    assert.throws(
      () => compose({ headers: [], body: { is: 'text', subtype: evil, text: '' } }),
      MessageFormatError,
    );
  }
  const domain = formatField({ name: 'To', addresses: [{ local: 'a', domain: 'good.test>, <evil@x' }] });
  assert.equal(indexMessage(Buffer.from(`${domain}\r\n`)).envelope.to.length, 1);
});

test('a boundary that occurs in a part is refused', () => {
  const part = { is: 'text', text: 'x\n--b\ny' } as const;
  assert.throws(
    () => compose({ headers: [], body: { is: 'multipart', subtype: 'mixed', boundary: 'b', parts: [part] } }),
    MessageFormatError,
  );
});

test('line ends become CRLF, and text of any kind is read back', () => {
  assert.equal(withCrlf(Buffer.from('a\nb\rc\r\nd\r\r\n')).toString(), 'a\r\nb\r\nc\r\nd\r\n\r\n');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (any) => {
      const text = any.replaceAll('\0', '').replace(/\r\n?/g, '\n').toWellFormed();
      const bytes = compose({ headers: [], body: { is: 'text', text } });
      assert.equal(
        partText(bytes, indexMessage(bytes).root).text,
        text === '' || text.endsWith('\n') ? text : `${text}\n`,
      );
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compose } from '../mime/compose.ts';
import { type Mdn, mdnBody, readMdn } from './mdn.ts';

const mdn = {
  subject: '開封確認: 見積',
  textBody: '読みました。\n',
  includeOriginalMessage: true,
  reportingUA: 'here.test; Hikyaku',
  disposition: { actionMode: 'manual-action', sendingMode: 'mdn-sent-manually', type: 'displayed' },
  mdnGateway: null,
  originalRecipient: 'rfc822;list@here.test',
  finalRecipient: 'rfc822; owner@here.test',
  originalMessageId: '<1@there.test>',
  error: ['a', 'b'],
  extensionFields: { 'X-Extra': 'more' },
} as const satisfies Mdn;

const written = (of: typeof mdn, message = Buffer.from('Subject: x\r\n\r\nHello\r\n')): Buffer =>
  compose({
    headers: [{ name: 'Subject', text: of.subject }],
    body: mdnBody(of, { message, header: message.subarray(0, 14) }),
  });

test('a notice that is written is read again, with all that it says', () => {
  assert.deepEqual(readMdn(written(mdn)), mdn);
});

test('the example of RFC 8098 is read', () => {
  const text = [
    'Subject: Disposition notification',
    'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
    '',
    '--b',
    '',
    'The message was displayed.',
    '--b',
    'content-type: message/disposition-notification',
    '',
    'Reporting-UA: joes-pc.cs.example.com; Foomail 97.1',
    'Original-Recipient: rfc822;Joe_Recipient@example.com',
    'Final-Recipient: rfc822;Joe_Recipient@example.com',
    'Original-Message-ID: <199509192301.23456@example.org>',
    'Disposition: manual-action/MDN-sent-manually; displayed/error',
    '--b--',
    '',
  ];
  const found = readMdn(Buffer.from(text.join('\r\n')));
  assert.deepEqual(found?.disposition, mdn.disposition);
  assert.deepEqual(
    [found?.includeOriginalMessage, found?.originalMessageId, found?.textBody],
    [false, '<199509192301.23456@example.org>', 'The message was displayed.'],
  );
});

test('what is no notice is told, whatever it is', () => {
  assert.equal(readMdn(Buffer.from('Subject: x\r\n\r\nHello\r\n')), undefined);
  assert.equal(
    readMdn(Buffer.from(written(mdn).toString('latin1').replace('displayed', 'eaten'), 'latin1')),
    undefined,
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => readMdn(Buffer.from(bytes)) === undefined));
});

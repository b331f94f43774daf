import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bodyText } from '../proto/imap/body-structure.ts';
import { envelopeText } from '../proto/imap/envelope.ts';
import { indexMessage } from '../proto/mime/structure.ts';
import { prepareEmail } from './email-facts.ts';
import { decodeDetails } from './stored-details.ts';

const stored = (text: string): string => prepareEmail(Buffer.from(text.replaceAll('\n', '\r\n'))).details;

test('what is ready for the wire is what would be made', () => {
  const pieces = [
    'From: a@b.test\n',
    'Subject: ',
    '=?utf-8?q?=E3=81=82?=',
    'あ',
    '"',
    '\\',
    '{',
    '\n',
    '\r',
    '\0',
    'x\n',
    ' ',
  ];
  const parts = [
    'Content-Type: multipart/mixed; boundary=x\n',
    '--x\n',
    '--x--\n',
    'y'.repeat(1100),
    'To: z <z@z.test>\n',
  ];
  const piece = fc.constantFrom(...pieces, ...parts);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (some) => {
      const bytes = Buffer.from(some.join(''));
      const { envelope, root } = indexMessage(bytes);
      const details = decodeDetails(prepareEmail(bytes).details);
      for (const utf8 of [false, true]) {
        if (details.wireEnvelope !== undefined)
          assert.equal(details.wireEnvelope, envelopeText(envelope, utf8));
        if (details.wireStructure !== undefined)
          assert.equal(details.wireStructure, bodyText(root, true, utf8));
      }
      assert.equal(envelopeText(details.index.envelope), envelopeText(envelope));
      assert.equal(bodyText(details.index.root, true), bodyText(root, true));
    }),
  );
});

test('an ordinary message has both lines, and what is behind them', () => {
  const details = decodeDetails(
    stored('From: a@b.test\nDate: Tue, 24 Nov 2026 10:00:00 +0900\n\nHello there\n'),
  );
  assert.match(details.wireEnvelope!, /^\("Tue, 24 Nov/);
  assert.match(details.wireStructure!, /^\("TEXT" "PLAIN"/);
  assert.equal(details.preview, 'Hello there');
  assert.equal(details.sentAtMs, Date.UTC(2026, 10, 24, 1));
  assert.equal(details.sentZoneMinutes, 540);
  assert.equal(details.hasAttachment, false);
});

test('an envelope of raw UTF-8 is made for each dialect; rows without lines are read as well', () => {
  const raw = decodeDetails(stored('From: a@b.test\nSubject: 見積\n\nHello\n'));
  assert.equal(raw.wireEnvelope, undefined);
  assert.match(raw.wireStructure!, /TEXT/);
  const old = decodeDetails(stored('From: a@b.test\nSubject: Hi\n\nHello\n').split('\n')[2]!);
  assert.deepEqual([old.wireEnvelope, old.wireStructure], [undefined, undefined]);
  assert.equal(old.index.envelope.subject, 'Hi');
});

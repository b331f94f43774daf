import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReturned } from './read-returned.ts';

const mail = (text: string): Buffer => Buffer.from(text.trimStart().replaceAll('\n', '\r\n'));

const dsn = (status: string, human = 'It failed.'): Buffer =>
  mail(`
From: MAILER-DAEMON@mx.test
To: bounces@here.test
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

${human}
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test
Original-Envelope-Id: QQ314159

${status}
--b
Content-Type: text/rfc822-headers

From: me@here.test
To: bob@there.test
Subject: Hello
Message-ID: <1@here.test>

--b--
`);

test('a delivery report by the book: who, what, and which mail it was', () => {
  const returned = readReturned(
    dsn(`Original-Recipient: rfc822;alias@there.test
Final-Recipient: rfc822; bob@there.test
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.there.test
Diagnostic-Code: smtp; 550 5.1.1 <bob@there.test>:
    User unknown`),
  );
  assert.equal(returned.is, 'bounce');
  assert.equal(returned.reportingMta, 'mx.test');
  assert.equal(returned.envelopeId, 'QQ314159');
  assert.equal(returned.originalMessageId, '<1@here.test>');
  const [one] = returned.recipients;
  assert.deepEqual(
    [one?.class, one?.reason, one?.address, one?.originalAddress, one?.code, one?.status, one?.remoteMta],
    ['hard', 'noSuchUser', 'bob@there.test', 'alias@there.test', '550', '5.1.1', 'mx.there.test'],
  );
});

test('several recipients, each with an outcome of its own', () => {
  const { recipients } = readReturned(
    dsn(`Final-Recipient: rfc822; a@there.test
Action: failed
Status: 5.2.2

Final-Recipient: rfc822; b@there.test
Action: delayed
Status: 4.4.7

Final-Recipient: rfc822; c@there.test
Action: delivered
Status: 2.0.0`),
  );
  assert.deepEqual(
    recipients.map((one) => [one.address, one.class, one.reason]),
    [
      ['a@there.test', 'soft', 'mailboxFull'],
      ['b@there.test', 'delayed', 'expired'],
      ['c@there.test', 'delivered', 'delivered'],
    ],
  );
});

test('internationalised addresses of RFC 6533, and those that carriers gave out', () => {
  const { recipients } = readReturned(
    dsn(`Final-Recipient: utf-8; \\x{5C71}\\x{7530}@there.test
Action: failed
Status: 5.1.1

Final-Recipient: rfc822; a..b.@docomo.ne.jp
Action: failed
Status: 5.1.1`),
  );
  assert.deepEqual(
    recipients.map((one) => one.address),
    ['山田@there.test', 'a..b.@docomo.ne.jp'],
  );
});

test('fields of a status without their order, blank lines and types', () => {
  const { recipients } = readReturned(
    dsn(`Final-Recipient: a@there.test
Action: failed (permanent)
Status: 5.1.1 (no such user)
Final-Recipient: <b@there.test>
Action: FAILED
Status: 5.2.2`),
  );
  assert.deepEqual(
    recipients.map((one) => [one.address, one.reason]),
    [
      ['a@there.test', 'noSuchUser'],
      ['b@there.test', 'mailboxFull'],
    ],
  );
});

test('the phase is read from the text around the status', () => {
  const status = `Final-Recipient: rfc822; hanako@docomo.ne.jp
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 550 Unknown user hanako@docomo.ne.jp`;
  const talk = (command: string): string => `... while talking to mfsmax.docomo.ne.jp.:
>>> ${command}
<<< 550 Unknown user hanako@docomo.ne.jp`;
  const [after] = readReturned(dsn(status, talk('DATA'))).recipients;
  assert.deepEqual([after?.phase, after?.reason, after?.class], ['data', 'filtered', 'soft']);
  const [at] = readReturned(dsn(status, talk('RCPT To:<hanako@docomo.ne.jp>'))).recipients;
  assert.deepEqual([at?.phase, at?.reason, at?.class], ['rcpt', 'noSuchUser', 'hard']);
});

test('a report of qmail, which has no fields', () => {
  const { is, recipients, originalMessageId } = readReturned(
    mail(`
From: MAILER-DAEMON@there.test
To: me@here.test
Subject: failure notice

Hi. This is the qmail-send program at there.test.
I'm afraid I wasn't able to deliver your message to the following addresses.

<bob@there.test>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <bob@there.test>: no such user
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Return-Path: <me@here.test>
Message-ID: <2@here.test>
To: bob@there.test
`),
  );
  assert.equal(is, 'bounce');
  assert.equal(originalMessageId, '<2@here.test>');
  assert.deepEqual(
    recipients.map((one) => [one.address, one.phase, one.reason, one.class]),
    [['bob@there.test', 'rcpt', 'noSuchUser', 'hard']],
  );
});

test('a complaint by RFC 5965, and one in the form of Outlook.com', () => {
  const arf = readReturned(
    mail(`
From: feedback@isp.test
To: fbl@here.test
Subject: complaint
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Original-Rcpt-To: <bob@isp.test>
Source-IP: 192.0.2.1
--b
Content-Type: message/rfc822

From: me@here.test
Message-ID: <3@here.test>

Hi
--b--
`),
  );
  assert.equal(arf.is, 'complaint');
  assert.deepEqual([arf.recipients[0]?.address, arf.recipients[0]?.reason], ['bob@isp.test', 'abuse']);
  assert.equal(arf.originalMessageId, '<3@here.test>');
  const outlook = readReturned(
    mail(`
From: staff@hotmail.com
To: jmrp@here.test
Subject: complaint about message from 192.0.2.1
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: eve@outlook.com
From: me@here.test
Message-ID: <4@here.test>

Hi
--b--
`),
  );
  assert.equal(outlook.is, 'complaint');
  assert.equal(outlook.recipients[0]?.address, 'eve@outlook.com');
});

test('holidays and challenges in many languages are replies of machines', () => {
  const reply = (fields: string): string => {
    const { is, recipients } = readReturned(
      mail(`\nFrom: bob@there.test\n${fields}\n\nI am away. Please click the link to confirm.\n`),
    );
    return `${is} ${recipients[0]?.reason ?? ''}`;
  };
  assert.equal(reply('Subject: Re: x\nAuto-Submitted: auto-replied (vacation)'), 'autoReply autoReply');
  for (const subject of [
    'Out of Office: x',
    'Automatische Antwort: x',
    'Réponse automatique : x',
    '自動返信：x',
    '不在通知',
    'Автоматический ответ: x',
  ])
    assert.equal(reply(`Subject: ${subject}`), 'autoReply vacation', subject);
  assert.equal(
    reply('Subject: Please confirm your message\nAuto-Submitted: auto-replied'),
    'autoReply challenge',
  );
  assert.equal(reply('Subject: On the office of the future'), 'none ');
});

test('a mail of a person about a bounce is a mail of a person', () => {
  const returned = readReturned(
    mail(`
From: Ann <ann@there.test>
To: me@here.test
Subject: Look at this

They say 550 5.1.1 <bob@there.test>: User unknown. Why?
`),
  );
  assert.equal(returned.is, 'none');
});

test('any cut of a report is read without harm', () => {
  const whole = dsn('Final-Recipient: rfc822; a@there.test\nAction: failed\nStatus: 5.1.1');
  for (let end = 0; end <= whole.length; end += 7) readReturned(whole.subarray(0, end));
  const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256));
  assert.equal(readReturned(noise).recipients.length, 0);
});

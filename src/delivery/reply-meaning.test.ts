import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { replyMeaning } from './reply-meaning.ts';

const cases: readonly (readonly [phase: string, host: string, reply: string, key: string])[] = [
  ['rcpt', 'mx.example', '550 5.1.1 <x@example>: Recipient address rejected: User unknown', 'noSuchMailbox'],
  ['rcpt', 'mx.example', '550 No such user here', 'noSuchMailbox'],
  ['rcpt', 'mx.example', '450 4.2.0 <x>: Recipient address rejected: Greylisted', 'greylisted'],
  ['rcpt', 'mx.example', '452 4.2.2 Over quota', 'mailboxFull'],
  ['mail', 'mx.example', '552 5.3.4 Message size exceeds fixed limit', 'tooLarge'],
  ['connect', '', '451 4.4.1 Connection refused (ECONNREFUSED)', 'noAnswer'],
  ['dns', '', '451 4.4.3 DNS did not answer for x: timeout', 'dnsTrouble'],
  ['dns', '', '556 5.1.10 The domain takes no mail (null MX)', 'takesNoMail'],
  [
    'dns',
    '',
    '550 5.7.1 Not tried: on the suppression list (unsubscribe, one click, since 2026-11-24)',
    'suppressed',
  ],
  [
    'rcpt',
    'mx.example',
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
    'blockedAddress',
  ],
  [
    'dot',
    'gmail-smtp-in.l.google.com',
    '550 5.7.26 This mail has been blocked because the sender is unauthenticated.',
    'unauthenticated',
  ],
  [
    'dot',
    'gmail-smtp-in.l.google.com',
    '421 4.7.28 Our system has detected an unusual rate of unsolicited mail',
    'tooFast',
  ],
  [
    'rcpt',
    'gmail-smtp-in.l.google.com',
    '550 5.1.1 The email account that you tried to reach does not exist.',
    'noSuchMailbox',
  ],
  ['mail', 'x.mail.protection.outlook.com', '550 5.7.606 Access denied, banned sending IP', 'blockedAddress'],
  [
    'mail',
    'x.olc.protection.outlook.com',
    '451 4.7.651 The mail server has been temporarily rate limited (S775)',
    'tooFast',
  ],
  [
    'mail',
    'mta7.am0.yahoodns.net',
    '421 4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume',
    'tooFast',
  ],
  ['rcpt', 'mfsmax.docomo.ne.jp', '550 Unknown user x@docomo.ne.jp', 'carrierRefuses'],
  ['rcpt', 'lsean.ezweb.ne.jp', '550 <x@ezweb.ne.jp>: User unknown', 'carrierRefuses'],
  ['rcpt', 'mx.softbank.ne.jp', '550 Invalid recipient: <x@softbank.ne.jp>', 'carrierRefuses'],
  ['dot', 'mx.example', '250 2.0.0 OK', 'delivered'],
  ['ehlo', 'mx.example', '599 what', 'refused'],
  ['ehlo', 'mx.example', '499 what', 'later'],
];

test('replies are told in words', () => {
  for (const [phase, host, reply, key] of cases) {
    const meaning = replyMeaning({ phase, host, reply }, 'en');
    assert.equal(meaning.key, key, reply);
    assert.notEqual(meaning.what, replyMeaning({ phase, host, reply }, 'ja').what);
  }
});

test('there is always a meaning', () => {
  const phase = fc.constantFrom(
    'dns',
    'connect',
    'banner',
    'ehlo',
    'tls',
    'auth',
    'mail',
    'rcpt',
    'data',
    'dot',
    '',
  );
  const code = fc.tuple(
    fc.integer({ min: 200, max: 599 }),
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 0, max: 40 }),
  );
  fc.assert(
    fc.property(phase, fc.string(), code, fc.string(), (phase, host, [code, subject, detail], words) => {
      for (const reply of [
        words,
        `${code} ${words}`,
        `${code} ${Math.trunc(code / 100)}.${subject}.${detail} ${words}`,
      ]) {
        const { what, advice } = replyMeaning({ phase, host, reply }, 'ja');
        assert.ok(what.length > 3 && advice.length > 3);
      }
    }),
  );
});

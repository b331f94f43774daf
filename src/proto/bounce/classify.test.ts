import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyRefusal } from './classify.ts';
import { isJapaneseCarrier } from './providers.ts';
import { failureReasons } from './reasons.ts';
import type { BouncePhase } from './verdict.ts';

interface Said {
  readonly phase?: BouncePhase;
  readonly host?: string;
  readonly recipient?: string;
  readonly status?: string;
}

const read = (text: string, { phase = '', host = '', recipient = '', status = '' }: Said = {}) =>
  classifyRefusal({ phase, host, recipient, text, status });
const reason = (text: string, said: Said = {}): string => {
  const verdict = read(text, said);
  return `${verdict.class} ${verdict.reason}`;
};

test('an unknown user at RCPT is hard; after DATA it is a filter that says so', () => {
  const host = 'mfsmax.docomo.ne.jp';
  assert.equal(reason('550 Unknown user hanako@docomo.ne.jp', { phase: 'rcpt', host }), 'hard noSuchUser');
  assert.equal(reason('550 Unknown user hanako@docomo.ne.jp', { phase: 'data', host }), 'soft filtered');
  assert.equal(reason('550 Unknown user hanako@docomo.ne.jp', { phase: 'dot', host }), 'soft filtered');
  assert.equal(reason('550 5.1.1 <a@b.test>: User unknown', { phase: 'rcpt' }), 'hard noSuchUser');
});

test('carriers of Japan mean what they document', () => {
  const docomo = { host: 'mfsmax.docomo.ne.jp', phase: 'data' } as const;
  assert.equal(reason('552 Too much mail data', docomo), 'soft mailboxFull');
  assert.equal(reason('552 Too many recipients', { ...docomo, phase: 'rcpt' }), 'soft tooManyConnections');
  const au = { recipient: 'taro@ezweb.ne.jp', phase: 'rcpt' } as const;
  assert.equal(reason('550 <taro@ezweb.ne.jp>: User unknown', au), 'hard noSuchUser');
  assert.equal(reason('550 : User unknown', { ...au, phase: 'dot' }), 'soft filtered');
  const softbank = { recipient: 'taro@i.softbank.jp', phase: 'rcpt' } as const;
  assert.equal(reason('550 Invalid recipient: <taro@i.softbank.jp>', softbank), 'hard noSuchUser');
  assert.equal(reason('553 news.test does not exist', { ...softbank, phase: 'mail' }), 'block senderRefused');
  for (const domain of [
    'docomo.ne.jp',
    'ezweb.ne.jp',
    'au.com',
    'softbank.ne.jp',
    't.vodafone.ne.jp',
    'rakuten.jp',
  ])
    assert.ok(isJapaneseCarrier(domain), domain);
  for (const domain of ['gmail.com', 'notdocomo.ne.jp', 'yahoo.co.jp'])
    assert.ok(!isJapaneseCarrier(domain), domain);
});

test('what is said against us never counts as hard', () => {
  const against: readonly (readonly [string, Said, string])[] = [
    [
      '554 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org',
      { phase: 'rcpt' },
      'addressBlocked',
    ],
    [
      '550 5.7.26 This mail is unauthenticated',
      { host: 'gmail-smtp-in.l.google.com', phase: 'dot' },
      'unauthenticated',
    ],
    [
      '550 5.7.25 The IP address sending this message does not have a PTR record',
      { host: 'mx.google.com' },
      'noReverseName',
    ],
    [
      '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
      { host: 'mta5.am0.yahoodns.net' },
      'badReputation',
    ],
    ['554 5.7.1 <a@b.test>: Relay access denied', { phase: 'rcpt' }, 'noRelay'],
    ['501 5.1.8 <x@y.test>: Sender address rejected: Domain not found', { phase: 'mail' }, 'senderRefused'],
    ['550 5.7.1 Message rejected as spam by content filter', { phase: 'dot' }, 'spam'],
  ];
  for (const [text, said, expected] of against) assert.equal(reason(text, said), `block ${expected}`, text);
});

test('a temporary refusal is soft, whatever it says', () => {
  assert.equal(reason('450 4.1.1 <a@b.test>: User unknown', { phase: 'rcpt' }), 'soft noSuchUser');
  assert.equal(
    reason('451 4.7.1 Greylisted, please try again in 300 seconds', { phase: 'rcpt' }),
    'soft greylisted',
  );
  assert.equal(reason('452 4.2.2 Mailbox full', { phase: 'rcpt' }), 'soft mailboxFull');
});

test('codes decide where words do not, and what nobody reads is told so', () => {
  assert.equal(reason('550 5.1.10 no', { phase: 'rcpt' }), 'hard takesNoMail');
  assert.equal(reason('556 no', { phase: 'rcpt' }), 'hard takesNoMail');
  assert.equal(reason('', { status: '5.1.2' }), 'hard noSuchDomain');
  assert.equal(reason('554 qwertz', { phase: 'dot' }), 'soft unclear');
  assert.equal(read('554 qwertz').rule, 'no rule');
});

test('there are more than 25 reasons, and each has a class', () => {
  assert.ok(Object.keys(failureReasons).length >= 25);
});

test('a long text costs no more than its beginning', () => {
  const long = `550 ${'the mailbox of the user that you tried to reach '.repeat(20_000)}`;
  assert.ok(['hard', 'soft', 'block'].includes(read(long, { phase: 'rcpt' }).class));
});

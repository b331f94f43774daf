import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { indexMessage } from '../../proto/mime/structure.ts';
import { partText } from '../../proto/mime/text.ts';
import type { Answer } from '../../queue/attempt.ts';
import type { QueuedMessage } from '../../queue/message.ts';
import type { NoticedRecipient, NoticeRequest } from '../../queue/notice.ts';
import type { DeliveryOptions } from '../options.ts';
import { noBodies, testAttempt, testOptions } from '../testing.ts';
import { Notices } from './notices.ts';

const text =
  'From: Sender <sender@here.test>\r\nSubject: =?utf-8?B?5Lya6K2w?=\r\nMessage-ID: <1@here.test>\r\n\r\nSecret body\r\n';
const noSuchUser: Answer = {
  phase: 'rcpt',
  host: 'mx.there.test',
  ip: '192.0.2.1',
  reply: '550 5.1.1 No such user',
};

interface Case {
  readonly about?: NoticeRequest['about'];
  readonly message?: Partial<QueuedMessage>;
  readonly recipients?: readonly NoticedRecipient[];
  readonly answer?: Answer;
  readonly why?: NoticedRecipient['why'];
  readonly orcpt?: string;
  readonly to?: string;
  readonly options?: Partial<DeliveryOptions>;
}

async function notice(given: Case = {}) {
  const { id: _, ...more } = given.message ?? {};
  const { message, recipients } = testAttempt([given.to ?? 'who@there.test'], {
    site: '',
    text,
    subject: '会議',
    headerMessageId: '<1@here.test>',
    recipient: { orcpt: given.orcpt ?? '' },
    ...more,
  });
  const noticed = {
    recipient: recipients[0]!,
    answer: given.answer ?? noSuchUser,
    why: given.why ?? ('refused' as const),
    tries: 1,
  };
  const notices = new Notices({
    clock: systemClock,
    log: silentLog,
    bodies: noBodies,
    directory: {
      isLocalDomain: async (domain) => domain === 'here.test',
      resolve: async (address) =>
        address === 'sender@here.test'
          ? ({ is: 'account', account: 'a', org: 'o', address, mailboxDetail: '', language: 'en' } as never)
          : { is: 'unknown' },
    },
    options: testOptions(given.options),
  });
  const made = await notices.make({
    about: given.about ?? 'failure',
    message,
    recipients: given.recipients ?? [noticed],
    body: { is: 'inline', bytes: Buffer.from(text) },
    atMs: systemClock.nowMs(),
  });
  if (!made) return undefined;
  const { body } = made.submission;
  assert.ok(body.is === 'inline');
  const bytes = Buffer.from(body.bytes);
  const { root } = indexMessage(bytes);
  const parts = root.parts!.map((part) => ({
    type: `${part.type}/${part.subtype}`,
    text:
      part.type === 'text' && part.subtype === 'plain'
        ? partText(bytes, part).text
        : bytes.toString('utf8', part.bodyStart, part.bodyEnd),
  }));
  return { made, raw: bytes.toString('latin1'), root, parts, human: parts[0]!.text, status: parts[1]!.text };
}

test('a failure notice has a text for people, fields for programs, and the message', async () => {
  const { made, root, parts, raw, human, status } = (await notice({
    message: { envid: 'E1', ret: 'full' },
    orcpt: 'rfc822;orig@there.test',
  }))!;
  assert.equal(root.subtype, 'report');
  assert.deepEqual(
    root.params.find(([name]) => name === 'report-type'),
    ['report-type', 'delivery-status'],
  );
  assert.deepEqual(
    parts.map((p) => p.type),
    ['text/plain', 'message/delivery-status', 'message/rfc822'],
  );
  assert.match(raw, /^From: Mail Delivery System <mailer-daemon@here\.test>\r\nTo: sender@here\.test\r\n/);
  assert.match(raw, /\r\nAuto-Submitted: auto-replied\r\n/);
  assert.match(raw, /\r\nIn-Reply-To: <1@here\.test>\r\n/);
  assert.ok(!/[^\r]\n|\r[^\n]/.test(raw));
  assert.match(human, /could not be delivered to:\s+who@there\.test/);
  assert.match(human, /There is no such address.*\n.*Check the spelling/);
  assert.match(human, /server mx\.there\.test said:\s+550 5\.1\.1 No such user/);
  const fields = status.split('\r\n');
  for (const field of [
    'Reporting-MTA: dns; here.test',
    'Original-Envelope-Id: E1',
    'Original-Recipient: rfc822; orig@there.test',
    'Final-Recipient: rfc822; who@there.test',
    'Action: failed',
    'Status: 5.1.1',
    'Remote-MTA: dns; mx.there.test',
    'Diagnostic-Code: smtp; 550 5.1.1 No such user',
  ]) {
    assert.ok(fields.includes(field), `${field} in\n${status}`);
  }
  assert.equal(parts[2]!.text.trimEnd(), text.trimEnd());
  const { message, recipients } = made.submission;
  assert.equal(message.sender, '');
  assert.deepEqual(
    recipients.map((r) => [r.address, r.destination, r.notify]),
    [['sender@here.test', 'local', ['never']]],
  );
  assert.equal(made.events[0]!.is, 'accepted');
});

test('in Japanese every word that is ours is Japanese', async () => {
  const { human, raw } = (await notice({ message: { language: 'ja' } }))!;
  assert.match(human, /届けられませんでした/);
  assert.match(human, /宛先のアドレスが存在しません/);
  assert.match(human, /「会議」/);
  assert.match(raw, /^From: =\?/);
});

test('RET=HDRS and no RET, REQUIRETLS, size and every other kind of notice return the header only', async () => {
  for (const given of [
    { message: { ret: '' } },
    { message: { ret: 'hdrs' } },
    { message: { ret: 'full', requireTls: true } },
    { message: { ret: 'full', sizeBytes: 10_000_000 } },
    { about: 'delay' },
    { about: 'success' },
    { about: 'relayed' },
  ] satisfies Case[]) {
    const { parts, raw } = (await notice(given))!;
    assert.equal(parts[2]!.type, 'text/rfc822-headers');
    assert.ok(!raw.includes('Secret body'));
  }
});

test('a notice of a message that would rather be delivered than encrypted says the same of itself', async () => {
  const made = (await notice({ message: { tlsOptional: true } }))!;
  assert.match(made.raw, /^TLS-Required: No\r$/m);
  assert.equal(made.made.submission.message.tlsOptional, true);
  assert.doesNotMatch((await notice({}))!.raw, /^TLS-Required/m);
});

test('action and status tell what became of the message', async () => {
  const cases: readonly (readonly [Case, string, string])[] = [
    [{ about: 'delay', answer: { ...noSuchUser, reply: '451 4.7.1 Later' } }, 'delayed', '4.7.1'],
    [{ about: 'success' }, 'delivered', '2.0.0'],
    [{ about: 'relayed' }, 'relayed', '2.0.0'],
    [{ why: 'expired', answer: { ...noSuchUser, reply: '451 4.4.1 No answer' } }, 'failed', '4.4.7'],
    [{ answer: { ...noSuchUser, reply: '554 no enhanced code' } }, 'failed', '5.0.0'],
  ];
  for (const [given, action, status] of cases) {
    const made = (await notice(given))!;
    assert.match(made.status, new RegExp(`\r\nAction: ${action}\r\nStatus: ${RegExp.escape(status)}\r\n`));
  }
  assert.match((await notice({ about: 'delay' }))!.status, /Will-Retry-Until: /);
});

test('international addresses are in UTF-8 for whoever speaks SMTPUTF8, else in seven bits (RFC 6533)', async () => {
  const seven = (await notice({ to: '利用者@there.test', orcpt: 'utf-8;別名@there.test' }))!;
  assert.equal(seven.parts[1]!.type, 'message/delivery-status');
  assert.match(seven.status, /Original-Recipient: utf-8; \\x\{5225\}\\x\{540D\}@there\.test/);
  assert.match(seven.status, /Final-Recipient: utf-8; \\x\{5229\}\\x\{7528\}\\x\{8005\}@there\.test/);
  const eight = (await notice({ to: '利用者@there.test', message: { smtpUtf8: true } }))!;
  assert.equal(eight.parts[1]!.type, 'message/global-delivery-status');
  assert.match(eight.status, /\r\nFinal-Recipient: utf-8; 利用者@there\.test\r\n/);
  assert.equal(eight.made.submission.message.bodyKind, '8bitmime');
  const plain = (await notice({ message: { smtpUtf8: true } }))!;
  assert.equal(plain.parts[1]!.type, 'message/delivery-status');
});

test('a hostile reply adds no field', async () => {
  const reply = `550 5.1.1 Bad\r\nInjected: yes\r\n\r\n${'long words here '.repeat(60)}ユーザー`;
  const { status, raw } = (await notice({ answer: { ...noSuchUser, reply } }))!;
  assert.ok(!/^Injected:/m.test(status));
  for (const line of raw.split('\r\n')) assert.ok(line.length <= 998);
});

test('the time by which a message was to be delivered is told', async () => {
  const deliverBy = { atMs: Date.UTC(2026, 0, 2, 3, 4, 5), mode: 'return', trace: false } as const;
  const answer: Answer = { phase: 'dns', host: '', ip: '', reply: '550 5.4.7 The time is up' };
  const { status, human } = (await notice({ message: { deliverBy }, answer, why: 'expired' }))!;
  assert.match(status, /\r\nDeliver-By-Date: Fri, 2 Jan 2026 03:04:05 \+0000\r\n/);
  assert.match(status, /\r\nStatus: 5\.4\.7\r\n/);
  assert.match(human, /You asked for it to be delivered by Fri, 02 Jan 2026/);
  const notBeforeMs = Date.UTC(2999, 0, 2, 3, 4, 5);
  const held = (await notice({ message: { notBeforeMs } }))!;
  assert.match(held.status, /\r\nFuture-Release-Request: until; 2999-01-02T03:04:05Z\r\n/);
  assert.doesNotMatch((await notice())!.status, /Future-Release/);
});

test('a notice waits no longer than the settings say', async () => {
  const { message } = (await notice({ options: { noticeLifetimeMs: 1000 } }))!.made.submission;
  assert.equal(message.expiresAtMs - message.acceptedAtMs, 1000);
});

test('the text is UTF-8 and says its language', async () => {
  const ja = (await notice({ message: { language: 'ja' } }))!;
  assert.match(
    ja.raw,
    /\r\nContent-Type: text\/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\nContent-Language: ja\r\n\r\n/i,
  );
  assert.match((await notice())!.raw, /\r\nContent-Language: en\r\n/);
});

test('a notice that cannot be delivered is told to whoever wants to know, once', async () => {
  const own = { message: { sender: '' } };
  assert.equal(await notice(own), undefined);
  const told = (await notice({ ...own, options: { doubleBounceTo: 'sender@here.test' } }))!;
  assert.match(told.raw, /\r\nTo: sender@here\.test\r\n/);
  assert.match(told.human, /^A notice of this server/);
  assert.deepEqual(told.made.submission.recipients[0]!.notify, ['never']);
  const first = (await notice({ options: { doubleBounceTo: 'root@there.test' } }))!;
  assert.deepEqual(first.made.submission.recipients[0]!.notify, ['failure']);
});

test('nobody is told when the sender is not known here', async () => {
  assert.equal(await notice({ message: { sender: 'gone@here.test' } }), undefined);
  const away = await notice({ message: { sender: 'x@例え.test' } });
  assert.equal(away!.made.submission.recipients[0]!.destination, 'xn--r8jz45g.test');
});

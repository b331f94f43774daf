import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Refusal, type Reason } from '../base/refusal.ts';
import type { MailParams } from '../proto/smtp/params.ts';
import { parseMailbox } from '../proto/smtp/path.ts';
import type { SessionInfo } from './session-info.ts';
import { alice, testIntake, type Taken, type TestIntake } from './testing.ts';

const stranger: SessionInfo = {
  via: 'mx',
  ip: '2001:db8::9',
  helo: 'there.test',
  protocol: 'ESMTP',
  tls: null,
  principal: undefined,
  trusted: false,
};
const user: SessionInfo = { ...stranger, via: 'submission', principal: alice };

interface Sent {
  readonly from?: string;
  readonly to: readonly string[];
  readonly text?: string;
  readonly params?: MailParams;
  readonly session?: SessionInfo;
  /** Octets per write. */
  readonly size?: number;
}

async function send(within: TestIntake, mail: Sent): Promise<Taken> {
  const { from = 'bob@there.test', to, text = 'A: b\r\n\r\nc\r\n', params = {}, session = stranger } = mail;
  using transaction = await within.intake.begin(session, { sender: parseMailbox(from) ?? null, params });
  for (const address of to) await transaction.recipient(parseMailbox(address)!, {});
  const bytes = Buffer.from(text);
  const size = mail.size ?? bytes.length;
  for (let at = 0; at < bytes.length; at += size) await transaction.write(bytes.subarray(at, at + size));
  const { id } = await transaction.finish();
  const taken = within.taken.at(-1)!;
  assert.equal(taken.submission.message.id, id);
  return taken;
}

const refuses = (sent: Promise<unknown>, reason: Reason, name?: string): Promise<void> =>
  assert.rejects(sent, (error) => error instanceof Refusal && error.reason === reason, name);

/** The text without the Received field. */
const own = ({ text }: Taken): string => text.replace(/^Received: [^]*? [+]0000\r\n/, '');

const whom = ({ submission }: Taken): string[] =>
  submission.recipients.map((to) => `${to.address} ${to.destination}`);

test('aliases are replaced by their members, each of whom gets the message once', async () => {
  const within = testIntake();
  const taken = await send(within, {
    to: ['all@here.test', 'Bob@here.test', 'bob+tag@here.test', 'bob@HERE.test'],
  });
  assert.deepEqual(whom(taken), [
    'alice@here.test local',
    'bob@here.test local',
    'outside@there.test there.test',
    'bob+tag@here.test local',
  ]);
  assert.equal(taken.submission.recipients[0]!.orcpt, 'rfc822;all@here.test');
  assert.equal(taken.submission.recipients[3]!.orcpt, '');
  assert.deepEqual(
    taken.events.filter((event) => event.is === 'redirected').map((event) => event.recipient),
    ['all@here.test', 'sales@here.test'],
  );
});

test('a forward that keeps a copy is left to local delivery, which sends on and finds circles', async () => {
  const within = testIntake();
  for (const name of ['keeper', 'this', 'that', 'self'])
    assert.deepEqual(whom(await send(within, { to: [`${name}@here.test`, `${name}@here.test`] })), [
      `${name}@here.test local`,
    ]);
});

test('loops of aliases end; an alias of nobody is nobody', async () => {
  const within = testIntake();
  assert.deepEqual(whom(await send(within, { to: ['ring@here.test'] })), ['alice@here.test local']);
  await refuses(send(within, { to: ['loop@here.test'] }), 'mailLoop');
  await refuses(send(within, { to: ['gone@here.test'] }), 'mailboxUnknown');
  await refuses(send(testIntake({ expansionDepthMax: 1 }), { to: ['all@here.test'] }), 'mailLoop');
  await refuses(
    send(testIntake({ expandedRecipientsMax: 2 }), { to: ['all@here.test'] }),
    'tooManyRecipients',
  );
});

test('strangers reach our mailboxes only; our users reach anyone; a full mailbox is told at once', async () => {
  const within = testIntake({}, { isFull: (account) => account === 'bob' });
  await refuses(send(within, { to: ['x@else.test'] }), 'relayDenied');
  await refuses(send(within, { to: ['carol@here.test'] }), 'mailboxDisabled');
  await refuses(send(within, { to: ['bob@here.test'] }), 'mailboxFull');
  const taken = await send(within, {
    session: user,
    from: 'alice@here.test',
    to: ['x@例え.test'],
    params: { smtpUtf8: true },
  });
  assert.deepEqual(whom(taken), ['x@例え.test xn--r8jz45g.test']);
  assert.equal(taken.submission.message.smtpUtf8, true);
});

test('a message needs SMTPUTF8 of the next server only if something in it does', async () => {
  const plain = await send(testIntake(), { to: ['bob@here.test'], params: { smtpUtf8: true } });
  assert.equal(plain.submission.message.smtpUtf8, false);
  const header = await send(testIntake(), {
    to: ['bob@here.test'],
    params: { smtpUtf8: true },
    text: 'Subject: é\r\n\r\n',
  });
  assert.equal(header.submission.message.smtpUtf8, true);
});

test('what a stranger sends is stored to the octet, however it is split', async () => {
  const lines = fc.array(fc.constantFrom('A: b', '', ' folded', 'x'.repeat(3000), '.', 'é', 'From: x@y'), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 5000 }), async (words, size) => {
      const text = words.map((line) => `${line}\r\n`).join('');
      const taken = await send(testIntake(), { to: ['bob@here.test'], text, size });
      const stored = Buffer.from(own(taken), 'latin1').toString();
      assert.equal(stored, words.length === 0 ? '\r\n' : text);
    }),
  );
});

test('submitted mail gets what its mailer left out, and loses its Bcc', async () => {
  const sent = { session: user, from: 'alice@here.test', to: ['bob@here.test'] };
  const bare = await send(testIntake(), {
    ...sent,
    text: 'Return-Path: <x@y>\r\nDelivered-To: alice@here.test\r\nTo: b\r\nBcc: a@x,\r\n b@x\r\nSubject: x\r\n\r\nc\r\n',
  });
  assert.match(
    own(bare),
    /^From: alice@here\.test\r\nDate: [^\r]*\r\nMessage-ID: <\w{20}@mx\.here\.test>\r\nTo: b\r\nSubject: x\r\n\r\nc\r\n$/,
  );
  assert.match(bare.submission.message.headerMessageId, /^<\w{20}@mx\.here\.test>$/);
  const whole =
    'From: "Alice" <alice@here.test>\r\nDate: Tue, 24 Nov 2026 05:00:00 +0000\r\nMessage-ID: <1@x>\r\n\r\nc\r\n';
  assert.equal(own(await send(testIntake(), { ...sent, text: whole })), whole);
  const signed =
    'DKIM-Signature: v=1\r\nFrom: alice@here.test\r\nbcc: a@x\r\nSubject: \u00e9\r\n\r\n\u00e9\r\n';
  const kept = Buffer.from(own(await send(testIntake(), { ...sent, text: signed })), 'latin1').toString();
  assert.equal(kept, signed.replace('bcc: a@x\r\n', ''));
});

test('text in eight bits is labelled, in the charset it is in', async () => {
  const sent = { session: user, from: 'alice@here.test', to: ['bob@here.test'] };
  const head = 'From: alice@here.test\r\nDate: x\r\nMessage-ID: <1@x>\r\n';
  const stored = async (text: string): Promise<string> =>
    Buffer.from(own(await send(testIntake(), { ...sent, text, size: 7 })), 'latin1').toString();
  assert.equal(
    await stored(`${head}\r\n日本\r\n`),
    `${head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n日本\r\n`,
  );
  const labelled = `${head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n日本\r\n`;
  assert.equal(await stored(labelled), labelled);
  assert.equal(await stored(`${head}\r\nplain\r\n`), `${head}\r\nplain\r\n`);
  const long = 'x'.repeat(100_000);
  assert.equal(
    await stored(`${head}\r\n${long}\r\n`),
    `${head}MIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${long}\r\n`,
  );
  assert.match(
    await stored(`${head}Subject: 日本\r\n\r\nc\r\n`),
    /Subject: =\?utf-8\?[BQ]\?[^?]+\?=\r\n\r\nc\r\n$/i,
  );
});

test('every address a message claims to be from must be the sender’s own', async () => {
  const sent = { session: user, from: 'alice@here.test', to: ['bob@here.test'] };
  const forged = [
    'From: bob@here.test',
    'From: alice@here.test, bob@here.test',
    'From: team: alice@here.test, bob@here.test;',
    'From: "alice@here.test" <bob@here.test>',
    'From: alice@here.test\r\nSender: bob@here.test',
    'From: alice@here.test\r\nResent-From: bob@here.test',
    'From: alice@here.test\r\nResent-Sender: bob@here.test',
    'Subject: x\r\nFrom :bob@here.test',
    // Not the line before a message in an mbox file, but an obsolete spelling of the field (RFC 5322, 4.5).
    'From :bob@here.test',
    'From :bob@here.test\r\nSubject: x',
    'fRoM:\r\n bob@here.test',
    'From: =?utf-8?Q?alice=40here.test?= <bob@here.test>',
  ];
  for (const header of forged) {
    await refuses(
      send(testIntake(), { ...sent, text: `${header}\r\n\r\nc\r\n` }),
      'senderNotAllowed',
      header,
    );
  }
  for (const header of ['From: alice@here.test\r\nFrom: alice@here.test', 'From: ', 'From: nobody at all,']) {
    await assert.rejects(send(testIntake(), { ...sent, text: `${header}\r\n\r\nc\r\n` }), Refusal, header);
  }
  await refuses(send(testIntake(), { ...sent, from: 'bob@here.test' }), 'senderNotAllowed');
  assert.equal((await send(testIntake(), { ...sent, from: '' })).submission.message.sender, '');
});

test('canonical addresses replace the written ones in envelope and header', async () => {
  const within = testIntake();
  within.directory.rewrites.set('out envelope alice@here.test', 'Alice.A@example.test');
  within.directory.rewrites.set('out header alice@here.test', 'Alice.A@example.test');
  within.directory.rewrites.set('in envelope old@here.test', 'bob@here.test');
  const text =
    'From: "Älice" <alice@here.test> (me)\r\nReply-To: x@y.test, alice@here.test\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nc\r\n';
  const taken = await send(within, { session: user, from: 'alice@here.test', to: ['old@here.test'], text });
  assert.equal(taken.submission.message.sender, 'Alice.A@example.test');
  assert.equal(
    Buffer.from(own(taken), 'latin1').toString(),
    text.replaceAll('alice@here.test', 'Alice.A@example.test'),
  );
  assert.deepEqual(
    taken.submission.recipients.map((to) => [to.address, to.orcpt]),
    [['bob@here.test', 'rfc822;old@here.test']],
  );
});

test('mail from inside that nobody checked is held to the same text rules', async () => {
  for (const text of [
    'A: b\r\n\r\nc\nd\r\n',
    'A: b\r\n\r\nc\rd\r\n',
    'A: b\r\n\r\n\0\r\n',
    'A: b\n\nc\r\n',
  ]) {
    await refuses(
      send(testIntake(), { to: ['bob@here.test'], text, size: 3 }),
      'messageMalformed',
      JSON.stringify(text),
    );
  }
  const mended = await send(testIntake(), {
    session: user,
    from: 'alice@here.test',
    to: ['bob@here.test'],
    text: 'Subject: x\n\na\nb\n',
    size: 1,
  });
  assert(own(mended).endsWith('Subject: x\r\n\r\na\r\nb\r\n'));
});

test('a transaction given up leaves nothing, and is over', async () => {
  const within = testIntake();
  const mail = await within.intake.begin(stranger, { sender: null, params: {} });
  await mail.recipient({ local: 'bob', domain: 'here.test' }, {});
  await mail.write(Buffer.from('A: b\r\n\r\n'));
  mail.abort();
  await refuses(mail.finish(), 'conflict');
  await refuses(send(within, { to: [] }), 'invalid');
  assert.equal(within.taken.length, 0);
});

test('a message of 50 MiB passes in constant memory', async () => {
  let bytes = 0;
  const writer = {
    get sizeBytes() {
      return bytes;
    },
    write(chunk: Uint8Array): Promise<void> | undefined {
      bytes += chunk.length;
      return bytes % 7 === 0 ? Promise.resolve() : undefined;
    },
    async *written() {},
    finish: () => Promise.resolve({ is: 'file' as const, name: 'x', sizeBytes: bytes }),
    abort: () => Promise.resolve(),
  };
  const within = testIntake({}, { bodies: { writer: () => writer } });
  using mail = await within.intake.begin(user, { sender: parseMailbox('alice@here.test')!, params: {} });
  await mail.recipient({ local: 'bob', domain: 'here.test' }, {});
  await mail.write(Buffer.from('From: alice@here.test\r\n\r\n'));
  const chunk = Buffer.from(`${'x'.repeat(1022)}\r\n`.repeat(64));
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 799; i++) await mail.write(chunk);
  assert(process.memoryUsage.rss() - before < 40 * 1024 * 1024);
  await mail.finish();
  assert(bytes > 799 * 65_536);
});

test('the body of a mail whose commit may have come to pass is left alone', async () => {
  const outcomes = [
    new Error('connection lost'),
    new Refusal('storageBusy', 'x'),
    new Refusal('storageFull', 'x'),
  ];
  const aborted: string[] = [];
  for (const outcome of outcomes) {
    const writer = {
      sizeBytes: 0,
      write: () => undefined,
      async *written() {},
      finish: () => Promise.resolve({ is: 'file' as const, name: 'x', sizeBytes: 1 }),
      async abort() {
        aborted.push(outcome.message);
      },
    };
    const within = testIntake(
      {},
      { bodies: { writer: () => writer }, accept: () => Promise.reject(outcome) },
    );
    await assert.rejects(send(within, { to: ['bob@here.test'] }), outcome);
  }
  assert.deepEqual(aborted, ['storageFull: x']);
});

test('notices are in the language of the sender: its account, the message, and last its domain', async () => {
  const language = async (text: string, from = 'bob@there.test') =>
    (await send(testIntake(), { from, to: ['bob@here.test'], text })).submission.message.language;
  assert.equal(await language('Subject: Hi\r\n\r\nx\r\n'), 'en');
  assert.equal(await language('Subject: Hi\r\n\r\nx\r\n', 'a@there.example.jp'), 'ja');
  assert.equal(await language('Subject: =?utf-8?B?44GT44KT44Gr44Gh44Gv?=\r\n\r\nx\r\n'), 'ja');
  assert.equal(await language('Content-Type: text/plain; charset="ISO-2022-JP"\r\n\r\nx\r\n'), 'ja');
  assert.equal(await language('Content-Language: en-GB\r\n\r\nx\r\n', 'a@there.example.jp'), 'en');
  assert.equal(await language('Content-Language: fr, ja-JP\r\n\r\nx\r\n'), 'ja');
  const mine = { session: user, from: 'alice@here.test', to: ['bob@here.test'] };
  const text = 'From: alice@here.test\r\nContent-Language: ja\r\n\r\nx\r\n';
  assert.equal((await send(testIntake(), { ...mine, text })).submission.message.language, 'en');
});

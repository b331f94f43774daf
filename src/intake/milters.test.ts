import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { testDialer } from '../policy/engine-testing.ts';
import type { MilterOptions } from '../policy/milter-options.ts';
import {
  addHeader,
  changeHeader,
  goOn,
  insertHeader,
  testMilter,
  texts,
  type TestMilter,
  type TestMilterOptions,
} from '../policy/milter-testing.ts';
import { Milters } from '../policy/milters.ts';
import { packet } from '../proto/milter/packet.ts';
import { openFileBodies } from '../store/file-bodies.ts';
import { JudgedRefusal } from './judged-refusal.ts';
import type { IntakeParts } from './intake.ts';
import type { SessionInfo } from './session-info.ts';
import { alice, testIntake, type Taken, type TestIntake } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-intake-milters-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const bodies = openFileBodies(folder);

const stranger: SessionInfo = {
  via: 'mx',
  ip: '192.0.2.1',
  helo: 'mail.there.test',
  protocol: 'ESMTP',
  tls: null,
  principal: undefined,
  trusted: false,
};
const user: SessionInfo = { ...stranger, via: 'submission', principal: alice };

function intakeWith(
  milter: TestMilter,
  more: Partial<MilterOptions> = {},
  parts: Partial<IntakeParts> = {},
): TestIntake {
  const milters = new Milters({
    milters: [
      {
        name: 'test',
        address: milter.address,
        timeouts: { commandMs: 5000, contentMs: 5000 },
        onFailure: 'defer',
        direction: 'both',
        keepsConnections: false,
        ...more,
      },
    ],
    dialer: testDialer,
    bodies,
    log: silentLog,
    hostName: 'mx.here.test',
    messageMaxBytes: 1024 * 1024,
  });
  return testIntake({}, { milters, bodies, ...parts });
}

interface Sent {
  readonly session?: SessionInfo;
  readonly from?: string;
  readonly to?: readonly string[];
  readonly text?: string;
}

const plain = 'From: bob@there.test\r\nTo: alice@here.test\r\nSubject: old\r\n\r\nHello\r\n';

async function send({ intake, taken }: TestIntake, given: Sent = {}): Promise<Taken> {
  const { session = stranger, from = 'bob@there.test', to = ['alice@here.test'], text = plain } = given;
  const [local = '', domain = ''] = from.split('@');
  using mail = await intake.begin(session, { sender: { local, domain }, params: {} });
  for (const address of to) {
    const [name = '', where = ''] = address.split('@');
    await mail.recipient({ local: name, domain: where }, {});
  }
  for (const chunk of text.match(/[^]{1,5000}/g) ?? []) await mail.write(Buffer.from(chunk));
  await mail.finish();
  return taken.at(-1)!;
}

async function textOf({ submission }: Taken): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bodies.stream(submission.body)) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces).toString('latin1');
}

const answering = (...answers: readonly Buffer[]): TestMilterOptions => ({
  answers: { E: () => [...answers, goOn] },
});

test('header fields of a milter stand around our own Received field; ours are not shown to it', async () => {
  await using milter = await testMilter(
    answering(insertHeader(1, 'X-Next', 'b'), insertHeader(0, 'X-Top', 'a'), addHeader('X-End', 'c')),
  );
  const taken = await send(intakeWith(milter));
  assert.match(
    await textOf(taken),
    /^X-Top: a\r\nReceived: from mail\.there\.test [^]*?\r\nX-Next: b\r\nFrom: bob@there\.test\r\nTo: alice@here\.test\r\nSubject: old\r\nX-End: c\r\n\r\nHello\r\n$/,
  );
  assert.equal(milter.heard.filter((line) => line.startsWith('L Received')).length, 0);
  const revised = taken.events.find(({ is }) => is === 'revised');
  assert.deepEqual(revised?.data, { by: [{ milter: 'test', what: ['header'] }] });
});

test('a mail that no milter changes is stored as it came', async () => {
  await using milter = await testMilter();
  const taken = await send(intakeWith(milter), { text: plain + 'x'.repeat(200_000) });
  const text = await textOf(taken);
  assert(text.endsWith('x'.repeat(200_000)));
  assert.equal(taken.submission.message.sizeBytes, text.length);
  assert.equal(taken.events.filter(({ is }) => is === 'revised').length, 0);
});

test('a new body is stored with CRLF alone, and what is known of the message is known of the new one', async () => {
  await using milter = await testMilter(
    answering(
      packet('b', Buffer.from('sm\nuggle\n.\nMAIL FROM:<x>\n', 'latin1')),
      packet('b', Buffer.from('caf\xe9', 'latin1')),
      changeHeader(1, 'Subject', 'new'),
    ),
  );
  const taken = await send(intakeWith(milter), { text: plain + 'x'.repeat(200_000) });
  const text = await textOf(taken);
  assert(text.endsWith('Subject: new\r\n\r\nsm\r\nuggle\r\n.\r\nMAIL FROM:<x>\r\ncaf\xe9'));
  const { subject, bodyKind, sizeBytes } = taken.submission.message;
  assert.deepEqual(
    { subject, bodyKind, sizeBytes },
    { subject: 'new', bodyKind: '8bitmime', sizeBytes: text.length },
  );
});

test('the envelope is as milters have it; who is added or taken away later is so', async () => {
  await using milter = await testMilter(
    answering(
      packet('e', texts('<carol@there.test>')),
      packet('+', texts('<outside@elsewhere.test>')),
      packet('+', texts('<nobody@here.test>')),
      packet('-', texts('<BOB@here.test>')),
    ),
  );
  const { submission } = await send(intakeWith(milter), { to: ['alice@here.test', 'bob@here.test'] });
  assert.equal(submission.message.sender, 'carol@there.test');
  assert.deepEqual(
    submission.recipients.map(({ address }) => address),
    ['alice@here.test', 'outside@elsewhere.test'],
  );
  assert.equal(new Set(submission.recipients.map(({ id }) => id)).size, 2);
});

test('who would leave a mail without recipients has it quarantined, for all of them', async () => {
  await using milter = await testMilter(
    answering(packet('-', texts('<alice@here.test>')), packet('-', texts('<bob@here.test>'))),
  );
  const { submission } = await send(intakeWith(milter), { to: ['alice@here.test', 'bob@here.test'] });
  const all = submission.recipients.map(({ id }) => id);
  assert.equal(all.length, 2);
  assert.deepEqual(
    submission.quarantine?.map(({ org, rules, recipients }) => [org, rules[0]!.detail, recipients]),
    [['org1', 'would take away all recipients', all]],
  );
});

test('milters refuse a sender, a recipient, a message, in words of their own; quarantine keeps it back', async () => {
  const refuses = async (
    answers: TestMilterOptions['answers'],
    reply: RegExp,
    temporary = false,
  ): Promise<void> => {
    await using milter = await testMilter({ answers: answers! });
    const given = intakeWith(milter);
    await assert.rejects(send(given), (error: unknown) => {
      assert.ok(error instanceof JudgedRefusal);
      assert.match(error.reply, reply);
      assert.equal(error.temporary, temporary);
      return true;
    });
    assert.deepEqual(given.taken, []);
  };
  await refuses({ M: () => [packet('y', texts('550 5.7.1 Not you'))] }, /^Not you$/);
  await refuses({ R: () => [packet('y', texts('451 4.7.1 Greylisted'))] }, /^Greylisted$/, true);
  await refuses({ E: () => [packet('y', texts('554 5.7.1 Spam'))] }, /^Spam$/);
  await refuses({ E: () => [packet('t')] }, /try again/, true);
  await refuses({ E: () => [addHeader('X', 'a\r\n\r\nb'), goOn] }, /does not answer/, true);
  await using holding = await testMilter({ answers: { E: () => [packet('q', texts('Odd')), goOn] } });
  const { submission, events } = await send(intakeWith(holding));
  assert.equal(submission.quarantine?.length, 1);
  const judged = events.find(({ is }) => is === 'judged');
  assert.equal(judged && 'action' in judged.data && judged.data.action, 'quarantine');
});

test('a failing milter that is to be passed over is told in the journey', async () => {
  await using milter = await testMilter(answering(addHeader('X', 'a\r\n\r\nb')));
  const { events, submission } = await send(intakeWith(milter, { onFailure: 'accept' }));
  assert.equal(submission.quarantine, undefined);
  const judged = events.find(({ is }) => is === 'judged');
  assert.deepEqual(judged && 'failures' in judged.data && judged.data.failures[0], {
    check: 'milter.test',
    why: 'a header field that breaks the header apart',
    policy: 'accept',
  });
});

test('mail of our own is shown as it goes out, and signed behind the milter; mail by LMTP is shown to none', async () => {
  await using milter = await testMilter(
    answering(packet('b', Buffer.from('changed\r\n')), addHeader('X-End', 'c')),
  );
  const signed: string[] = [];
  const sign: NonNullable<IntakeParts['sign']> = {
    active: true,
    for: async () => (header) => {
      const seen = [header.toString('latin1')];
      return {
        body: (bytes: Uint8Array) => void seen.push(Buffer.from(bytes).toString('latin1')),
        finish: async () => {
          signed.push(seen.join('|'));
          return { fields: 'DKIM-Signature: x\r\n', domain: 'here.test', keys: [] };
        },
      };
    },
  };
  const given = intakeWith(milter, {}, { sign });
  const own = { session: user, from: 'alice@here.test', to: ['bob@here.test'] };
  const text = 'From: alice@here.test\r\nTo: bob@here.test\r\n\r\nHello\r\n';
  const stored = await textOf(await send(given, { ...own, text }));
  assert.match(stored, /^DKIM-Signature: x\r\nReceived: [^]*X-End: c\r\n\r\nchanged\r\n$/);
  assert.equal(signed.length, 1);
  assert.match(signed[0]!, /Message-ID: [^]*X-End: c\r\n\|changed\r\n$/i);
  assert(milter.heard.some((line) => /^L message-id\|/i.test(line)));
  const heard = milter.heard.length;
  await send(given, { session: { ...stranger, via: 'lmtp', trusted: true } });
  assert.equal(milter.heard.length, heard);
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { flagText } from './flag-words.ts';
import { fromLineTime, isFromLine, type MboxFormat, quoteFrom, unquoteFrom } from './mbox/mbox-format.ts';
import { readStatus, statusFields } from './mbox/mbox-status.ts';
import type { HereMailbox } from './destination.ts';
import { MboxFolder } from './mbox-folder.ts';
import { MboxSource } from './mbox-source.ts';
import type { SourceMessage } from './source.ts';

const line = 'From a@b Mon Jan  1 10:00:00 2024\n';

/** Every message as text with LF, and what the source tells of it. */
async function read(
  text: string,
  format: MboxFormat = 'auto',
): Promise<{ texts: string[]; told: SourceMessage[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-mbox-'));
  try {
    const file = join(folder, 'Box.mbox');
    writeFileSync(file, text, 'latin1');
    await using source = new MboxSource({ file, mailbox: 'Box', format });
    const [mailbox] = await source.mailboxes();
    assert.equal(mailbox!.name, 'Box');
    const told: SourceMessage[] = [];
    for await (const message of source.messages(mailbox!)) told.push(message);
    const texts: string[] = [];
    for await (const message of source.read(mailbox!, told))
      texts.push(
        message.is === 'bytes' ? message.bytes.toString('latin1').replaceAll('\r\n', '\n') : message.why,
      );
    return { texts, told };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('messages begin behind an empty line with a line that has a sender and a date', async () => {
  const text = `${line}Subject: a\n\nFrom Russia with love\n\nFrom here on\n\n${line}Subject: b\n\nlast`;
  assert.deepEqual((await read(text)).texts, [
    'Subject: a\n\nFrom Russia with love\n\nFrom here on\n',
    'Subject: b\n\nlast',
  ]);
  assert.deepEqual((await read('no mbox at all\n\nFrom here\n')).texts, []);
  assert.deepEqual((await read(`${line}Subject: crlf\n\nx\n\n`.replaceAll('\n', '\r\n'))).texts, [
    'Subject: crlf\n\nx\n',
  ]);
});

test('equal messages have keys of their own, the same in each run and wherever they lie', async () => {
  const one = `${line}Subject: a\n\n`;
  const first = (await read(`${one}\n${one}\n`)).told.map(({ key }) => key);
  assert.equal(new Set(first).size, 2);
  const other = (await read(`${line}Subject: new\n\n\n${one}\n${one}\n`)).told.map(({ key }) => key);
  assert.deepEqual(other.slice(1), first);
});

test('quoting is undone as the format says, and by Content-Length nothing is quoted', async () => {
  const quoted = `${line}Subject: a\n\n>From x\n>>From y\n`;
  assert.deepEqual((await read(quoted)).texts, ['Subject: a\n\nFrom x\n>From y\n']);
  assert.deepEqual((await read(quoted, 'mboxo')).texts, ['Subject: a\n\nFrom x\n>>From y\n']);
  assert.deepEqual((await read(quoted, 'mboxcl2')).texts, ['Subject: a\n\n>From x\n>>From y\n']);
  const body = `>From x\n\n${line}within the body\n`;
  const counted = `${line}Content-Length: ${body.length}\nSubject: a\n\n${body}\n${line}Subject: b\n\n`;
  assert.deepEqual((await read(counted)).texts, [
    `Content-Length: ${body.length}\nSubject: a\n\n${body}`,
    'Subject: b\n',
  ]);
  const wrong = counted.replace(`Content-Length: ${body.length}`, 'Content-Length: 99999');
  assert.equal((await read(wrong)).texts.length, 3, 'a length that leads nowhere counts for nothing');
  assert.equal((await read(counted, 'mboxrd')).texts.length, 3);
});

test('what is quoted comes back, whatever the text', () => {
  const text = fc
    .array(fc.constantFrom('From ', '>From ', '>>From x', '\n', 'text', '>', ' '))
    .map((words) => Buffer.from(words.join('')));
  fc.assert(
    fc.property(text, (bytes) => {
      const quoted = quoteFrom(bytes);
      assert(!/^From /m.test(quoted.toString()));
      assert.deepEqual(unquoteFrom(quoted, 'mboxrd'), bytes);
    }),
  );
});

test('the state of a message is in its header, and goes out of it', () => {
  const stated = readStatus(
    Buffer.from('Status: RO\nSubject: a\nX-Status: AF\nX-Keywords: Work a(b\nX-UID: 7\n\nStatus: x\n'),
  );
  assert.equal(stated.bytes.toString(), 'Subject: a\n\nStatus: x\n');
  assert.deepEqual(stated.flags, { system: ['seen', 'answered', 'flagged'], keywords: ['Work'] });
  const flags = {
    system: ['seen', 'answered', 'flagged', 'deleted', 'draft'],
    keywords: ['Work', 'x'],
  } as const;
  assert.deepEqual(readStatus(Buffer.from(`${statusFields(flags)}\n`)).flags, flags);
  assert.equal(statusFields({ system: [], keywords: [] }), 'Status: O\n');
});

test('lines that begin messages, in all their kinds', () => {
  const utc = '2024-01-01T10:00:00.000Z';
  const lines: [string, string | undefined][] = [
    ['From a@b Mon Jan  1 10:00:00 2024', utc],
    ['From "a b"@c Mon Jan 01 10:00 2024', utc],
    ['From a@b Mon Jan  1 19:00:00 2024 +0900', utc],
    ['From 123@xxx Mon Jan 01 10:00:00 +0000 2024', utc],
    ['From a@b Mon, Jan 1 10:00:00 GMT 2024 remote from c', utc],
    ['From ???@??? Mon Jan 01 10:00:00 24', utc],
    ['From - ', undefined],
    ['From a@b', undefined],
  ];
  for (const [text, time] of lines) {
    assert(isFromLine(Buffer.from(text)), text);
    const atMs = fromLineTime(text);
    assert.equal(atMs === undefined ? undefined : new Date(atMs).toISOString(), time, text);
  }
  for (const text of [
    'From here to there',
    'From: a@b',
    'From Monday on',
    'from a@b Mon Jan  1 10:00:00 2024',
  ])
    assert(!isFromLine(Buffer.from(text)), text);
});

test('what Pine keeps of a folder is no mail', async () => {
  const data =
    "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 1600000000 0000000007\nStatus: RO\n\nThis text is part of the internal format\n";
  assert.deepEqual(
    (await read(`From MAILER-DAEMON Mon Jan  1 10:00:00 2024\n${data}\n${line}Subject: a\n\n`)).texts,
    ['Subject: a\n'],
  );
});

test('what is written comes back octet for octet, with its state and time', async () => {
  const word = fc.constantFrom(
    'From ',
    'From a@b Mon Jan  1 10:00:00 2024',
    '>From x',
    '\r\n',
    '\r\n',
    'text',
    'Subject: a',
    'Status: RO',
    '\t',
    'あ',
  );
  const text = fc.array(word, { maxLength: 30 }).map((words) => `Subject: x\r\n\r\n${words.join('')}\r\n`);
  const flags = fc.record({
    system: fc.uniqueArray(fc.constantFrom('seen', 'answered', 'flagged', 'deleted', 'draft')),
    keywords: fc.uniqueArray(fc.constantFrom('Work', '$Forwarded')),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, flags), { minLength: 1, maxLength: 6 }), async (messages) => {
      const folder = mkdtempSync(join(tmpdir(), 'hikyaku-mbox-'));
      try {
        const writer = await new MboxFolder({ folder }).open({ name: 'Box/In' } as HereMailbox);
        for (const [i, [message, state]] of messages.entries())
          await writer.write({
            uid: i + 1,
            flags: state,
            receivedAtMs: 1_600_000_000_000,
            bytes: Buffer.from(message),
          });
        await writer.finish();
        await using source = new MboxSource({
          file: join(folder, 'Box', 'In.mbox'),
          mailbox: 'Box',
          format: 'mboxrd',
        });
        const [mailbox] = await source.mailboxes();
        const told: SourceMessage[] = [];
        for await (const message of source.messages(mailbox!)) told.push(message);
        const texts: string[] = [];
        for await (const message of source.read(mailbox!, told))
          texts.push(message.is === 'bytes' ? message.bytes.toString() : '');
        assert.deepEqual(
          texts,
          messages.map(([message]) => message),
        );
        assert.deepEqual(
          told.map((each) => [each.receivedAtMs, flagText(each.flags!)]),
          messages.map(([, state]) => [1_600_000_000_000, flagText(state)]),
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 40 },
  );
});

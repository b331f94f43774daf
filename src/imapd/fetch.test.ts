/** FETCH: sections, partials, structure, \Seen, slow readers. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { conformanceFolder, skipWithout } from '../../test/conformance.ts';
import { converse } from '../../test/converse.ts';
import { openImapWorld, password, type ImapWorld } from '../../test/interop/imap-world.ts';
import { prepareEmail } from '../mailbox/email-facts.ts';
import { noFlags } from '../mailbox/flags.ts';
import { message } from '../mailbox/testing.ts';

async function opened(world: ImapWorld, ...texts: readonly string[]): Promise<Duplex> {
  const account = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(account);
  await world.mailboxes.append(
    account,
    inbox!.id,
    texts.map((text) => message(text)),
  );
  const client = (await world.sessions('alice', '1'))['1']!;
  await converse(client, '\nC: s SELECT INBOX\nS* s OK ...');
  return client;
}

const nested = `From: a@b.test
Subject: outer
Content-Type: multipart/mixed; boundary=x

preamble
--x
Content-Type: text/plain

hello
--x
Content-Type: message/rfc822

From: c@d.test
Subject: inner
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

44GC
--y
Content-Type: text/html

<p>
--y--
--x--
`;

suite('FETCH', { concurrency: true }, () => {
  test('sections of a message within a message', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, nested),
      `
      C: a FETCH 1 (BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[2.HEADER] BODY.PEEK[2.2] BODY.PEEK[2.1.MIME])
      S: * 1 FETCH (BODY[1] {5}
      S: hello BODY[1.MIME] {28}
      S: Content-Type: text/plain
      S:
      S:  BODY[2.HEADER] {83}
      S: From: c@d.test
      S: Subject: inner
      S: Content-Type: multipart/alternative; boundary=y
      S:
      S:  BODY[2.2] {3}
      S: <p> BODY[2.1.MIME] {78}
      S: Content-Type: text/plain; charset=utf-8
      S: Content-Transfer-Encoding: base64
      S:
      S: )
      S: a OK FETCH completed
      C: b FETCH 1 (BINARY.PEEK[2.1] BINARY.SIZE[2.1] BODY.PEEK[2.HEADER.FIELDS (subject x)])
      S: * 1 FETCH (BINARY[2.1] {3}
      S: あ BINARY.SIZE[2.1] 3 BODY[2.HEADER.FIELDS (subject x)] {18}
      S: Subject: inner
      S:
      S: )
      S: b OK FETCH completed
      C: c FETCH 1 (BODY.PEEK[3] BODY.PEEK[2.9.MIME] BODY.PEEK[1.HEADER])
      S: * 1 FETCH (BODY[3] NIL BODY[2.9.MIME] NIL BODY[1.HEADER] NIL)
      S: c OK FETCH completed
      C: d FETCH 1 (BODY.PEEK[HEADER.FIELDS.NOT (From Content-Type)])
      S: * 1 FETCH (BODY[HEADER.FIELDS.NOT (From Content-Type)] {18}
      S: Subject: outer
      S:
      S: )
      S: d OK FETCH completed
      `,
    );
  });

  test('partials name their start, end with the section, and are empty strings behind it', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, 'Subject: x\n\n0123456789\n'),
      `
      C: a FETCH 1 (BODY.PEEK[TEXT]<8.100> BODY.PEEK[TEXT]<12.5> BODY.PEEK[]<4000000000.393216> BODY.PEEK[1]<0.2>)
      S: * 1 FETCH (BODY[TEXT]<8> {4}
      S: 89
      S:  BODY[TEXT]<12> "" BODY[]<4000000000> "" BODY[1]<0> {2}
      S: 01)
      S: a OK FETCH completed
      C: b FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]<0.4>
      S: * 1 FETCH (BODY[HEADER.FIELDS (Subject)]<0> {4}
      S: Subj)
      S: b OK FETCH completed
      `,
    );
  });

  test('an empty body is an empty string', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, 'Subject: x\n'),
      `
      C: a FETCH 1 (BODY.PEEK[TEXT] RFC822.TEXT RFC822.SIZE)
      S: * 1 FETCH (FLAGS (...) ...
      S: a OK FETCH completed
      `.replace('FLAGS (...) ...', 'RFC822.SIZE 12 FLAGS (\\Seen \\Recent) BODY[TEXT] "" RFC822.TEXT "")'),
    );
  });

  test('UID FETCH of uids that do not exist is empty and OK, and n:* gives the last', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, 'Subject: a\n\n', 'Subject: b\n\n'),
      `
      C: a UID FETCH 50:60 FLAGS
      S: a OK UID FETCH completed
      C: b UID FETCH 50:* UID
      S: * 2 FETCH (UID 2)
      S: b OK UID FETCH completed
      C: c FETCH 3 UID
      S: c BAD There are not that many messages
      C: d SELECT Drafts
      S* d OK ...
      C: e FETCH 1:* FLAGS
      S: e OK FETCH completed
      C: f UID FETCH 1:* FLAGS
      S: f OK UID FETCH completed
      C: g UID SEARCH ALL
      S: * SEARCH
      S: g OK UID SEARCH completed
      `,
    );
  });

  test('ids, dates and previews', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, 'Subject: a\n\nHello there.\n'),
      `
      C: a FETCH 1 (EMAILID THREADID SAVEDATE INTERNALDATE PREVIEW (LAZY))
      S: * 1 FETCH (INTERNALDATE "14-Nov-2023 22:13:20 +0000" EMAILID (e...) THREADID (t...) SAVEDATE "..." PREVIEW "Hello there.")
      S: a OK FETCH completed
      `,
    );
  });

  test('a message of 20 MiB to a reader that stops is held in little memory, and arrives whole', async () => {
    await using world = await openImapWorld();
    const account = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(account);
    const writer = world.mailboxes.bodyWriter();
    const line = `${'x'.repeat(1_022)}\r\n`;
    await writer.write(Buffer.from('Subject: large\r\n\r\n'));
    for (let i = 0; i < 20; i++) await writer.write(Buffer.from(line.repeat(1_024)));
    const body = await writer.finish();
    const email = await world.mailboxes.prepare(body);
    await world.mailboxes.append(account, inbox!.id, [{ flags: noFlags, receivedAtMs: 0, body, email }]);
    const size = 20 * 1024 * 1024 + 18;
    const socket = connect(await world.listen(), '127.0.0.1');
    await converse(
      socket,
      `\nS: * OK ...\nC: a LOGIN alice@here.test "${password}"\nS: a OK ...\nC: b SELECT INBOX\nS* b OK ...`,
    );
    const before = process.memoryUsage().arrayBuffers;
    socket.write('c FETCH 1 BODY.PEEK[]\r\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const held = process.memoryUsage().arrayBuffers - before;
    assert(held < 8 * 1024 * 1024, `${held} bytes held for a reader that stopped`);
    let bytes = 0;
    let tail = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      tail = (tail + chunk.toString('latin1')).slice(-100);
      if (tail.endsWith('c OK FETCH completed\r\n')) break;
    }
    const around = `* 1 FETCH (BODY[] {${size}}\r\n)\r\nc OK FETCH completed\r\n`.length;
    assert.equal(bytes, size + around);
  });

  for (const set of ['mime-misc', 'mime-mime4j', 'japanese-mail']) {
    test(
      `every message of ${set}: BODY[] is the message, parts lie where they should`,
      skipWithout(set),
      async () => {
        await using world = await openImapWorld();
        const account = world.accounts.get('alice')!;
        const [inbox] = await world.mailboxes.list(account);
        const folder = conformanceFolder(set)!;
        const bodies = globSync('**/*.{eml,msg}', { cwd: folder })
          .map((file) => readFileSync(join(folder, file)))
          .filter((bytes) => bytes.length > 0 && bytes.length < 60_000);
        const messages = bodies.map((bytes) => ({
          flags: noFlags,
          receivedAtMs: 0,
          body: { is: 'inline', bytes } as const,
          email: prepareEmail(bytes),
        }));
        for (const one of messages) await world.mailboxes.append(account, inbox!.id, [one]);
        const client = (await world.sessions('alice', '1'))['1']!;
        const chunks: Buffer[] = [];
        client.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
        client.write(
          'a SELECT INBOX\r\nb FETCH 1:* (BODY.PEEK[])\r\nc FETCH 1:* (BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[1] ENVELOPE BODYSTRUCTURE)\r\n',
        );
        const all = (): Buffer => Buffer.concat(chunks);
        while (!all().toString('latin1').endsWith('c OK FETCH completed\r\n')) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const wire = all();
        for (const [i, bytes] of bodies.entries()) {
          const whole = Buffer.concat([
            Buffer.from(`* ${i + 1} FETCH (BODY[] {${bytes.length}}\r\n`),
            bytes,
            Buffer.from(')\r\n'),
          ]);
          assert(wire.includes(whole), `message ${i + 1}`);
        }
        client.end();
      },
    );
  }
});

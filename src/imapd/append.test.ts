/** APPEND: literals of both kinds, several messages, refusals before the bytes, exactness. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld } from '../../test/interop/imap-world.ts';

suite('APPEND', { concurrency: true }, () => {
  test('several messages in one command are appended together or not at all', async () => {
    await using world = await openImapWorld();
    const client = (await world.sessions('alice', '1'))['1']!;
    await converse(
      client,
      `
      C: a APPEND Drafts (\\Draft) {14}
      S: + OK
      C: Subject: one
      C~  "17-Jul-1996 02:44:25 -0700" {14+}\\r\\nSubject: two\\r\\n\\r\\n
      S: a OK [APPENDUID ... 1:2] Appended
      C: b APPEND Drafts {14+}
      C: Subject: one
      C~  (\\\\Foo) {14+}\\r\\nSubject: two\\r\\n\\r\\n
      S: b BAD Not a system flag
      C: c STATUS Drafts (MESSAGES)
      S: * STATUS "Drafts" (MESSAGES 2)
      S: c OK STATUS completed
      C: d APPEND Drafts {14+}
      C: Subject: one
      C:  x
      S: d BAD ...
      C: e APPEND Drafts
      S: e BAD ...
      C: f APPEND Drafts {0+}
      C:
      S: f NO [CANNOT] ...
      C: g APPEND {6+}
      C: Drafts UTF8 (~{14+}
      C: Subject: two
      C: )
      S: g OK [APPENDUID ... 3] Appended
      C: h STATUS Drafts (MESSAGES)
      S: * STATUS "Drafts" (MESSAGES 3)
      S: h OK STATUS completed
      `,
    );
  });

  test('what is too large is refused before it is sent, or read past, and the session goes on', async () => {
    await using world = await openImapWorld({ options: { messageMaxBytes: 20 } });
    const client = (await world.sessions('alice', '1'))['1']!;
    await converse(
      client,
      `
      C: a APPEND INBOX {21}
      S: a NO [TOOBIG] ...
      C: b APPEND INBOX {21+}
      C: 0123456789012345678
      C: 
      S: b NO [TOOBIG] ...
      C: d NOOP
      S: d OK NOOP completed
      C: e APPEND INBOX {99999999999+}
      S: e NO [TOOBIG] ...
      S: * BAD ...
      S: * BYE ...
      S(closed)
      `,
    );
  });

  test('bytes come back as they went, whatever they are and however they are cut', async () => {
    await using world = await openImapWorld();
    const client = (await world.sessions('alice', '1'))['1']!;
    const bodies = [1, 100, 65_536, 65_537, 300_000].map((size) =>
      Buffer.concat([
        Buffer.from('Subject: x\r\n\r\n'),
        Buffer.from(randomBytes(size).toString('latin1').replaceAll('\0', '1'), 'latin1'),
      ]),
    );
    for (const body of bodies) {
      client.write(`a APPEND INBOX {${body.length}+}\r\n`);
      for (let at = 0; at < body.length; at += 7_001) client.write(body.subarray(at, at + 7_001));
      client.write('\r\n');
    }
    await converse(client, '\nS: a OK ...\nS: a OK ...\nS: a OK ...\nS: a OK ...\nS: a OK ...');
    const chunks: Buffer[] = [];
    client.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
    client.write('b SELECT INBOX\r\nc FETCH 1:* BODY.PEEK[]\r\n');
    while (!Buffer.concat(chunks).subarray(-40).toString('latin1').endsWith('c OK FETCH completed\r\n')) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const wire = Buffer.concat(chunks);
    for (const [i, body] of bodies.entries()) {
      assert(
        wire.includes(
          Buffer.concat([
            Buffer.from(`* ${i + 1} FETCH (BODY[] {${body.length}}\r\n`),
            body,
            Buffer.from(')\r\n'),
          ]),
        ),
      );
    }
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converse } from '../../test/converse.ts';
import type { ListenerKind } from './options.ts';
import { testServer, type TestServer, type TestServerOptions } from './testing.ts';

const envelope = 'MAIL FROM:<bob@there.test>\r\nRCPT TO:<alice@here.test>\r\n';
const inner = 'MAIL FROM:<evil@there.test>\r\nRCPT TO:<bob@here.test>\r\nDATA\r\nX: smuggled\r\n\r\n';

interface Heard {
  readonly server: TestServer;
  readonly replies: readonly string[];
}

/** Sends each part when the one before was answered, in pieces of `size`, and gives the replies. */
async function send(
  parts: readonly string[],
  size: number,
  how: TestServerOptions & { kind?: ListenerKind } = {},
): Promise<Heard> {
  const server = testServer(how.kind ?? 'mx', how);
  const client = server.connect();
  const replies: string[] = [];
  let next = 0;
  let text = '';
  for await (const chunk of client) {
    text += (chunk as Buffer).toString('latin1');
    if (!text.endsWith('\r\n') || /(?:^|\n)\d{3}-[^\n]*\n$/.test(text)) continue;
    replies.push(...text.split('\r\n').filter((line) => /^\d{3} /.test(line)));
    text = '';
    const part = parts[next++];
    if (part === undefined) break;
    const bytes = Buffer.from(part, 'latin1');
    for (let at = 0; at < bytes.length; at += size) client.write(bytes.subarray(at, at + size));
  }
  client.destroy();
  return { server, replies };
}

test('no mix of line ends around a dot smuggles a second mail in, in any split', async () => {
  const ends = ['\n', '\r', '\r\n', '\n\r', '\0\r\n', '\r\0\n', '\r\r\n', '\n\n'];
  for (const before of ends) {
    for (const after of ends) {
      if (before === '\r\n' && after === '\r\n') continue;
      for (const size of [1, 2, 3, 1000]) {
        const name = JSON.stringify([before, after, size]);
        const text = `A: b\r\n\r\ntext${before}.${after}${inner}\r\n.\r\n`;
        const { server, replies } = await send(['EHLO x\r\n', `${envelope}DATA\r\n`, text, 'QUIT\r\n'], size);
        for (const { submission } of server.taken) {
          assert.notEqual(submission.message.sender, 'evil@there.test', name);
        }
        assert.equal(server.taken.length, 0, name);
        assert(
          replies.some((line) => /^55[04] 5\.6/.test(line)),
          `${name} ${replies.join('|')}`,
        );
      }
    }
  }
});

test('what stands behind a text with broken line ends is not carried out: it may have been part of it', async () => {
  const text = `A: b\r\n\r\nx\ny\r\n.\r\n${inner}`;
  const { server, replies } = await send(['EHLO x\r\n', `${envelope}DATA\r\n`, text, 'NOOP\r\n'], 1000);
  assert.equal(server.taken.length, 0);
  assert.match(replies.at(-2)!, /^550 5\.6\.11/);
  assert.equal(replies.at(-1), '554 5.5.0 You sent on without waiting for the answer');
});

test('BDAT text is held to the same line ends, also across chunks', async () => {
  for (const [first, second, fine] of [
    ['A: b\r\n\r\nx', '\r\n', true],
    ['A: b\r\n\r\nx\r', '\n', true],
    ['A: b\r\n\r\nx\r', 'y\r\n', false],
    ['A: b\r\n\r\nx', '\ny\r\n', false],
    ['A: b\r\n\r\nx', 'y\r', false],
    ['A: b\r\n\r\nx\0', '\r\n', false],
  ] as const) {
    const parts = [
      'EHLO x\r\n',
      envelope,
      `BDAT ${first.length}\r\n${first}BDAT ${second.length} LAST\r\n${second}`,
    ];
    const { server, replies } = await send([...parts, 'NOOP\r\n'], 1000);
    assert.equal(
      server.taken.length,
      fine ? 1 : 0,
      `${JSON.stringify([first, second])} ${replies.join('|')}`,
    );
  }
});

test('commands end with CRLF: a bare CR or LF is refused and the session goes on', async () => {
  await converse(
    testServer('mx').connect(),
    `
    S: 220 ...
    C~ EHLO there.test\\n
    S: 500 5.5.2 Lines end with CR LF...
    C~ EHLO there.test\\rMAIL FROM:<a@b.test>\\r\\n
    S: 500 5.5.2 Lines end with CR LF...
    C~ HELO there.test\\r\\n
    S: 250 mx.here.test
  `,
  );
});

test('a client that sends its text without waiting for 354 is refused and cut off', async () => {
  const { server, replies } = await send(
    ['EHLO x\r\n', `${envelope}DATA\r\nA: b\r\n\r\ntext\r\n.\r\n`],
    1000,
  );
  assert.equal(server.taken.length, 0);
  assert.equal(replies.at(-1), '554 5.5.0 You sent on without waiting for the answer');
  const early = await send(['EHLO x\r\nMAIL FROM:<a@b.test>\r\n'], 1000);
  assert.match(early.replies.at(-1)!, /^554 5\.5\.0/);
  const allowed = { options: { unauthorisedPipelining: 'allow' as const } };
  const lax = await send(
    [`EHLO x\r\n${envelope}DATA\r\nA: b\r\n\r\ntext\r\n.\r\n`, 'NOOP\r\n'],
    1000,
    allowed,
  );
  assert.equal(lax.server.taken.length, 1);
});

test('a robot that talks before the greeting is refused', async () => {
  const { connect } = testServer('mx', { options: { greetDelayMs: 1000 } });
  const client = connect();
  client.write('EHLO x\r\n');
  await converse(client, 'S: 554 5.5.0 ...\nS(closed)');
});

test('a browser is sent away at once', async () => {
  await converse(
    testServer('mx').connect(),
    'S: 220 ...\nC~ POST / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\nS: 421 ...\nS(closed)',
  );
});

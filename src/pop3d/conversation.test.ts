import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { converse } from '../../test/converse.ts';
import { noFlags } from '../mailbox/flags.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import { alice, mailboxesOf, message, openMailStore } from '../mailbox/testing.ts';
import { systemClock } from '../base/clock.ts';
import { listen } from '../net/listener.ts';
import { makeSelfSigned } from '../net/self-signed.ts';
import { TlsContexts } from '../net/tls-contexts.ts';
import { testServer, type TestServerOptions } from './testing.ts';

interface Lab {
  readonly mailboxes: Mailboxes;
  readonly connect: () => Duplex;
}

const mails = [
  'Subject: one\n\nFirst.\n',
  'Subject: two\n\n.dot\n..\nlast line',
  'Subject: three\n\nThird.\n',
];

function on(
  name: string,
  body: (lab: Lab) => Promise<void>,
  how: Omit<TestServerOptions, 'mailboxes'> = {},
): void {
  test(name, async () => {
    await using store = await openMailStore();
    using mailboxes = mailboxesOf(store);
    const inbox = (await mailboxes.find(alice, 'INBOX'))!;
    await mailboxes.append(
      alice,
      inbox.id,
      mails.map((text) => message(text)),
    );
    const { server, connect } = testServer({ mailboxes, ...how });
    const clients: Duplex[] = [];
    const lab: Lab = {
      mailboxes,
      connect: () => {
        const client = connect();
        clients.push(client);
        return client;
      },
    };
    await body(lab);
    for (const client of clients) client.end().resume();
    await server.stop();
  });
}

const loggedIn = `
  S: +OK here.test POP3 server ready
  C: USER alice
  S: +OK Send the password
  C: PASS secret
  S: +OK Logged in
`;

on(
  'a whole session: STAT, LIST, UIDL, RETR, TOP, and deletions that are real at QUIT',
  async ({ connect, mailboxes }) => {
    await converse(
      connect(),
      `${loggedIn}
    C: STAT
    S: +OK 3 85
    C: LIST
    S: +OK 3 messages (85 octets)
    S: 1 24
    S: 2 35
    S: 3 26
    S: .
    C: LIST 2
    S: +OK 2 35
    C: LIST 4
    S: -ERR No such message
    C: UIDL 1
    S: +OK 1 ...1
    C: RETR 2
    S: +OK 35 octets
    S: Subject: two
    S:
    S: ..dot
    S: ...
    S: last line
    S: .
    C: TOP 2 1
    S: +OK top of message follows
    S: Subject: two
    S:
    S: ..dot
    S: .
    C: TOP 1 0
    S: +OK top of message follows
    S: Subject: one
    S:
    S: .
    C: DELE 1
    S: +OK Message will be deleted
    C: DELE 1
    S: -ERR No such message
    C: RETR 1
    S: -ERR No such message
    C: LIST
    S: +OK 2 messages (61 octets)
    S: 2 35
    S: 3 26
    S: .
    C: RSET
    S: +OK OK
    C: STAT
    S: +OK 3 85
    C: DELE 2
    S: +OK Message will be deleted
    C: NOOP
    S: +OK OK
    C: QUIT
    S: +OK Bye
    S(closed)
  `,
    );
    using session = await mailboxes.open(alice, (await mailboxes.find(alice, 'INBOX'))!.id);
    assert.deepEqual([session.uidOf(1), session.uidOf(2), session.count], [1, 3, 2]);
  },
);

on('a connection that ends without QUIT deletes nothing', async ({ connect, mailboxes }) => {
  const client = connect();
  await converse(
    client,
    `${loggedIn}
    C: DELE 1
    S: +OK Message will be deleted
  `,
  );
  client.end();
  await once(client.resume(), 'end');
  assert.equal((await mailboxes.find(alice, 'INBOX'))!.total, 3);
});

on('commands before login, after login and wrong ones', async ({ connect }) => {
  await converse(
    connect(),
    `
    S: +OK here.test POP3 server ready
    C: STAT
    S: -ERR Not in this state
    C: PASS secret
    S: -ERR USER first
    C: APOP alice c4c9334bac560ecc979e58001b3e22fb
    S: -ERR Unknown command
    C: RETR
    S: -ERR Wrong arguments
    C: USER alice
    S: +OK Send the password
    C: PASS wrong
    S: -ERR [AUTH] Wrong user name or password
    C: PASS secret
    S: -ERR USER first
    C: USER busy
    S: +OK Send the password
    C: PASS x
    S: -ERR [SYS/TEMP] Not possible now, try again later
    C: USER alice
    S: +OK Send the password
    C: PASS secret
    S: +OK Logged in
    C: USER alice
    S: -ERR Not in this state
    C: STLS
    S: -ERR Not in this state
    C: UTF8
    S: -ERR Not in this state
    C: QUIT
    S: +OK Bye
    S(closed)
  `,
  );
});

on('the third refused login ends the session', async ({ connect }) => {
  await converse(
    connect(),
    `
    S: +OK ...
    C: USER alice
    S: +OK ...
    C: PASS 1
    S: -ERR [AUTH] ...
    C: USER nobody
    S: +OK ...
    C: PASS secret
    S: -ERR [AUTH] ...
    C: AUTH PLAIN AGFsaWNlADM=
    S: -ERR [AUTH] ...
    S(closed)
  `,
  );
});

on('AUTH with and without an initial response, cancelled and malformed', async ({ connect }) => {
  await converse(
    connect(),
    `
    S: +OK ...
    C: AUTH
    S: +OK Mechanisms follow
    S: SCRAM-SHA-256
    S: SCRAM-SHA-1
    S: PLAIN
    S: LOGIN
    S: .
    C: AUTH CRAM-MD5
    S: -ERR Mechanism is not available
    C: AUTH PLAIN
    S: + ...
    C: *
    S: -ERR Authentication cancelled
    C: AUTH PLAIN !!
    S: -ERR Not base64
    C: AUTH PLAIN
    S: + ...
    C: AGFsaWNlAHNlY3JldA==
    S: +OK Logged in
    C: QUIT
    S: +OK Bye
  `,
  );
  await converse(
    connect(),
    `
    S: +OK ...
    C: auth plain AGFsaWNlAHNlY3JldA==
    S: +OK Logged in
    C: QUIT
    S: +OK Bye
  `,
  );
});

on(
  'without TLS, where it is wanted, no password is taken or offered',
  async ({ connect }) => {
    await converse(
      connect(),
      `
    S: +OK ...
    C: CAPA
    S: +OK Capability list follows
    S: TOP
    S: UIDL
    S: RESP-CODES
    S: AUTH-RESP-CODE
    S: PIPELINING
    S: EXPIRE NEVER
    S: UTF8 USER
    S: LANG
    S: IMPLEMENTATION Hikyaku
    S: .
    C: USER alice
    S: -ERR [SYS/PERM] Use TLS first
    C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
    S: -ERR [SYS/PERM] Use TLS first
    C: STLS
    S: -ERR TLS is not available here
    C: QUIT
    S: +OK Bye
  `,
    );
  },
  { options: { plaintextLogin: false } },
);

on('the language can be chosen, and is told', async ({ connect }) => {
  await converse(
    connect(),
    `
    S: +OK ...
    C: LANG
    S: +OK Languages follow
    S: en English
    S: ja 日本語
    S: .
    C: LANG xx
    S: -ERR Language is not available
    C: LANG ja-JP
    S: +OK ja 日本語で応答します
    C: USER nobody
    S: +OK パスワードを送ってください
    C: PASS x
    S: -ERR [AUTH] ユーザー名またはパスワードが違います
    C: LANG *
    S: +OK en Speaking English
    C: LANG ja
    S: +OK ja ...
    C: QUIT
    S: +OK さようなら
  `,
  );
});

on('many commands in one packet are answered in order', async ({ connect, mailboxes }) => {
  await converse(
    connect(),
    `
    S: +OK ...
    C~ USER alice\\r\\nPASS secret\\r\\nSTAT\\r\\nRETR 1\\r\\nDELE 1\\r\\nDELE 3\\r\\nQUIT\\r\\nSTAT\\r\\n
    S: +OK Send the password
    S: +OK Logged in
    S: +OK 3 85
    S: +OK 24 octets
    S: Subject: one
    S:
    S: First.
    S: .
    S: +OK Message will be deleted
    S: +OK Message will be deleted
    S: +OK Bye
    S(closed)
  `,
  );
  assert.equal((await mailboxes.find(alice, 'INBOX'))!.total, 1);
});

on('two sessions at once: each keeps its own picture', async ({ connect, mailboxes }) => {
  await converse(
    { 1: connect(), 2: connect() },
    `
    1S: +OK ...
    2S: +OK ...
    1C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
    1S: +OK Logged in
    2C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
    2S: +OK Logged in
    1C: DELE 2
    1S: +OK ...
    1C: QUIT
    1S: +OK Bye
    2C: STAT
    2S: +OK 3 85
    2C: RETR 3
    2S: +OK 26 octets
    2S: Subject: three
    2S:
    2S: Third.
    2S: .
    2C: RETR 2
    2S: -ERR [SYS/TEMP] The message was removed meanwhile
    2C: DELE 2
    2S: +OK ...
    2C: DELE 3
    2S: +OK ...
    2C: QUIT
    2S: +OK Bye
  `,
  );
  assert.equal((await mailboxes.find(alice, 'INBOX'))!.total, 1);
});

on(
  'an account has only so many sessions',
  async ({ connect }) => {
    const first = connect();
    await converse(
      { 1: first, 2: connect() },
      `
    1S: +OK ...
    2S: +OK ...
    1C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
    1S: +OK Logged in
    2C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
    2S: -ERR [IN-USE] Too many sessions of this account
    1C: QUIT
    1S: +OK Bye
    1S(closed)
    2C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
    2S: +OK Logged in
  `,
    );
  },
  { options: { sessionsPerAccountMax: 1 } },
);

on('lines that are too long, end wrong or are no commands end the session', async ({ connect }) => {
  await converse(
    connect(),
    `
    S: +OK ...
    C~ NOOP\\n
    S: -ERR Lines must end with CRLF
    S(closed)
  `,
  );
  await converse(
    connect(),
    `
    S: +OK ...
    C: ${'x'.repeat(13_000)}
    S: -ERR Line too long
    S(closed)
  `,
  );
  const junk = `C: JUNK\nS: -ERR Unknown command\n`.repeat(19);
  await converse(connect(), `S: +OK ...\n${junk}C: JUNK\nS: -ERR Too many errors\nS(closed)`);
});

on('a large message and a long listing arrive whole', async ({ connect, mailboxes }) => {
  const inbox = (await mailboxes.find(alice, 'INBOX'))!.id;
  const text = Buffer.from(`Subject: big\r\n\r\n${`${'.'.repeat(70)}\r\n`.repeat(30_000)}`);
  const writer = mailboxes.bodyWriter();
  await writer.write(text);
  const body = await writer.finish();
  await mailboxes.append(alice, inbox, [
    { flags: noFlags, receivedAtMs: 1, body, email: await mailboxes.prepare(body) },
  ]);
  await mailboxes.append(
    alice,
    inbox,
    Array.from({ length: 2000 }, () => message('Subject: x\n\nx\n')),
  );
  const client = connect();
  const parts: Buffer[] = [];
  client.on('data', (part: Buffer) => parts.push(part));
  client.write('AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nRETR 4\r\nUIDL\r\nTOP 4 2\r\nQUIT\r\n');
  await once(client, 'end');
  const all = Buffer.concat(parts).toString('latin1');
  const from = all.indexOf('Subject: big');
  const to = all.indexOf('\r\n.\r\n', from) + 2;
  assert.equal(all.slice(from, to).replaceAll(/^\./gm, ''), text.toString('latin1'));
  assert.equal(all.match(/^\d+ \d+\.\d+\r$/gm)!.length, 2004);
  assert.match(all, new RegExp(`Subject: big\r\n\r\n(\\.{71}\r\n){2}\\.\r\n\\+OK Bye\r\n$`));
});

test('STLS: what was said before counts no more, and plain text behind it is dropped', async () => {
  await using store = await openMailStore();
  using mailboxes = mailboxesOf(store);
  const tls = new TlsContexts({ certificates: [await makeSelfSigned(['here.test'], systemClock)] });
  const { server } = testServer({ mailboxes, tls, options: { plaintextLogin: false } });
  await using listener = await listen({ host: '127.0.0.1', port: 0, clock: systemClock }, (connection) =>
    server.serve(connection),
  );
  await using secureListener = await listen(
    { host: '127.0.0.1', port: 0, clock: systemClock, tls },
    (connection) => server.serve(connection),
  );
  const plain = connect(listener.address.port, '127.0.0.1');
  await converse(
    plain,
    `
    S: +OK ...
    C: CAPA
    S* STLS
    S* .
    C~ STLS\\r\\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\\r\\nSTAT\\r\\n
    S: +OK Begin TLS
  `,
  );
  const upgraded = tlsConnect({ socket: plain, rejectUnauthorized: false });
  await once(upgraded, 'secureConnect');
  const script = `
    C: STAT
    S: -ERR Not in this state
    C: CAPA
    S* SASL SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN
    S* .
    C: STLS
    S: -ERR TLS is not available here
    C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
    S: +OK Logged in
    C: STAT
    S: +OK 0 0
    C: QUIT
    S: +OK Bye
  `;
  await converse(upgraded, script);
  const secure = tlsConnect({
    port: secureListener.address.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
  });
  await converse(secure, `S: +OK here.test POP3 server ready\n${script}`);
  upgraded.destroy();
  secure.destroy();
  await server.stop();
});

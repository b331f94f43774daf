import assert from 'node:assert/strict';
import { connect as tcp } from 'node:net';
import { before, test } from 'node:test';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { converse } from '../../test/converse.ts';
import { systemClock } from '../base/clock.ts';
import { listen, type Listener } from '../net/listener.ts';
import { makeSelfSigned } from '../net/self-signed.ts';
import { TlsContexts } from '../net/tls-contexts.ts';
import type { ListenerKind } from './options.ts';
import { testServer, type TestServer, type TestServerOptions } from './testing.ts';

let tls: TlsContexts;
before(async () => {
  tls = new TlsContexts({ certificates: [await makeSelfSigned(['mx.here.test'], systemClock)] });
});

type Open = TestServer & AsyncDisposable & { readonly port: number };

/** A server on a real socket. */
async function open(kind: ListenerKind, how: TestServerOptions = {}): Promise<Open> {
  const within = testServer(kind, { ...how, tls });
  const listener: Listener = await listen(
    { host: '127.0.0.1', port: 0, clock: systemClock, ...(kind === 'submissions' && { tls }) },
    (connection) => within.server.serve(connection),
  );
  return {
    ...within,
    port: listener.address.port,
    async [Symbol.asyncDispose]() {
      await listener.close();
      await within.server.stop(0);
    },
  };
}

async function upgrade(port: number, behind = ''): Promise<TLSSocket> {
  const plain = tcp(port, '127.0.0.1');
  await converse(plain, 'S: 220 ...\nC: EHLO there.test\nS* 250 HELP');
  plain.write(`STARTTLS\r\n${behind}`);
  await converse(plain, 'S: 220 2.0.0 Go ahead');
  const secure = tlsConnect({ socket: plain, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  return secure;
}

const plain = (user: string, password: string): string =>
  Buffer.from(`\0${user}\0${password}`).toString('base64');
const login = `
  C: EHLO there.test
  S* 250 HELP
  C: AUTH PLAIN ${plain('alice@here.test', 'secret')}
  S: 235 2.7.0 Welcome
`;

test('what is pipelined behind STARTTLS in plaintext is never carried out, and all that was said before is forgotten', async () => {
  await using server = await open('mx');
  const secure = await upgrade(server.port, 'EHLO evil.test\r\nMAIL FROM:<evil@there.test>\r\n');
  await converse(
    secure,
    `
    C: MAIL FROM:<bob@there.test>
    S: 503 5.5.1 Say EHLO first
    C: EHLO there.test
    S: 250-mx.here.test
    S* 250-REQUIRETLS
    S: 250 HELP
    C: STARTTLS
    S: 503 5.5.1 TLS is on already
    C: MAIL FROM:<bob@there.test> REQUIRETLS
    S: 250 ...
    C: RCPT TO:<alice@here.test>
    S: 250 ...
    C: DATA
    S: 354 ...
    C: .
    S: 250 2.0.0 ...
    C: AUTH PLAIN
    S: 502 5.5.1 Command is not offered here
  `,
  );
  assert.match(
    server.taken[0]!.text,
    /with ESMTPS id \w+\r\n\tfor <alice@here\.test>\r\n\ttls TLS_[A-Z0-9_]+;/,
  );
  assert.equal(server.taken[0]!.submission.message.requireTls, true);
  secure.destroy();
});

test('without channel binding the mechanisms that want it are neither offered nor known', async () => {
  await using server = await open('submission', { options: { channelBinding: false } });
  const secure = await upgrade(server.port);
  await converse(
    secure,
    `
    C: EHLO there.test
    S* 250-AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN
    S* 250 HELP
    C: AUTH SCRAM-SHA-256-PLUS
    S: 504 5.5.4 ...
  `,
  );
  secure.destroy();
});

test('submission wants TLS, then a login, then lets its users send anywhere as themselves', async () => {
  await using server = await open('submission');
  const bare = tcp(server.port, '127.0.0.1');
  await converse(
    bare,
    `
    S: 220 ...
    C: EHLO there.test
    S* 250 HELP
    C: AUTH PLAIN ${plain('alice@here.test', 'secret')}
    S: 530 5.7.0 Start TLS first...
    C: MAIL FROM:<alice@here.test>
    S: 530 5.7.0 Start TLS first...
    C: QUIT
    S: 221 ...
    S(closed)
  `,
  );
  const secure = await upgrade(server.port);
  await converse(
    secure,
    `
    C: EHLO there.test
    S* 250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN
    S* 250 HELP
    C: MAIL FROM:<alice@here.test>
    S: 530 5.7.0 Log in first...
    C: AUTH PLAIN
    S: 334 ...
    C: *
    S: 501 5.7.0 Login cancelled
    C: AUTH CRAM-MD5
    S: 504 5.5.4 ...
    C: AUTH PLAIN not-base64!
    S: 501 5.5.2 That is not base64
    C: AUTH LOGIN
    S: 334 VXNlcm5hbWU6
    C: ${Buffer.from('alice@here.test').toString('base64')}
    S: 334 UGFzc3dvcmQ6
    C: ${Buffer.from('secret').toString('base64')}
    S: 235 2.7.0 Welcome
    C: AUTH PLAIN
    S: 503 5.5.1 You are logged in already
    C: MAIL FROM:<bob@here.test>
    S: 550 5.7.1 You may not send as this address
    C: MAIL FROM:<alice@here.test> BY=120;R MT-PRIORITY=3 HOLDFOR=60
    S: 250 ...
    C: RCPT TO:<someone@else.test>
    S: 250 ...
    C: DATA
    S: 354 ...
    C: Bcc: secret@else.test
    C: Subject: hello
    C:
    C: text
    C: .
    S: 250 2.0.0 Accepted as ...
  `,
  );
  const { submission, text } = server.taken[0]!;
  assert.match(text, /with ESMTPSA id/);
  assert.match(
    text,
    /;\r\n\t[^\r]+\r\nFrom: alice@here\.test\r\nDate: [^\r]+\r\nMessage-ID: <\w+@mx\.here\.test>\r\nSubject: hello\r\n\r\ntext\r\n$/,
  );
  const { message } = submission;
  assert.equal(message.priority, 3);
  assert.equal(message.notBeforeMs - message.acceptedAtMs, 60_000);
  assert.equal(message.expiresAtMs - message.acceptedAtMs, 120_000);
  assert.deepEqual(
    submission.recipients.map((to) => to.destination),
    ['else.test'],
  );
  secure.destroy();
});

test('failed logins are slow to count up to an end, and are told', async () => {
  await using server = await open('submissions');
  const secure = tlsConnect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
  await converse(
    secure,
    `
    S: 220 ...
    C: EHLO there.test
    S* 250 HELP
    C: AUTH PLAIN ${plain('alice@here.test', 'wrong')}
    S: 535 5.7.8 User name or password is wrong
    C: AUTH PLAIN ${plain('nobody@here.test', 'secret')}
    S: 535 5.7.8 User name or password is wrong
    C: AUTH PLAIN ${plain('alice@here.test', 'wrong')}
    S: 535 5.7.8 User name or password is wrong
    S: 421 4.7.0 Too many failed logins, good-bye
    S(closed)
  `,
  );
  assert.deepEqual(
    server.refused.map((event) => event.data.phase),
    ['auth', 'auth', 'auth'],
  );
});

test('an endless line within AUTH is refused without being kept', async () => {
  await using server = await open('submissions');
  const secure = tlsConnect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
  await converse(
    secure,
    `
    S: 220 ...
    C: EHLO there.test
    S* 250 HELP
    C: AUTH PLAIN
    S: 334 ...
    C: ${'A'.repeat(20_000)}
    S: 500 5.5.6 Line is too long
    C: NOOP
    S: 250 ...
  `,
  );
  secure.destroy();
});

test('broken line ends of our own users are mended, but not in what is signed', async () => {
  await using server = await open('submissions');
  const secure = tlsConnect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
  const envelope = `
    C: MAIL FROM:<alice@here.test>
    S: 250 ...
    C: RCPT TO:<bob@here.test>
    S: 250 ...
    C: DATA
    S: 354 ...`;
  await converse(
    secure,
    `
    S: 220 ...
    ${login}
    ${envelope}
    C~ From: alice@here.test\\nSubject: x\\n\\none\\n.\\ntwo\\rthree\\r\\n.\\r\\n
    S: 250 2.0.0 ...
    ${envelope}
    C~ From: alice@here.test\\r\\nDKIM-Signature: v=1\\r\\n\\r\\none\\ntwo\\r\\n.\\r\\n
    S: 554 5.6.0 ...
    ${envelope}
    C~ From: alice@here.test\\r\\nContent-Type: multipart/signed; boundary=b\\n\\r\\none\\r\\n.\\r\\n
    S: 554 5.6.0 ...
    ${envelope}
    C~ From: bob@here.test\\r\\n\\r\\n.\\r\\n
    S: 550 5.7.1 You may not send as this address
  `,
  );
  assert.equal(server.taken.length, 1);
  assert(
    server.taken[0]!.text.endsWith('From: alice@here.test\r\nSubject: x\r\n\r\none\r\n.\r\ntwo\r\nthree\r\n'),
  );
  secure.destroy();
});

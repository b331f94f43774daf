import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { converse } from '../../test/converse.ts';
import { systemClock } from '../base/clock.ts';
import { TestClock } from '../base/test-clock.ts';
import { Connection } from '../net/connection.ts';
import { listen } from '../net/listener.ts';
import { makeSelfSigned } from '../net/self-signed.ts';
import { TlsContexts } from '../net/tls-contexts.ts';
import { loginIdleMs, loginMaxMs } from './options.ts';
import { openScriptStore, testServer, type TestServerOptions } from './testing.ts';

function on(name: string, script: string, how: Omit<TestServerOptions, 'store'> = {}): void {
  test(name, async () => {
    await using store = await openScriptStore();
    const { server, connect } = testServer({ store, ...how });
    const clients: Record<string, Duplex> = { '': connect() };
    for (const name of ['1', '2']) if (script.includes(`${name}C:`)) clients[name] = connect();
    await converse(clients, script);
    for (const client of Object.values(clients)) client.end().resume();
    await server.stop();
  });
}

/** The greeting, and a login. */
const loggedIn = `
  S* "VERSION" "1.0"
  S: OK "ManageSieve server ready"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
  S: OK "Logged in"
`;

on(
  'the greeting, and what may be said before a login',
  `
  S: "IMPLEMENTATION" "Hikyaku"
  S: "SASL" "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN"
  S: "SIEVE" "fileinto ... vacation ..."
  S: "NOTIFY" "mailto"
  S: "MAXREDIRECTS" "10"
  S: "LANGUAGE" "en"
  S: "UNAUTHENTICATE"
  S: "VERSION" "1.0"
  S: OK "ManageSieve server ready"
  C: LISTSCRIPTS
  S: NO "Log in first"
  C: putscript "a" {5+}
  C: keep;
  S: NO "Log in first"
  C: UNAUTHENTICATE
  S: NO "Log in first"
  C: STARTTLS
  S: NO "TLS is not available here"
  C: NOOP
  S: OK "Done"
  C: NOOP "STARTTLS-SYNC-42"
  S: OK (TAG "STARTTLS-SYNC-42") "Done"
  C: CAPABILITY
  S* "VERSION" "1.0"
  S: OK "Done"
  C: LOGOUT
  S: OK "Bye"
  S(closed)
`,
);

on(
  'scripts from first to last',
  `${loggedIn}
  C: CAPABILITY
  S* "OWNER" "alice@here.test"
  S* "VERSION" "1.0"
  S: OK "Done"
  C: LISTSCRIPTS
  S: OK "Done"
  C: HAVESPACE "main" 999
  S: OK "Done"
  C: PUTSCRIPT "main" {14+}
  C: keep;
  C: # 会
  C:
  S: OK "Done"
  C: PUTSCRIPT {8+}
  C: say "it" {5+}
  C: stop;
  S: OK "Done"
  C: SETACTIVE "main"
  S: OK "Done"
  C: LISTSCRIPTS
  S: "main" ACTIVE
  S: "say \\"it\\""
  S: OK "Done"
  C: GETSCRIPT "main"
  S: {14}
  S: keep;
  S: # 会
  S:
  S: OK "Done"
  C: DELETESCRIPT "main"
  S: NO (ACTIVE) "The active script cannot be deleted"
  C: RENAMESCRIPT "main" "say \\"it\\""
  S: NO (ALREADYEXISTS) "There is a script by that name already"
  C: RENAMESCRIPT "main" "other"
  S: OK "Done"
  C: RENAMESCRIPT "main" "x"
  S: NO (NONEXISTENT) "There is no script by that name"
  C: LISTSCRIPTS
  S: "other" ACTIVE
  S: "say \\"it\\""
  S: OK "Done"
  C: SETACTIVE ""
  S: OK "Done"
  C: DELETESCRIPT "other"
  S: OK "Done"
  C: GETSCRIPT "other"
  S: NO (NONEXISTENT) "There is no script by that name"
  C: SETACTIVE "other"
  S: NO (NONEXISTENT) "There is no script by that name"
  C: LOGOUT
  S: OK "Bye"
`,
);

on(
  'what is wrong with a script is told with its place, and it is not stored',
  `${loggedIn}
  C: PUTSCRIPT "bad" {25+}
  C: #comment
  C: InvalidCommand;
  S: NO "line 2, column 1: there is no command \\"invalidcommand\\""
  C: CHECKSCRIPT {12+}
  C: frob; bla x;
  S: NO {89}
  S: line 1, column 1: there is no command "frob"
  S: line 1, column 7: there is no command "bla"
  C: CHECKSCRIPT "keep;"
  S: OK "Done"
  C: CHECKSCRIPT ""
  S: NO "The script is empty"
  C: PUTSCRIPT "a/b" "keep;"
  S: NO "This cannot be the name of a script"
  C: CHECKSCRIPT "require \\"ihave\\"; if ihave \\"vnd.nobody\\" { nobody; }"
  S: OK "Done"
  C: LISTSCRIPTS
  S: OK "Done"
`,
);

on(
  'in the language of the account',
  `
  S* "VERSION" "1.0"
  S: OK "ManageSieve server ready"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
  S: OK "ログインしました"
  C: CAPABILITY
  S* "LANGUAGE" "ja"
  S* OK "完了しました"
  C: CHECKSCRIPT "frob;"
  S: NO "1行目 1文字目: 「frob」というコマンドはありません"
`,
  { language: 'ja' },
);

on(
  'limits: too large a script is read past, too many bytes end the session',
  `${loggedIn}
  C: HAVESPACE "a" 4294967295
  S: NO (QUOTA/MAXSIZE) "The script is too large"
  C~ PUTSCRIPT "a" {1200000+}\\r\\n${'x'.repeat(1_200_000)}\\r\\n
  S: NO (QUOTA/MAXSIZE) "The script is too large"
  C: NOOP
  S: OK "Done"
  C: PUTSCRIPT "a" {99999999+}
  S: BYE "The literal is too long"
  S(closed)
`,
);

on(
  'before a login, and after it is over, a literal may be no larger than a SASL response',
  `
  S* OK "ManageSieve server ready"
  C~ AUTHENTICATE "PLAIN" {16385+}\\r\\n${'x'.repeat(16_385)}\\r\\n
  S: NO (QUOTA/MAXSIZE) "The script is too large"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
  S: OK "Logged in"
  C~ CHECKSCRIPT {16385+}\\r\\n#${'x'.repeat(16_384)}\\r\\n
  S: OK "Done"
  C: UNAUTHENTICATE
  S: OK "Logged out of the account; the connection stays"
  C: PUTSCRIPT "a" {65537+}
  S: BYE "The literal is too long"
  S(closed)
`,
);

on(
  'leaving the account does not give a guesser more tries',
  `
  S* OK "ManageSieve server ready"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHg="
  S: NO "Wrong user name or password"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
  S: OK "Logged in"
  C: UNAUTHENTICATE
  S: OK "Logged out of the account; the connection stays"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHg="
  S: NO "Wrong user name or password"
  C~ AUTHENTICATE "PLAIN" "AGFsaWNlAHg="\\r\\nAUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\\r\\n
  S: BYE "Too many failed logins"
  S(closed)
`,
);

on(
  'SCRAM and LOGIN without TLS, where it is wanted, are refused like a password',
  `
  S* OK "ManageSieve server ready"
  C: AUTHENTICATE "SCRAM-SHA-256" "biwsbj1hbGljZSxyPXg="
  S: NO (ENCRYPT-NEEDED) "Use STARTTLS first"
  C: AUTHENTICATE "LOGIN"
  S: NO (ENCRYPT-NEEDED) "Use STARTTLS first"
  C: LISTSCRIPTS
  S: NO "Log in first"
`,
  { options: { plaintextLogin: false } },
);

test('without a login a connection ends in time, whatever is said meanwhile; with one it stays', async () => {
  await using store = await openScriptStore();
  const clock = new TestClock();
  const { server } = testServer({ store, clock });
  const open = (): { client: Duplex; connection: Connection } => {
    const [client, far] = duplexPair();
    const at = { ip: '192.0.2.9', port: 4190 };
    const connection = new Connection(far, { clock, peer: at, local: at });
    server.serve(connection);
    return { client, connection };
  };
  const [silent, busy, known] = [open(), open(), open()];
  const greeting = 'S* OK "ManageSieve server ready"';
  for (const { client } of [silent, busy]) await converse(client, greeting);
  const login = 'C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\nS: OK "Logged in"';
  await converse(known.client, `${greeting}\n${login}`);
  const stepMs = loginIdleMs / 2;
  for (let atMs = stepMs; atMs <= loginMaxMs; atMs += stepMs) {
    if (busy.connection.open) await converse(busy.client, 'C: NOOP\nS: OK "Done"');
    await clock.advance(stepMs);
    const stay = [silent, busy, known].map(({ connection }) => connection.open);
    assert.deepEqual(stay, [atMs < loginIdleMs, atMs < loginMaxMs, true]);
  }
  await converse(known.client, 'C: UNAUTHENTICATE\nS: OK "Logged out..."');
  await clock.advance(loginIdleMs);
  assert.equal(known.connection.open, false);
  await server.stop();
});

on(
  'SASL: with and without an initial response, as quoted string and literal, cancelled, malformed',
  `
  S* OK "ManageSieve server ready"
  C: AUTHENTICATE "CRAM-MD5"
  S: NO "This mechanism is not available"
  C: AUTHENTICATE "PLAIN" "!!"
  S: NO "Not base64"
  C: AUTHENTICATE "PLAIN"
  S: ""
  C: "*"
  S: NO "Authentication cancelled"
  C: AUTHENTICATE "LOGIN"
  S: "VXNlcm5hbWU6"
  C: {8+}
  C: YWxpY2U=
  S: "UGFzc3dvcmQ6"
  C: "c2VjcmV0"
  S: OK "Logged in"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
  S: NO "Logged in already"
  C: UNAUTHENTICATE
  S: OK "Logged out of the account; the connection stays"
  C: LISTSCRIPTS
  S: NO "Log in first"
  C: AUTHENTICATE "PLAIN" {20+}
  C: AGFsaWNlAHNlY3JldA==
  S: OK "Logged in"
`,
);

on(
  'troubles of ours and locked accounts are told apart; the third failure ends the session',
  `
  S* OK "ManageSieve server ready"
  C: AUTHENTICATE "PLAIN" "AGJ1c3kAeA=="
  S: NO (TRYLATER) "Not possible now, try again later"
  C: AUTHENTICATE "PLAIN" "AGxvY2tlZAB4"
  S: NO "The account is locked for now"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHg="
  S: NO "Wrong user name or password"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHg="
  S: NO "Wrong user name or password"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHg="
  S: BYE "Too many failed logins"
  S(closed)
`,
);

on(
  'without TLS, where it is wanted, no password is taken or offered',
  `
  S: "IMPLEMENTATION" "Hikyaku"
  S: "SASL" ""
  S* OK "ManageSieve server ready"
  C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
  S: NO (ENCRYPT-NEEDED) "Use STARTTLS first"
`,
  { options: { plaintextLogin: false } },
);

on(
  'lines that are none are told, and end the session when there are too many',
  `
  S* OK "ManageSieve server ready"
  C: FROB
  S: NO "Unknown command"
  C: GETSCRIPT
  S: NO "Wrong arguments"
  C: NOOP "open
  S: NO "Not a line of ManageSieve"
  C: NOOP
  S: OK "Done"
${'  C: X\n  S: NO "Unknown command"\n'.repeat(9)}
  C: X
  S: BYE "Too many errors"
  S(closed)
`,
);

on(
  'an account has only so many sessions, and commands in one packet are answered in order',
  `
  1S* OK "ManageSieve server ready"
  2S* OK "ManageSieve server ready"
  1C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
  1S: OK "Logged in"
  2C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
  2S: NO (TRYLATER) "Too many sessions of this account"
  1C~ PUTSCRIPT "a" {5+}\\r\\nkeep;\\r\\nSETACTIVE "a"\\r\\nLISTSCRIPTS\\r\\nLOGOUT\\r\\nNOOP\\r\\n
  1S: OK "Done"
  1S: OK "Done"
  1S: "a" ACTIVE
  1S: OK "Done"
  1S: OK "Bye"
  1S(closed)
`,
  { options: { sessionsPerAccountMax: 1 } },
);

test('STARTTLS: the capabilities are told again, and plain text behind it is dropped', async () => {
  await using store = await openScriptStore();
  const tls = new TlsContexts({ certificates: [await makeSelfSigned(['here.test'], systemClock)] });
  const { server } = testServer({ store, tls, options: { plaintextLogin: false } });
  await using listener = await listen({ host: '127.0.0.1', port: 0, clock: systemClock }, (connection) =>
    server.serve(connection),
  );
  const plain = connectTcp(listener.address.port, '127.0.0.1');
  await converse(
    plain,
    `
    S: "IMPLEMENTATION" "Hikyaku"
    S: "SASL" ""
    S: "SIEVE" "..."
    S: "STARTTLS"
    S* OK "ManageSieve server ready"
    C~ STARTTLS\\r\\nAUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\\r\\n
    S: OK "Begin TLS"
  `,
  );
  const secure = connectTls({ socket: plain, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  await converse(
    secure,
    `
    S: "IMPLEMENTATION" "Hikyaku"
    S: "SASL" "SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN"
    S: "SIEVE" "..."
    S: "NOTIFY" "mailto"
    S* OK "Done"
    C: STARTTLS
    S: NO "TLS is not available here"
    C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
    S: OK "Logged in"
    C: LOGOUT
    S: OK "Bye"
  `,
  );
  secure.destroy();
  await server.stop();
});

on(
  'as Roundcube speaks: literals for every string, a script of its own making',
  `
  S* OK "ManageSieve server ready"
  C: AUTHENTICATE "PLAIN" {20+}
  C: AGFsaWNlAHNlY3JldA==
  S: OK "Logged in"
  C: CAPABILITY
  S* OK "Done"
  C: LISTSCRIPTS
  S: OK "Done"
  C: HAVESPACE "roundcube" 111
  S: OK "Done"
  C: PUTSCRIPT "roundcube" {111+}
  C: require ["fileinto","copy"];
  C: # rule:[Lists]
  C: if header :contains "list-id" "x"
  C: {
  C: 	fileinto :copy "Lists";
  C: }
  S: OK "Done"
  C: SETACTIVE "roundcube"
  S: OK "Done"
  C: LOGOUT
  S: OK "Bye"
`,
);

/** Before the login: TLS, mechanisms, what is refused before a password is read, limits. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { converse } from '../../test/converse.ts';
import { openImapWorld, password } from '../../test/interop/imap-world.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

suite('before the login', { concurrency: true }, () => {
  test('AUTHENTICATE with and without an initial response, cancelled, and with noise', async () => {
    await using world = await openImapWorld();
    const good = base64(`\0alice@here.test\0${password}`);
    await converse(
      world.connect(),
      `
      S: * OK ...
      C: a AUTHENTICATE PLAIN
      S: +...
      C: *
      S: a BAD Cancelled
      C: b AUTHENTICATE PLAIN
      S: +...
      C: %%%
      S: b BAD Not base64
      C: c AUTHENTICATE FOO
      S: c NO [CANNOT] ...
      C: d AUTHENTICATE PLAIN
      S: +...
      C~ ${good}\\r\\nd2 NOOP\\r\\n
      S: d OK [CAPABILITY ...] Logged in
      S: d2 OK NOOP completed
      `,
    );
    await converse(
      world.connect(),
      `\nS: * OK ...\nC: a AUTHENTICATE PLAIN ${good}\nS: a OK [CAPABILITY ...] Logged in`,
    );
  });

  test('without TLS, logins are refused before a literal with a password is asked for', async () => {
    await using world = await openImapWorld({ tls: true, options: { plaintextLogin: false } });
    await converse(
      world.connect(),
      `
      S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE IDLE LANGUAGE STARTTLS LOGINDISABLED] ...
      C: a LOGIN alice@here.test {13}
      S: a NO [PRIVACYREQUIRED] Use TLS first
      C: b LOGIN alice@here.test {13+}
      C: ${password}
      S: b NO [PRIVACYREQUIRED] Use TLS first
      C: c AUTHENTICATE PLAIN
      S: c NO [PRIVACYREQUIRED] Use TLS first
      C: d NOOP
      S: d OK NOOP completed
      `,
    );
  });

  test('what was sent in plain text behind STARTTLS is thrown away', async () => {
    await using world = await openImapWorld({ tls: true, options: { plaintextLogin: false } });
    const socket = connect(await world.listen(), '127.0.0.1');
    await converse(socket, '\nS: * OK ...\nC~ a STARTTLS\\r\\nb NOOP\\r\\n\nS: a OK Begin TLS');
    const secure = connectTls({ socket, rejectUnauthorized: false, servername: 'localhost' });
    await once(secure, 'secureConnect');
    await converse(
      secure,
      `
      C: c CAPABILITY
      S: * CAPABILITY IMAP4rev1 ...AUTH=PLAIN...
      S: c OK CAPABILITY completed
      C: d STARTTLS
      S: d BAD TLS is on already
      C: e LOGIN alice@here.test "${password}"
      S: e OK ...
      `,
    );
    secure.destroy();
  });

  test('commands that are no commands are counted, and the session ends', async () => {
    await using world = await openImapWorld();
    const lines = Array.from({ length: 19 }, (_, i) => `C: ${i} FOO\nS: ${i} BAD Unknown command`).join('\n');
    await converse(
      world.connect(),
      `\nS: * OK ...\nC:  x\nS: * BAD ...\n${lines}\nS: * BYE Too many bad commands\nS(closed)`.replace(
        '19 FOO',
        '19 FOO',
      ),
    );
  });

  test('long lines and bare line ends end the session with a reason', async () => {
    await using world = await openImapWorld();
    await converse(
      world.connect(),
      `\nS: * OK ...\nC: a ${'x'.repeat(20_000)}\nS: * BAD line too long\nS: * BYE Cannot go on\nS(closed)`,
    );
    await converse(
      world.connect(),
      '\nS: * OK ...\nC~ a NOOP\\nb NOOP\\r\\n\nS: * BAD CR and LF must come as CRLF\nS: * BYE Cannot go on\nS(closed)',
    );
  });

  test('literals are bounded before the login', async () => {
    await using world = await openImapWorld();
    await converse(
      world.connect(),
      `
      S: * OK ...
      C: a LOGIN {5000}
      S: a NO [TOOBIG] Literals of the command are too large
      C: b LOGIN {5}
      S: + OK
      C: alice {3}
      S: + OK
      C: foo
      S: b NO [AUTHENTICATIONFAILED] ...
      C: c LOGIN {99999999}
      S: c NO [TOOBIG] ...
      C: d APPEND INBOX {5}
      S: d BAD Log in first
      C: e LOGIN {999999999+}
      S: e NO [TOOBIG] ...
      S: * BAD ...
      S: * BYE ...
      S(closed)
      `,
    );
  });

  test('a stopping server says good-bye', async () => {
    await using world = await openImapWorld();
    const client = world.connect();
    await converse(client, '\nS: * OK ...');
    const stopped = world.server.stop();
    await converse(client, '\nS: * BYE [UNAVAILABLE] The server is being stopped\nS(closed)');
    client.end();
    await stopped;
    assert.equal(world.server.sessions, 0);
  });
});

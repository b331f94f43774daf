/** openssl s_client: STARTTLS of each protocol, versions and ciphers, resumption, and what is sent too early. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { needing, run, type Ran } from './programs.ts';
import { World, type Kind } from './world.ts';

/** Kind of listener, how s_client upgrades there, a command that ends the session, and what it is answered with. */
const upgraded = [
  ['mx', 'smtp', 'QUIT', '221 2.0.0 '],
  ['submission', 'smtp', 'QUIT', '221 2.0.0 '],
  ['lmtp', 'lmtp', 'QUIT', '221 2.0.0 '],
  ['imap', 'imap', 'a LOGOUT', 'a OK LOGOUT completed'],
  ['pop3', 'pop3', 'QUIT', '+OK'],
] as const;
const implicit = [
  ['submissions', 'QUIT', '221 2.0.0 '],
  ['imaps', 'a LOGOUT', 'a OK LOGOUT completed'],
  ['pop3s', 'QUIT', '+OK'],
] as const;

suite('openssl s_client', needing('openssl'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  before(async () => {
    world = peers.use(await World.start());
  });
  after(() => peers.disposeAsync());

  async function sClient(kind: Kind, args: readonly string[], input = '', mayEndWith = [0]): Promise<Ran> {
    const checked = ['-CAfile', world.certificate, '-verify_return_error', '-verify_hostname', 'localhost'];
    const to = ['s_client', '-crlf', '-connect', `127.0.0.1:${world.port(kind)}`, '-servername', 'localhost'];
    return run('openssl', [...to, ...checked, ...args], { input, mayEndWith });
  }

  for (const [kind, protocol, bye, answer] of upgraded) {
    test(`${kind}: STARTTLS with a certificate that is valid`, async () => {
      const { said } = await sClient(kind, ['-starttls', protocol, '-quiet'], `${bye}\n`);
      assert.match(said, /verify return:1/);
      assert(said.includes(answer), said);
    });
  }

  for (const [kind, bye, answer] of implicit) {
    test(`${kind}: TLS from the first byte, 1.2 and 1.3`, async () => {
      for (const version of ['-tls1_2', '-tls1_3']) {
        const { said } = await sClient(kind, [version, '-ign_eof'], `${bye}\n`);
        assert.match(said, version === '-tls1_2' ? /Protocol *: TLSv1\.2/ : /New, TLSv1\.3/);
        assert.match(said, /Verify return code: 0 \(ok\)/);
        assert(said.includes(answer), said);
      }
    });
  }

  test('versions before 1.2 and weak ciphers are refused', async () => {
    for (const version of ['-tls1', '-tls1_1']) {
      const { said } = await sClient('imaps', [version, '-cipher', 'ALL:@SECLEVEL=0'], '', [1]);
      assert.match(said, /alert protocol version|unsupported protocol|no protocols available/);
    }
    for (const cipher of ['NULL', 'RC4', '3DES', 'AES128-SHA', 'ADH']) {
      const { said } = await sClient('imaps', ['-tls1_2', '-cipher', `${cipher}:@SECLEVEL=0`], '', [1]);
      assert.match(said, /alert handshake failure|no cipher match|no ciphers available/);
    }
  });

  test('sessions are resumed, from one protocol to the next too', async () => {
    const path = join(world.folder, 'session');
    for (const version of ['-tls1_2', '-tls1_3']) {
      const keep = ['-sess_out', path, version, '-ign_eof'];
      assert.match((await sClient('submissions', keep, 'NOOP\nQUIT\n')).said, /^New, TLSv1/m);
      for (const kind of ['submissions', 'pop3s'] as const) {
        const again = await sClient(kind, ['-sess_in', path, version, '-ign_eof'], 'QUIT\n');
        assert.match(again.said, /^Reused, TLSv1/m);
      }
    }
  });

  for (const [kind, , bye, answer] of upgraded) {
    test(`${kind}: what was sent in the clear behind STARTTLS is dropped`, async () => {
      const start = kind === 'imap' ? 's STARTTLS' : kind === 'pop3' ? 'STLS' : 'STARTTLS';
      const hello = kind === 'lmtp' ? 'LHLO x\r\n' : kind === 'imap' || kind === 'pop3' ? '' : 'EHLO x\r\n';
      const early = kind === 'imap' ? 'e CAPABILITY' : kind === 'pop3' ? 'CAPA' : 'NOOP';
      const socket = connect(world.port(kind), '127.0.0.1');
      await heard(socket, /^(?:220 |\* OK|\+OK).*\r\n/m);
      if (hello !== '') {
        socket.write(hello);
        await heard(socket, /^250 .*\r\n/m);
      }
      socket.write(`${start}\r\n${early}\r\n`);
      await heard(socket, /^(?:220 |s OK|\+OK).*\r\n/m);
      const secure = connectTls({ socket, servername: 'localhost', ca: readFileSync(world.certificate) });
      secure.write(`${bye}\r\n`);
      const told = await heard(secure, /^(?:221 |a OK|\+OK).*\r\n/m);
      const lines = told.split('\r\n').filter((line) => line !== '' && !line.startsWith('* BYE'));
      assert.deepEqual([lines.length, lines[0]!.startsWith(answer)], [1, true], told);
      secure.destroy();
    });
  }
});

/** All that came until it matches. */
function heard(socket: Socket, pattern: RegExp): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (!pattern.test(text)) return;
    socket.off('data', onData);
    resolve(text);
  };
  socket.on('data', onData);
  socket.once('error', reject);
  return promise;
}

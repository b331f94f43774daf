import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { sleep, systemClock } from '../base/clock.ts';
import { connectionPair } from './connection-pair.ts';
import type { Connection } from './connection.ts';
import { dial } from './dialer.ts';
import { listen, type ListenerProblem, type ListenOptions } from './listener.ts';
import { makeSelfSigned } from './self-signed.ts';
import { TlsContexts, type Certificate } from './tls-contexts.ts';
import type { ClientTls, TlsFault } from './tls-upgrade.ts';

const clock = systemClock;
let here: Certificate;
let other: Certificate;
let contexts: TlsContexts;
/** An RSA certificate for TLS suites and types that ECDSA has not. */
let rsa: Certificate;
const folder = mkdtempSync(join(tmpdir(), 'tls-'));

before(async () => {
  here = await makeSelfSigned(['mx.here.test', '127.0.0.1'], clock);
  other = await makeSelfSigned(['mx.other.test', '*.wild.test'], clock);
  contexts = new TlsContexts({ certificates: [here, other] });
  const args = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mx.here.test -addext subjectAltName=DNS:mx.here.test`;
  const made = spawnSync('openssl', [...args.split(' '), '-keyout', '-', '-out', '-'], {
    encoding: 'utf8',
  }).stdout;
  const pem = (label: string): string =>
    new RegExp(`-----BEGIN ${label}-----[^]*?-----END ${label}-----\n`).exec(made)![0];
  rsa = { chain: pem('CERTIFICATE'), key: pem('PRIVATE KEY') };
});

after(() => rmSync(folder, { recursive: true }));

/** A listener with implicit TLS, whose connections answer one line. */
async function tlsListener(
  options: Partial<ListenOptions>,
  use: (port: number, seen: Connection[]) => Promise<void>,
): Promise<void> {
  const seen: Connection[] = [];
  await using listener = await listen(
    { host: '127.0.0.1', port: 0, clock, tls: contexts, ...options },
    (connection) => {
      seen.push(connection);
      connection.onData((chunk) => connection.write(`you said ${chunk.toString()}`));
    },
  );
  try {
    await use(listener.address.port, seen);
  } finally {
    for (const connection of seen) connection.destroy('test is over');
  }
}

/** What openssl s_client prints; it ends when its input does. */
async function sClient(
  port: number,
  args: string,
  input = 'hello\n',
): Promise<{ text: string; code: number | null }> {
  const child = spawn('openssl', [
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    ...args.split(' ').filter(Boolean),
  ]);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  child.stdin.on('error', () => undefined);
  child.stdin.write(input);
  const ended = once(child, 'close');
  const patience = clock.after(5_000, () => child.kill());
  for (
    let i = 0;
    i < 200 && !/you said|:error:|alert|handshake failure/.test(text) && child.exitCode === null;
    i++
  )
    await sleep(clock, 10);
  child.stdin.end();
  const [code] = (await ended) as [number | null];
  patience[Symbol.dispose]();
  return { text, code };
}

async function upgraded(
  options: Omit<ClientTls, 'is'>,
  server = contexts,
): Promise<[Connection, Connection]> {
  const pair = connectionPair();
  // The server first, as in real life: what it has received before that is an injection to be thrown away.
  const serving = pair.server.startTls({ is: 'server', contexts: server });
  const client = await pair.client.startTls({ is: 'client', ...options });
  await serving;
  assert(client.session === pair.client.tls);
  return [pair.client, pair.server];
}

async function faultOf(promise: Promise<unknown>): Promise<TlsFault> {
  const error = await promise.then(
    () => assert.fail('no failure'),
    (thrown: unknown) => thrown as { name: string; reason: TlsFault },
  );
  assert.equal(error.name, 'TlsError');
  return error.reason;
}

test('a self-signed certificate is for all its names, ten years, and openssl accepts it as its own root', () => {
  const certificate = new X509Certificate(here.chain);
  assert.equal(certificate.checkHost('mx.here.test'), 'mx.here.test');
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  assert(certificate.validToDate.getTime() > clock.nowMs() + 9.9 * 365 * 86_400_000);
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  const file = join(folder, 'here.pem');
  writeFileSync(file, here.chain);
  assert.match(spawnSync('openssl', ['verify', '-CAfile', file, file], { encoding: 'utf8' }).stdout, /OK/);
});

test('openssl speaks TLS 1.2 and 1.3 with us, and nothing older', () =>
  tlsListener({}, async (port, seen) => {
    for (const version of ['tls1_2', 'tls1_3']) {
      const { text } = await sClient(port, `-${version}`);
      assert.match(text, /you said hello/, version);
    }
    assert.deepEqual(
      seen.map((one) => one.tls?.version),
      ['TLSv1.2', 'TLSv1.3'],
    );
    assert.match(seen[0]!.tls!.cipher, /^TLS_ECDHE_ECDSA_WITH_/);
    const old = await sClient(port, '-tls1_1 -cipher DEFAULT@SECLEVEL=0');
    assert.doesNotMatch(old.text, /you said/);
    const weak = await sClient(port, '-tls1_2 -cipher AES128-SHA');
    assert.doesNotMatch(weak.text, /you said/);
  }));

test('keys are agreed on after quantum computers where both sides can, else by X25519', () =>
  tlsListener({}, async (port) => {
    const agreed = async (ecdhCurve: string): Promise<string | undefined> => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ecdhCurve });
      await once(socket, 'secureConnect');
      const info = socket.getEphemeralKeyInfo() as { name?: string };
      socket.destroy();
      return info.name;
    };
    assert.equal(await agreed('X25519:X25519MLKEM768'), 'X25519MLKEM768');
    assert.equal(await agreed('X25519'), 'X25519');
    assert.equal(await agreed('P-256'), 'prime256v1');
    await assert.rejects(agreed('P-521'), /HANDSHAKE_FAILURE|handshake failure/i);
  }));

test('a client offers a key of both kinds, so that older servers need not ask again', async () => {
  await using server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', (hello: Buffer) => socket.end(void hellos.push(hello)));
  });
  const hellos: Buffer[] = [];
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const dialled = await dial({ ip: '127.0.0.1', port, clock, timeoutMs: 5000 });
  await assert.rejects(dialled.startTls({ is: 'client', servername: 'mx.here.test' }));
  assert.deepEqual(keyShares(hellos[0]!), [0x11ec, 0x001d]);
});

/** The groups of the key_share extension of a ClientHello (RFC 8446, 4.2.8), which is one record here. */
function keyShares(hello: Buffer): number[] {
  let at = 5 + 4 + 2 + 32;
  at += 1 + hello[at]!;
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello[at]! + 2;
  while (hello.readUInt16BE(at) !== 51) at += 4 + hello.readUInt16BE(at + 2);
  const groups: number[] = [];
  const end = at + 4 + hello.readUInt16BE(at + 2);
  for (at += 6; at < end; at += 4 + hello.readUInt16BE(at + 2)) groups.push(hello.readUInt16BE(at));
  return groups;
}

test('the certificate follows the name the client asks for: exact, wildcard, final dot, none, unknown', () =>
  tlsListener({}, async (port, seen) => {
    const cases = [
      ['-servername mx.other.test', 'mx.other.test'],
      ['-servername MX.Other.test', 'mx.other.test'],
      ['-servername mx.other.test.', 'mx.other.test'],
      ['-servername any.wild.test', 'mx.other.test'],
      ['-servername a.b.wild.test', 'mx.here.test'],
      ['-servername nowhere.test', 'mx.here.test'],
      ['-noservername', 'mx.here.test'],
    ] as const;
    for (const [args, shown] of cases) {
      const { text } = await sClient(port, args);
      assert.match(text, new RegExp(`subject=CN = ${shown}`), args);
    }
    assert.equal(seen[2]?.tls?.servername, 'mx.other.test');
    assert.equal(seen[6]?.tls?.servername, '');
  }));

test('new certificates are shown from the next handshake on, and unusable ones change nothing', async () => {
  const changing = new TlsContexts({ certificates: [here] });
  await tlsListener({ tls: changing }, async (port) => {
    assert.throws(
      () => changing.replace([{ chain: here.chain, key: other.key }]),
      /the key is not the one of/,
    );
    assert.throws(() => changing.replace([]), /at least one/);
    assert.match((await sClient(port, '')).text, /subject=CN = mx.here.test/);
    changing.replace([other]);
    assert.deepEqual(changing.names, ['mx.other.test', '*.wild.test']);
    assert.match((await sClient(port, '')).text, /subject=CN = mx.other.test/);
  });
});

test('certificates with different keys are offered together for the standard names, else the first given is', async () => {
  const both = new TlsContexts({ certificates: [here, rsa] });
  await tlsListener({ tls: both }, async (port) => {
    const args = '-servername mx.here.test -tls1_2 -cipher';
    assert.match((await sClient(port, `${args} ECDHE-RSA-AES128-GCM-SHA256`)).text, /you said/);
    assert.match((await sClient(port, `${args} ECDHE-ECDSA-AES128-GCM-SHA256`)).text, /you said/);
  });
  const second = new TlsContexts({ certificates: [other, here, rsa] });
  await tlsListener({ tls: second }, async (port) => {
    const args = '-servername mx.here.test -tls1_2 -cipher';
    assert.match(
      (await sClient(port, `${args} ECDHE-ECDSA-AES128-GCM-SHA256`)).text,
      /subject=CN = mx.here.test/,
    );
  });
});

test('sessions resume by ticket, also on another thread with the same ticket keys', async () => {
  const ticketKeys = new Uint8Array(48).fill(7);
  const one = new TlsContexts({ certificates: [here], ticketKeys });
  const two = new TlsContexts({ certificates: [here], ticketKeys });
  const file = join(folder, 'session');
  await tlsListener({ tls: one }, async (port) => {
    await sClient(port, `-tls1_2 -sess_out ${file}`);
  });
  await tlsListener({ tls: two }, async (port, seen) => {
    const { text } = await sClient(port, `-tls1_2 -sess_in ${file}`);
    assert.match(text, /Reused/);
    assert(seen[0]!.tls!.resumed);
  });
});

test('ALPN is answered when asked for, and its absence accepted', () =>
  tlsListener({ alpn: ['imap'] }, async (port, seen) => {
    assert.match((await sClient(port, '-alpn imap')).text, /ALPN protocol: imap/);
    assert.match((await sClient(port, '')).text, /you said/);
    assert.doesNotMatch((await sClient(port, '-alpn http/1.1')).text, /you said/);
    assert.deepEqual(
      seen.map((one) => one.tls?.alpn),
      ['imap', ''],
    );
  }));

test('a client that does not begin, or says nonsense, is reported and cut off', async () => {
  const problems: ListenerProblem[] = [];
  const options = { handshakeTimeoutMs: 40, onProblem: (problem: ListenerProblem) => problems.push(problem) };
  await tlsListener(options, async (port, seen) => {
    const silent = connect({ host: '127.0.0.1', port });
    const rude = connect({ host: '127.0.0.1', port });
    for (const socket of [silent, rude]) socket.on('error', () => undefined).resume();
    rude.write('EHLO in.the.clear\r\n');
    await Promise.all([once(silent, 'close'), once(rude, 'close')]);
    assert.deepEqual(
      problems.map((problem) => problem.is),
      ['tls', 'tls'],
    );
    assert(
      problems.some((problem) => problem.detail.startsWith('TLS timeout')),
      JSON.stringify(problems),
    );
    assert.equal(seen.length, 0);
  });
});

test('a client that ends its side in the middle of the handshake is not waited for, also by a server with work in hand', async () => {
  const failed = Promise.withResolvers<unknown>();
  await using listener = await listen({ host: '127.0.0.1', port: 0, clock }, (connection) => {
    connection.onEnd(() => undefined);
    connection.startTls({ is: 'server', contexts }).catch(failed.resolve);
  });
  const leaver = connect({ host: '127.0.0.1', port: listener.address.port, allowHalfOpen: true });
  leaver.on('error', () => undefined).resume();
  leaver.end(Buffer.from('1603010200', 'hex'));
  assert.match(String(await failed.promise), /TLS closed: closed during the handshake/);
  leaver.destroy();
});

test('openssl goes through STARTTLS with us', async () => {
  await using listener = await listen({ host: '127.0.0.1', port: 0, clock }, (connection) => {
    connection.write('220 here.test ESMTP\r\n');
    connection.onData((chunk) => {
      const line = chunk.toString();
      if (line.startsWith('EHLO')) connection.write('250-here.test\r\n250 STARTTLS\r\n');
      if (!line.startsWith('STARTTLS')) return;
      connection.write('220 2.0.0 Go ahead\r\n');
      connection.onData((secret) => connection.write(`you said ${secret.toString()}`));
      void connection.startTls({ is: 'server', contexts });
    });
  });
  const { text } = await sClient(listener.address.port, '-starttls smtp -servername mx.here.test');
  assert.match(text, /you said hello/);
});

test('plaintext pipelined behind STARTTLS is thrown away and counted, and never becomes data', async () => {
  const heard: string[] = [];
  const started = Promise.withResolvers<number>();
  const asked = Promise.withResolvers<void>();
  const injected = Promise.withResolvers<void>();
  await using listener = await listen({ host: '127.0.0.1', port: 0, clock }, (connection) => {
    connection.onData((chunk) => {
      heard.push(chunk.toString('latin1'));
      connection.pause(); // the injected command comes in a segment of its own, before the answer is written
      asked.resolve();
      void injected.promise.then(() => {
        connection.write('220 Go ahead\r\n');
        connection.startTls({ is: 'server', contexts }).then(
          ({ discardedBytes }) => started.resolve(discardedBytes),
          (error: unknown) => started.reject(error as Error),
        );
      });
    });
  });
  const client = await dial({ ip: '127.0.0.1', port: listener.address.port, clock });
  client.write('STARTTLS\r\n');
  await asked.promise;
  client.write('MAIL FROM:<evil@test>\r\n');
  while (client.outgoingBytes > 0) await sleep(clock, 5);
  // What the kernel has taken is with the other side: both are here.
  await sleep(clock, 30);
  injected.resolve();
  await new Promise<void>((resolve) => client.onData(() => resolve()));
  await client.startTls({ is: 'client', servername: 'mx.here.test' });
  assert.equal(await started.promise, 'MAIL FROM:<evil@test>\r\n'.length);
  client.write('EHLO secret\r\n');
  for (let i = 0; i < 500 && heard.length < 2; i++) await sleep(clock, 10);
  assert.deepEqual(heard, ['STARTTLS\r\n', 'EHLO secret\r\n']);
  client.destroy('done');
});

test('a client records the verdict on a certificate, and insists on it only if told to', async () => {
  const [loose] = await upgraded({ servername: 'mx.here.test' });
  assert.equal(loose.tls?.verified, false);
  assert.equal(loose.tls.unverifiedReason, 'DEPTH_ZERO_SELF_SIGNED_CERT');
  const [strict] = await upgraded({ servername: 'mx.here.test', verify: true, ca: [here.chain] });
  assert.deepEqual([strict.tls?.verified, strict.tls?.unverifiedReason], [true, '']);
  const [also] = await upgraded({
    servername: 'mx.alias.test',
    names: ['elsewhere.test', 'mx.here.test'],
    verify: true,
    ca: [here.chain],
  });
  assert.equal(also.tls?.verified, true);
  const [address] = await upgraded({ servername: '127.0.0.1', verify: true, ca: [here.chain] });
  assert.equal(address.tls?.verified, true);
  const wrong = await upgraded({ servername: 'mx.wrong.test', ca: [here.chain] });
  assert.equal(wrong[0].tls?.unverifiedReason, 'ERR_TLS_CERT_ALTNAME_INVALID');
  const pair = connectionPair();
  void pair.server.startTls({ is: 'server', contexts }).catch(() => undefined);
  const insisting = pair.client.startTls({
    is: 'client',
    servername: 'mx.wrong.test',
    verify: true,
    ca: [here.chain],
  });
  assert.equal(await faultOf(insisting), 'certificate');
  assert.equal((await pair.client.closed).reason, 'failed');
});

test('a handshake with a peer that is silent, gone or speaks no TLS fails with its reason', async () => {
  const silent = connectionPair();
  const waiting = silent.client.startTls({ is: 'client', servername: 'mx.here.test', timeoutMs: 30 });
  assert.equal(await faultOf(waiting), 'timeout');
  const gone = connectionPair();
  const broken = gone.client.startTls({ is: 'client', servername: 'mx.here.test' });
  gone.server.destroy('gone');
  assert.match(await faultOf(broken), /closed|handshake/);
  const plain = connectionPair();
  plain.server.onData(() => plain.server.write('500 what?\r\n'));
  assert.equal(
    await faultOf(plain.client.startTls({ is: 'client', servername: 'mx.here.test' })),
    'handshake',
  );
  assert.equal(await faultOf(plain.client.startTls({ is: 'client', servername: 'mx.here.test' })), 'closed');
});

test('data flows both ways after the upgrade, in order, and the end is an end', async () => {
  const [client, server] = await upgraded({ servername: 'mx.here.test' });
  server.onData((chunk) => server.write(chunk));
  const block = 'x'.repeat(100_000);
  let text = '';
  client.onData((chunk) => (text += chunk.toString('latin1')));
  client.write('first ');
  client.write(Buffer.from(block));
  client.write(' last');
  client.end();
  assert.equal((await server.closed).reason, 'ended');
  assert.equal((await client.closed).reason, 'ended');
  // What came back after `end()` is not the client's any more.
  assert.equal(text, '');
});

test('both ends have the same channel binding data, of the types their version has', async () => {
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    await tlsListener({}, async (port, seen) => {
      const { connect: tlsConnect } = await import('node:tls');
      const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: version });
      await once(socket, 'secureConnect');
      for (let i = 0; i < 100 && seen.length === 0; i++) await sleep(clock, 2);
      const session = seen[0]!.tls!;
      assert.equal(session.version, version);
      const endPoint = createHash('sha256').update(socket.getPeerX509Certificate()!.raw).digest();
      assert.deepEqual(session.channelBinding('tls-server-end-point'), endPoint);
      const exporter = session.channelBinding('tls-exporter');
      const unique = session.channelBinding('tls-unique');
      if (version === 'TLSv1.3') {
        assert.deepEqual(
          exporter,
          socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)),
        );
        assert.equal(unique, undefined);
      } else {
        assert.equal(exporter, undefined);
        assert.deepEqual(unique, socket.getFinished());
      }
      socket.destroy();
    });
  }
});

test('a client binds to the same end point as its server, and knows its fingerprint and chain', async () => {
  const [client, server] = await upgraded({ servername: 'mx.here.test' });
  const own = new X509Certificate(here.chain);
  for (const type of ['tls-exporter', 'tls-server-end-point'] as const) {
    const data = client.tls!.channelBinding(type);
    assert(data !== undefined && data.length === 32);
    assert.deepEqual(data, server.tls!.channelBinding(type));
  }
  assert.equal(client.tls!.peerFingerprint(), own.fingerprint256.replaceAll(':', '').toLowerCase());
  assert.deepEqual(
    client.tls!.peerChain().map((one) => one.fingerprint256),
    [own.fingerprint256],
  );
  assert.equal(server.tls!.peerFingerprint(), '');
  assert.deepEqual(server.tls!.peerChain(), []);
});

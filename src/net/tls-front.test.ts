import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectPlain, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { systemClock } from '../base/clock.ts';
import { parseClientHello } from './client-hello.ts';
import { testAuthority } from './testing-authority.ts';
import { TlsContexts } from './tls-contexts.ts';
import { acmeProtocol, tlsFront, type TlsFrontOptions } from './tls-front.ts';

const authority = await testAuthority('Roots');
const one = await authority.issue({ names: ['one.test'] });
const two = await authority.issue({ names: ['two.test'] });
const proof = await authority.issue({ names: ['proof.test'] });

async function open(options: Partial<TlsFrontOptions> = {}) {
  const contexts = new TlsContexts({ certificates: [one, two] });
  const http = createServer((request, response) => response.end(`hello ${request.url}`));
  const front = tlsFront({ clock: systemClock, contexts, alpn: ['http/1.1'], ...options }, (socket) =>
    http.emit('connection', socket),
  );
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    contexts,
    front,
    port: (front.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(front, 'close');
      front.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

async function client(port: number, servername: string, protocols = ['http/1.1']): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername,
    ALPNProtocols: protocols,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  return socket;
}

async function shownTo(port: number, servername: string, protocols?: string[]): Promise<string> {
  const socket = await client(port, servername, protocols);
  const { subjectAltName = '' } = new X509Certificate(socket.getPeerX509Certificate()!.raw);
  socket.destroy();
  return `${subjectAltName} ${String(socket.alpnProtocol)}`;
}

test('each host gets its certificate, HTTP is spoken behind it, and new certificates hold at once', async () => {
  await using server = await open();
  assert.equal(await shownTo(server.port, 'two.test'), 'DNS:two.test http/1.1');
  assert.equal(await shownTo(server.port, 'unknown.test'), 'DNS:one.test http/1.1');
  const socket = await client(server.port, 'one.test');
  socket.write('GET /x HTTP/1.1\r\nHost: one.test\r\nConnection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  assert.match(answer, /hello \/x/);
  server.contexts.replace([two]);
  assert.equal(await shownTo(server.port, 'one.test'), 'DNS:two.test http/1.1');
});

test('a client of acme-tls/1 gets the proof of the name, and nobody else does', async () => {
  const asked: string[] = [];
  await using server = await open({
    challengeFor: async (name) => {
      asked.push(name);
      return name === 'two.test' ? proof : undefined;
    },
  });
  assert.equal(await shownTo(server.port, 'two.test', [acmeProtocol]), `DNS:proof.test ${acmeProtocol}`);
  assert.equal(await shownTo(server.port, 'two.test'), 'DNS:two.test http/1.1');
  assert.deepEqual(asked, ['two.test']);
  const socket = await client(server.port, 'two.test', [acmeProtocol]);
  socket.resume();
  await once(socket, 'end');
  socket.destroy();
});

test('noise and silence harm nobody, and do not hold up the end', async () => {
  await using server = await open({ challengeFor: async () => undefined });
  const silent = connectPlain({ host: '127.0.0.1', port: server.port });
  const noisy = connectPlain({ host: '127.0.0.1', port: server.port });
  noisy.on('error', () => undefined).write('GET / HTTP/1.1\r\n\r\n');
  silent.on('error', () => undefined);
  await once(noisy, 'close');
  assert.equal(await shownTo(server.port, 'one.test'), 'DNS:one.test http/1.1');
});

/** A hello as a client sends it. */
async function helloOf(servername: string, protocols: string[]): Promise<Buffer> {
  const taken = Promise.withResolvers<Buffer>();
  const sink = (await import('node:net')).createServer((socket) =>
    socket.once('data', (data: Buffer) => taken.resolve(data)),
  );
  sink.listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const socket = connect({
    host: '127.0.0.1',
    port: (sink.address() as AddressInfo).port,
    ...(servername === '' ? {} : { servername }),
    ALPNProtocols: protocols,
  });
  socket.on('error', () => undefined);
  const bytes = await taken.promise;
  socket.destroy();
  sink.close();
  return bytes;
}

test('a hello is read whole, is asked for more while it is not, and anything else is nothing', async () => {
  const bytes = await helloOf('Two.test', ['h2', acmeProtocol]);
  assert.deepEqual(parseClientHello(bytes), { servername: 'two.test', alpn: ['h2', acmeProtocol] });
  for (let size = 0; size < bytes.length; size++)
    assert.equal(parseClientHello(bytes.subarray(0, size)), 'partial');
  assert.equal(parseClientHello(Buffer.from('GET / HTTP/1.1')), undefined);
  assert.deepEqual(parseClientHello(await helloOf('', [acmeProtocol])), {
    servername: '',
    alpn: [acmeProtocol],
  });
});

test('a hello with any byte changed never throws', async () => {
  const bytes = await helloOf('two.test', [acmeProtocol]);
  for (let at = 0; at < bytes.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const odd = Buffer.from(bytes);
      odd[at] = value;
      parseClientHello(odd);
    }
  }
});

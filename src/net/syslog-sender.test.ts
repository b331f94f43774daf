import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from '../base/clock.ts';
import { parseSyslogServer, SyslogSender } from './syslog-sender.ts';
import { testAuthority } from './testing-authority.ts';

interface Receiver extends AsyncDisposable {
  readonly port: number;
  /** Waits for so many messages in all. */
  heard(count: number): Promise<string[]>;
  /** Closes what is connected, and goes on listening. */
  hangUp(): Promise<void>;
}

/** Reads frames by their counts (RFC 6587, 3.4.1). */
async function listen(server: Server): Promise<Receiver> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  let wake = (): void => undefined;
  const take = (socket: Socket): void => {
    let bytes = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const blank = bytes.indexOf(0x20);
        const length = Number(bytes.subarray(0, Math.max(blank, 0)).toString());
        if (blank === -1 || bytes.length < blank + 1 + length) break;
        messages.push(bytes.subarray(blank + 1, blank + 1 + length).toString());
        bytes = bytes.subarray(blank + 1 + length);
      }
      wake();
    });
  };
  server.on('connection', (socket: Socket) => {
    if (!('setSecureContext' in server)) take(socket);
  });
  server.on('secureConnection', take).on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async heard(count) {
      while (messages.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return messages;
    },
    async hangUp() {
      await Promise.all([...sockets].map((socket) => once(socket.destroy(), 'close')));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('addresses of servers, with their usual ports', () => {
  assert.deepEqual(parseSyslogServer('syslog+tls://log.here.test'), {
    host: 'log.here.test',
    port: 6514,
    tls: true,
  });
  assert.deepEqual(parseSyslogServer('syslog+tcp://[::1]:5514/'), { host: '::1', port: 5514, tls: false });
  for (const odd of [
    'syslog://a',
    'syslog+udp://a',
    '/var/log/mail',
    'syslog+tcp://a:0',
    'syslog+tcp://a:70000',
  ])
    assert.equal(parseSyslogServer(odd), undefined, odd);
});

test('messages are counted in octets, and go on over a new connection', async () => {
  await using receiver = await listen(createServer());
  using sender = new SyslogSender({ host: '127.0.0.1', port: receiver.port, tls: false }, systemClock);
  await sender.send(['one', 'zwei und ü']);
  assert.deepEqual(await receiver.heard(2), ['one', 'zwei und ü']);
  await receiver.hangUp();
  // What is sent into a connection that is about to be found closed may be lost, or fail.
  let sent = 0;
  while (
    (await Promise.race([receiver.heard(3), sender.send([`again ${sent++}`]).catch(() => [])])) === undefined
  )
    await new Promise((resolve) => setImmediate(resolve));
  await receiver.heard(3);
});

test('TLS: the certificate must be of the name, by an authority that is trusted', async () => {
  const authority = await testAuthority('root');
  const { key, chain } = await authority.issue({ names: ['localhost'] });
  await using receiver = await listen(createTlsServer({ key, cert: chain }));
  const server = { host: 'localhost', port: receiver.port, tls: true };
  using trusting = new SyslogSender({ ...server, ca: authority.certificate }, systemClock);
  await trusting.send(['over TLS']);
  assert.deepEqual(await receiver.heard(1), ['over TLS']);
  using strict = new SyslogSender(server, systemClock);
  await assert.rejects(strict.send(['x']), /certificate|self-signed|issuer/i);
  const elsewhere = { ...server, host: '127.0.0.1', ca: authority.certificate };
  using other = new SyslogSender(elsewhere, systemClock);
  await assert.rejects(other.send(['x']), /altnames|IP/i);
});

test('nobody there: it is told', async () => {
  const receiver = await listen(createServer());
  const { port } = receiver;
  await receiver[Symbol.asyncDispose]();
  using sender = new SyslogSender({ host: '127.0.0.1', port, tls: false }, systemClock);
  await assert.rejects(sender.send(['x']), /ECONNREFUSED/);
});

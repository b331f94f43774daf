import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import type { Connection } from '../connection.ts';
import { dial, DialError, type DialProxy } from '../dialer.ts';
import { parseProxyHeader } from './header.ts';

interface Proxy extends AsyncDisposable {
  readonly port: number;
  readonly heard: Buffer[];
}

/** Answers each piece it gets with the next of the answers. */
async function proxy(answers: readonly (Buffer | undefined)[]): Promise<Proxy> {
  const heard: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let turn = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk);
      const answer = answers[turn++];
      if (answer === undefined) socket.end();
      else socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const target = { ip: '198.51.100.7', port: 25, clock: systemClock };
const through = (port: number, more: Partial<DialProxy> = {}): DialProxy => ({
  is: 'socks5',
  ip: '127.0.0.1',
  port,
  ...more,
});

async function first(connection: Connection): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  connection.onData((chunk) => resolve(chunk.toString()));
  return promise;
}

const granted = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

test('SOCKS5 without a login; what the server says right behind the answer is not lost', async () => {
  await using server = await proxy([
    Buffer.of(5, 0),
    Buffer.concat([granted, Buffer.from('220 mx.test\r\n')]),
  ]);
  const connection = await dial({ ...target, through: through(server.port) });
  assert.equal(await first(connection), '220 mx.test\r\n');
  assert.deepEqual([...server.heard[0]!], [5, 1, 0]);
  assert.deepEqual([...server.heard[1]!], [5, 1, 0, 1, 198, 51, 100, 7, 0, 25]);
  assert.deepEqual(connection.peer, { ip: '198.51.100.7', port: 25 });
  connection.destroy('done');
});

test('SOCKS5 with a login (RFC 1929), to an IPv6 address, answered with a name', async () => {
  const named = Buffer.concat([Buffer.of(5, 0, 0, 3, 5), Buffer.from('out-1'), Buffer.of(0, 9)]);
  await using server = await proxy([Buffer.of(5, 2), Buffer.of(1, 0), named]);
  const login = { username: 'hi', password: 'kyaku' };
  const connection = await dial({ ...target, ip: '2001:db8::7', through: through(server.port, { login }) });
  assert.equal(server.heard[1]!.toString('latin1'), '\x01\x02hi\x05kyaku');
  assert.equal(server.heard[2]!.subarray(0, 4).toString('hex'), '05010004');
  assert.equal(server.heard[2]!.subarray(4).toString('hex'), '20010db80000000000000000000000070019');
  connection.destroy('done');
});

test('what a proxy refuses is told as if the server had been asked itself', async () => {
  const cases: [readonly (Buffer | undefined)[], string][] = [
    [[Buffer.of(5, 0), Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])], 'refused'],
    [[Buffer.of(5, 0), Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0])], 'unreachable'],
    [[Buffer.of(5, 0), Buffer.from([5, 6, 0, 1, 0, 0, 0, 0, 0, 0])], 'timeout'],
    [[Buffer.of(5, 255)], 'unreachable'],
    [[Buffer.from('HTTP/1.1 400 Bad\r\n')], 'failed'],
    [[undefined], 'reset'],
  ];
  for (const [answers, reason] of cases) {
    await using server = await proxy(answers);
    await assert.rejects(
      dial({ ...target, through: through(server.port) }),
      (error: unknown) => {
        assert.ok(error instanceof DialError);
        return error.reason === reason;
      },
      reason,
    );
  }
});

test('HAProxy is told by PROXY v2 from which address and to which', async () => {
  for (const [ip, from] of [
    ['198.51.100.7', '192.0.2.9'],
    ['2001:db8::7', '2001:db8::9'],
  ] as const) {
    await using server = await proxy([Buffer.from('220 mx.test\r\n')]);
    const connection = await dial({ ...target, ip, through: through(server.port, { is: 'haproxy', from }) });
    assert.equal(await first(connection), '220 mx.test\r\n');
    const header = parseProxyHeader(server.heard[0]!);
    assert.ok(header.is === 'header');
    assert.equal(header.source?.ip, from);
    connection.destroy('done');
  }
});

test('a proxy that says nothing is given the time of a connection', async () => {
  await using server = await proxy([Buffer.alloc(0)]);
  await assert.rejects(dial({ ...target, timeoutMs: 50, through: through(server.port) }), {
    reason: 'timeout',
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { sleep, systemClock } from '../base/clock.ts';
import { parseBlocks } from './address-block.ts';
import type { Connection } from './connection.ts';
import { listen, type ListenerProblem, type ListenOptions } from './listener.ts';

const clock = systemClock;
const loopback = parseBlocks(['127.0.0.0/8']);

interface Open {
  readonly accepted: Connection[];
  readonly problems: ListenerProblem[];
  readonly port: number;
  /** A client that has sent these pieces, one write each, with a pause between. */
  readonly client: (...pieces: (string | Uint8Array)[]) => Promise<Socket>;
  readonly connections: () => number;
}

async function opened(options: Partial<ListenOptions>, use: (given: Open) => Promise<void>): Promise<void> {
  const accepted: Connection[] = [];
  const problems: ListenerProblem[] = [];
  const sockets: Socket[] = [];
  await using listener = await listen(
    { host: '127.0.0.1', port: 0, clock, onProblem: (problem) => problems.push(problem), ...options },
    (connection) => accepted.push(connection),
  );
  const { port } = listener.address;
  const client = async (...pieces: (string | Uint8Array)[]): Promise<Socket> => {
    const socket = connect({ host: options.host ?? '127.0.0.1', port, noDelay: true });
    sockets.push(socket.on('error', () => undefined));
    await once(socket, 'connect');
    for (const piece of pieces) {
      socket.write(piece);
      await sleep(clock, 2);
    }
    return socket;
  };
  try {
    await use({ accepted, problems, port, client, connections: () => listener.connections });
  } finally {
    for (const socket of sockets) socket.destroy();
    for (const connection of accepted) connection.destroy('test is over');
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await sleep(clock, 5);
  assert(condition(), 'did not come about within two seconds');
}

/** What the connection hears, to be looked at later. */
function heard(connection: Connection): () => string {
  let text = '';
  connection.onData((chunk) => (text += chunk.toString('latin1')));
  return () => text;
}

test('above the limit a connection is answered and closed, and a place that is free again is given again', () =>
  opened(
    { connectionsMax: 2, onRefused: (kind) => `421 ${kind}\r\n` },
    async ({ accepted, problems, client, connections }) => {
      const first = await client();
      await client();
      await until(() => accepted.length === 2);
      const third = await client();
      const [answer] = (await once(third, 'data')) as [Buffer];
      assert.equal(answer.toString(), '421 connections\r\n');
      await once(third, 'close');
      assert.equal(problems[0]?.is, 'refused');
      accepted[0]!.onData(() => undefined);
      first.destroy();
      await until(() => connections() === 1);
      await client();
      await until(() => accepted.length === 3);
    },
  ));

test('the limit per address counts by address, spares the exempt, and is given back', () =>
  opened({ perAddressMax: 1, onRefused: () => '421 slowly\r\n' }, async ({ accepted, client }) => {
    const first = await client();
    await until(() => accepted.length === 1);
    const second = await client();
    await once(second.resume(), 'close');
    assert.equal(accepted.length, 1);
    accepted[0]!.onData(() => undefined);
    first.destroy();
    await accepted[0]!.closed;
    await client();
    await until(() => accepted.length === 2);
  }));

test('exempt networks are not counted', () =>
  opened({ perAddressMax: 1, perAddressExempt: loopback }, async ({ accepted, client }) => {
    await Promise.all([client(), client(), client()]);
    await until(() => accepted.length === 3);
  }));

test('a trusted proxy tells who the client is, whatever way the header is cut', () =>
  opened({ proxyTrusted: loopback }, async ({ accepted, client }) => {
    const header = 'PROXY TCP4 192.0.2.9 192.0.2.10 4000 25\r\n';
    for (const cut of [1, 5, 20, header.length - 1, header.length]) {
      await client(header.slice(0, cut), `${header.slice(cut)}EHLO x\r\n`);
      await until(() => accepted.length === 1);
      const connection = accepted.pop()!;
      const text = heard(connection);
      assert.deepEqual(connection.peer, { ip: '192.0.2.9', port: 4000 });
      assert.deepEqual(connection.local, { ip: '192.0.2.10', port: 25 });
      await until(() => text() === 'EHLO x\r\n');
      connection.destroy('next');
    }
  }));

test('version 2, and LOCAL which keeps the balancer itself as peer', () =>
  opened({ proxyTrusted: loopback }, async ({ accepted, client }) => {
    const start = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
    await client(
      Buffer.concat([start, Buffer.from('2111000cc0000209c000020a0fa00019', 'hex'), Buffer.from('hi')]),
    );
    await until(() => accepted.length === 1);
    assert.deepEqual(accepted[0]!.peer, { ip: '192.0.2.9', port: 4000 });
    const text = heard(accepted[0]!);
    await until(() => text() === 'hi');
    await client(Buffer.concat([start, Buffer.from('20000000', 'hex')]));
    await until(() => accepted.length === 2);
    assert.equal(accepted[1]!.peer.ip, '127.0.0.1');
  }));

test('a proxy that sends no header, a bad one or none in time is cut off without a word', () =>
  opened(
    { proxyTrusted: loopback, proxyTimeoutMs: 30 },
    async ({ accepted, problems, client, connections }) => {
      await client('EHLO x\r\n');
      await client('PROXY TCP4 nonsense\r\n');
      await client();
      (await client('PROXY ')).end();
      await until(() => problems.length === 4);
      assert(problems.every((problem) => problem.is === 'proxy'));
      await until(() => connections() === 0);
      assert.equal(accepted.length, 0);
    },
  ));

test('a header from a stranger is not believed: it is data like any other', () =>
  opened({ proxyTrusted: parseBlocks(['192.0.2.0/24']) }, async ({ accepted, client }) => {
    await client('PROXY TCP4 192.0.2.9 192.0.2.10 4000 25\r\n');
    await until(() => accepted.length === 1);
    assert.equal(accepted[0]!.peer.ip, '127.0.0.1');
    const text = heard(accepted[0]!);
    await until(() => text().startsWith('PROXY'));
  }));

test('the limit per address counts the clients behind a proxy, not the proxy', () =>
  opened({ proxyTrusted: loopback, perAddressMax: 1 }, async ({ accepted, problems, client }) => {
    await client('PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n');
    await client('PROXY TCP6 2001:db8:0:1::1 2001:db8::2 1 25\r\n');
    await until(() => accepted.length === 2);
    await client('PROXY TCP6 2001:db8::ffff 2001:db8::2 1 25\r\n');
    await until(() => problems.length === 1);
    assert.equal(problems[0]!.is, 'refused');
    assert.equal(accepted.length, 2);
  }));

test('closing stops accepting and leaves open connections alone', async () => {
  const accepted: Connection[] = [];
  const listener = await listen({ host: '127.0.0.1', port: 0, clock }, (connection) =>
    accepted.push(connection),
  );
  const socket = connect(listener.address);
  await until(() => accepted.length === 1);
  await listener.close();
  await listener.close();
  const late = connect(listener.address);
  await assert.rejects(once(late, 'connect'), { code: 'ECONNREFUSED' });
  accepted[0]!.write('still here');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.equal(answer.toString(), 'still here');
  socket.destroy();
  accepted[0]!.destroy('done');
});

test('two listeners share a port with reusePort, and cannot without', async () => {
  await using one = await listen({ host: '127.0.0.1', port: 0, clock, reusePort: true }, () => undefined);
  await using two = await listen(
    { host: '127.0.0.1', port: one.address.port, clock, reusePort: true },
    () => undefined,
  );
  assert.equal(two.address.port, one.address.port);
  await assert.rejects(
    listen({ host: '127.0.0.1', port: one.address.port, clock }, () => undefined),
    { code: 'EADDRINUSE' },
  );
});

test('an IPv4 client of a dual-stack listener is known by its IPv4 address', async (t) => {
  const accepted: Connection[] = [];
  const opening = listen({ host: '::', port: 0, clock }, (connection) => accepted.push(connection));
  const listener = await opening.catch(() => undefined);
  if (listener === undefined) return t.skip('no IPv6 on this machine');
  const socket = connect({ host: '127.0.0.1', port: listener.address.port });
  await until(() => accepted.length === 1);
  assert.equal(accepted[0]!.peer.ip, '127.0.0.1');
  assert.equal(accepted[0]!.local.ip, '127.0.0.1');
  socket.destroy();
  accepted[0]!.destroy('done');
  return listener.close();
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { sleep, systemClock } from '../base/clock.ts';
import { connectionPair } from './connection-pair.ts';
import type { Closed, Connection } from './connection.ts';
import { dial } from './dialer.ts';
import { listen, type Listener, type ListenOptions } from './listener.ts';

const clock = systemClock;

interface Served {
  readonly listener: Listener;
  readonly server: Promise<Connection>;
  /** A bare socket as the other side. */
  readonly socket: Socket;
}

/** One accepted connection and the raw socket at its other end. */
async function served(
  use: (given: Served) => Promise<void>,
  options: Partial<ListenOptions> = {},
): Promise<void> {
  const accepted = Promise.withResolvers<Connection>();
  await using listener = await listen({ host: '127.0.0.1', port: 0, clock, ...options }, accepted.resolve);
  const socket = connect({ ...listener.address, allowHalfOpen: true });
  socket.on('error', () => undefined);
  try {
    await use({ listener, server: accepted.promise, socket });
  } finally {
    socket.destroy();
    (await accepted.promise).destroy('test is over');
  }
}

/** All bytes the socket receives until its end. */
async function hear(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await once(socket, 'end');
  return text;
}

test('what is written in a turn arrives in order, strings and bytes mixed, small and large', () =>
  served(async ({ server, socket }) => {
    const connection = await server;
    const large = 'x'.repeat(40_000);
    connection.write('220 ');
    connection.write('hé');
    connection.write(Buffer.from(' bytes '));
    connection.write('');
    connection.write(large);
    connection.write(Buffer.from(large));
    connection.write('end\r\n');
    connection.end();
    assert.equal(connection.write('late'), false);
    assert.equal(await hear(socket), `220 hé bytes ${large}${large}end\r\n`);
    socket.end();
    assert.deepEqual(await connection.closed, { reason: 'ended', detail: '' });
  }));

test('all writes of a turn leave in one chunk', () => {
  const { client, server } = connectionPair();
  const chunks: string[] = [];
  const heard = Promise.withResolvers<void>();
  client.onData((chunk) => {
    chunks.push(chunk.toString('latin1'));
    heard.resolve();
  });
  for (const part of ['250-a\r\n', '250-b\r\n']) server.write(part);
  server.write(Buffer.from('250 c\r\n'));
  return heard.promise.then(() => assert.deepEqual(chunks, ['250-a\r\n250-b\r\n250 c\r\n']));
});

test('nothing is read before there is a reader, nor while paused', () =>
  served(async ({ server, socket }) => {
    socket.write('one');
    const connection = await server;
    await sleep(clock, 10);
    const seen: string[] = [];
    let more = Promise.withResolvers<void>();
    connection.onData((chunk) => {
      seen.push(chunk.toString());
      connection.pause();
      more.resolve();
    });
    await more.promise;
    more = Promise.withResolvers<void>();
    socket.write('two');
    await sleep(clock, 20);
    assert.deepEqual(seen, ['one']);
    connection.resume();
    await more.promise;
    assert.deepEqual(seen, ['one', 'two']);
  }));

test('a writer is told to wait while the peer does not read, and waits no longer than needed', () =>
  served(async ({ server, socket }) => {
    const connection = await server;
    socket.pause();
    const block = Buffer.alloc(32 * 1024);
    let written = 0;
    while (written < 64 * 1024 * 1024) {
      written += block.length;
      if (connection.write(block)) continue;
      const room = await Promise.race([connection.drained(), sleep(clock, 50).then(() => 'full')]);
      if (room === 'full') break;
    }
    assert(connection.outgoingBytes < 256 * 1024, 'little is held for a peer that does not read');
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await connection.drained();
    connection.end();
    await once(socket, 'end');
    assert.equal(received, written);
  }));

test('a peer that never reads is cut off when its writer does not care', () =>
  served(
    async ({ server, socket }) => {
      const connection = await server;
      socket.pause();
      const waiting = connection.drained();
      assert.equal(waiting, undefined);
      while (connection.open) {
        connection.write('x'.repeat(64 * 1024));
        if (connection.outgoingBytes > 64 * 1024) await sleep(clock, 0);
      }
      await connection.drained();
      assert.equal((await connection.closed).reason, 'overflow');
    },
    { outgoingMaxBytes: 1024 * 1024 },
  ));

test('a client that half-closes still gets its answers', () =>
  served(async ({ server, socket }) => {
    const connection = await server;
    connection.onData((chunk) => void clock.after(10, () => connection.write(`echo ${chunk.toString()}`)));
    connection.onEnd(() => void clock.after(30, () => connection.end()));
    socket.end('QUIT');
    assert.equal(await hear(socket), 'echo QUIT');
    assert.equal((await connection.closed).reason, 'ended');
  }));

test('without a listener for it, the FIN of the peer is answered with ours', () =>
  served(async ({ server, socket }) => {
    const connection = await server;
    connection.onData(() => undefined);
    connection.write('bye');
    socket.end();
    assert.equal(await hear(socket), 'bye');
    assert.equal((await connection.closed).reason, 'ended');
  }));

test('silence ends the connection, or lets its owner say good-bye', () =>
  served(async ({ server, socket }) => {
    const connection = await server;
    connection.onData(() => undefined);
    connection.setIdle(60);
    socket.write('x');
    const startedMs = clock.monotonicMs();
    await sleep(clock, 40);
    socket.write('y');
    await sleep(clock, 5);
    assert(connection.open);
    connection.onIdle(() => {
      connection.write('421 too slow\r\n');
      connection.end();
    });
    assert.equal(await hear(socket), '421 too slow\r\n');
    assert(clock.monotonicMs() - startedMs >= 95);
    socket.end();
    await connection.closed;
  }));

test('without an idle listener the connection is destroyed', () =>
  served(async ({ server }) => {
    const connection = await server;
    connection.setIdle(20);
    assert.equal((await connection.closed).reason, 'idle');
  }));

test('a reset is a reset, destroy is destroy, and after the close nothing is called', () =>
  served(async ({ server, socket }) => {
    const connection = await server;
    connection.onData(() => undefined);
    const closes: Closed[] = [];
    connection.onClose((why) => closes.push(why));
    socket.resetAndDestroy();
    assert.equal((await connection.closed).reason, 'reset');
    connection.destroy('too late');
    connection.end();
    assert.deepEqual(closes, [{ reason: 'reset', detail: 'ECONNRESET' }]);
    const { client, server: other } = connectionPair();
    client.destroy('had enough');
    assert.deepEqual(await client.closed, { reason: 'destroyed', detail: 'had enough' });
    other.destroy('too');
    await other.closed;
  }));

test('the last reply reaches a peer that is still sending', () =>
  served(async ({ server, socket }) => {
    const connection = await server;
    connection.onData(() => {
      if (!connection.open) return;
      connection.write('554 enough\r\n');
      connection.end();
    });
    socket.write(Buffer.alloc(300_000));
    const text = await hear(socket);
    assert.equal(text, '554 enough\r\n');
    socket.write(Buffer.alloc(300_000));
    socket.end();
    assert.equal((await connection.closed).reason, 'ended');
  }));

test('a connection knows both its ends', () =>
  served(async ({ server, socket, listener }) => {
    const connection = await server;
    assert.deepEqual(connection.local, { ip: '127.0.0.1', port: listener.address.port });
    assert.deepEqual(connection.peer, { ip: '127.0.0.1', port: socket.localPort });
  }));

test('listeners do not pile up over a thousand conversations on one connection', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', onWarning);
  const { client, server } = connectionPair();
  server.onData((chunk) => server.write(chunk));
  for (let i = 0; i < 1000; i++) {
    const answer = Promise.withResolvers<void>();
    client.onData(() => answer.resolve());
    client.setIdle(1000 + (i % 2));
    client.onIdle(() => undefined);
    client.onClose(() => undefined);
    client.write('ping');
    await answer.promise;
  }
  client.end();
  await server.closed;
  process.off('warning', onWarning);
  assert.deepEqual(warnings, []);
});

test('dialling a closed port is refused, a silent one times out, a signal aborts, a guard forbids', async () => {
  const listener = await listen({ host: '127.0.0.1', port: 0, clock }, () => undefined);
  const { port } = listener.address;
  await listener.close();
  const to = { ip: '127.0.0.1', port, clock };
  await assert.rejects(dial(to), { name: 'DialError', reason: 'refused', code: 'ECONNREFUSED' });
  await assert.rejects(dial({ ...to, localAddress: '192.0.2.1' }), { reason: 'localAddress' });
  await assert.rejects(dial({ ...to, localAddress: '::1' }), { reason: 'localAddress' });
  await assert.rejects(dial({ ...to, ip: 'mx.test' }), { reason: 'failed' });
  await assert.rejects(dial({ ...to, guard: () => false }), { reason: 'forbidden' });
  await assert.rejects(dial({ ...to, signal: AbortSignal.abort() }), { reason: 'aborted' });
});

test('a peer that answers no SYN is a timeout, and dialling can be aborted meanwhile', async () => {
  // A listener in another process that never accepts: once its backlog is full, SYNs are dropped.
  const child = spawn('python3', [
    '-c',
    'import socket,time;s=socket.socket();s.bind(("127.0.0.1",0));s.listen(0);print(s.getsockname()[1],flush=True);time.sleep(20)',
  ]);
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const to = { ip: '127.0.0.1', port: Number(line.toString()), clock };
    const fill = [dial({ ...to, timeoutMs: 500 }), dial({ ...to, timeoutMs: 500 })].map((one) =>
      one.catch(() => undefined),
    );
    await sleep(clock, 20);
    await assert.rejects(dial({ ...to, timeoutMs: 50 }), { reason: 'timeout' });
    const abort = new AbortController();
    const dialling = dial({ ...to, signal: abort.signal });
    abort.abort();
    await assert.rejects(dialling, { reason: 'aborted' });
    for (const one of await Promise.all(fill)) one?.destroy('done');
  } finally {
    child.kill();
  }
});

test('a connection can be made from a chosen local address', () =>
  served(async ({ listener }) => {
    const connection = await dial({ ...listener.address, ip: '127.0.0.1', localAddress: '127.0.0.9', clock });
    assert.equal(connection.local.ip, '127.0.0.9');
    connection.destroy('done');
  }));

test('a writer that waits goes on when the kernel takes all at once', async () => {
  await served(async ({ server, socket }) => {
    const connection = await server;
    socket.resume();
    for (let round = 0; round < 5; round++) {
      connection.write('x'.repeat(65_556));
      const room = await Promise.race([connection.drained(), sleep(clock, 1_000).then(() => 'stuck')]);
      assert.equal(room, undefined);
    }
  });
});

test('who has said all still hears the answer, however late it comes', () =>
  served(async ({ server, socket }) => {
    const connection = await server;
    const heard: string[] = [];
    connection.onData((chunk) => heard.push(chunk.toString()));
    connection.write('question');
    connection.endWriting();
    assert.equal(connection.write('more'), false);
    assert.equal(await hear(socket), 'question');
    socket.write('ans');
    await sleep(clock, 5);
    socket.end('wer');
    assert.equal((await connection.closed).reason, 'ended');
    assert.equal(heard.join(''), 'answer');
  }));

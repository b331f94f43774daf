import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateRawSync, constants } from 'node:zlib';
import { connectionPair } from './connection-pair.ts';
import { DeflateSocket } from './deflate.ts';

test('both sides understand each other, and what is written leaves at once', async () => {
  const { client, server } = connectionPair();
  const heard: string[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  client.onData((chunk) => {
    heard.push(chunk.toString('latin1'));
    waiting.shift()?.resolve();
  });
  server.onData((chunk) => void server.write(chunk.toString('latin1').toUpperCase()));
  const answer = async (text: string): Promise<string> => {
    const next = Promise.withResolvers<void>();
    waiting.push(next);
    client.write(text);
    await next.promise;
    return heard.splice(0).join('');
  };
  assert.equal(await answer('plain\r\n'), 'PLAIN\r\n');
  client.startDeflate();
  server.startDeflate();
  assert.equal(client.compressed, true);
  for (let i = 0; i < 20; i++) assert.equal(await answer(`again ${i}\r\n`), `AGAIN ${i}\r\n`);
  client.end();
  const why = await server.closed;
  assert.equal(why.reason, 'ended');
});

/** Waits until nothing more comes of its own accord, or far too much has. */
async function settled(socket: DeflateSocket): Promise<void> {
  let length = -1;
  for (let still = 0; still < 500 && length < 4 * 1024 * 1024; still++) {
    await nextTurn();
    if (socket.readableLength !== length) still = 0;
    length = socket.readableLength;
  }
}

test('what a small input stands for is made only as fast as it is read', async () => {
  const [far, near] = duplexPair();
  const socket = new DeflateSocket(near);
  const bomb = deflateRawSync(Buffer.alloc(256 * 1024 * 1024), { finishFlush: constants.Z_SYNC_FLUSH });
  assert(bomb.length < 512 * 1024);
  far.write(bomb);
  await once(socket, 'readable');
  await settled(socket);
  assert(socket.readableLength < 1024 * 1024, `${socket.readableLength}`);
  let bytes = 0;
  for await (const chunk of socket) {
    bytes += (chunk as Buffer).length;
    assert(socket.readableLength < 1024 * 1024, `${socket.readableLength}`);
    if (bytes > 8 * 1024 * 1024) break;
  }
  far.destroy();
});

test('what nobody reads is not taken from the wire either', async () => {
  const [far, near] = duplexPair();
  const socket = new DeflateSocket(near);
  const pieceBytes = 64 * 1024;
  const sent = deflateRawSync(Buffer.alloc(8 * 1024 * 1024), { level: 0 });
  for (let at = 0; at < sent.length; at += pieceBytes) far.write(sent.subarray(at, at + pieceBytes));
  await once(socket, 'readable');
  await settled(socket);
  assert(far.writableLength > 6 * 1024 * 1024, `${far.writableLength}`);
  far.destroy();
});

test('what is not compressed as it should be ends the connection', async () => {
  const { client, server } = connectionPair();
  server.onData(() => assert.fail('nothing can be read'));
  server.startDeflate();
  client.write('this is no deflate stream, whatever it may be\r\n'.repeat(10));
  const why = await server.closed;
  assert.notEqual(why.reason, 'ended');
});

test('a text said twice is as long the second time: no answer tells of another', () => {
  const [far, near] = duplexPair();
  const socket = new DeflateSocket(near);
  const lengths: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  far.on('data', (chunk: Buffer) => void (lengths[lengths.length - 1]! += chunk.length));
  const say = (times: number): void => {
    if (times === 0) return resolve();
    lengths.push(0);
    socket.write('a secret that is said again and again', () => setImmediate(say, times - 1));
  };
  say(3);
  return promise.then(() => {
    assert.equal(lengths[1], lengths[2]);
    socket.destroy();
  });
});

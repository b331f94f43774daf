import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { clockOffset, writeTime } from './sntp.ts';

/** A time server that is `aheadMs` ahead of this machine, or spoils its answer. */
async function server(aheadMs: number, spoil: (answer: Buffer) => void = () => {}) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (query, from) => {
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    answer[1] = 2;
    query.copy(answer, 24, 40, 48);
    writeTime(answer, 32, systemClock.nowMs() + aheadMs);
    writeTime(answer, 40, systemClock.nowMs() + aheadMs);
    spoil(answer);
    socket.send(answer, from.port, from.address);
  });
  return {
    at: { ip: '127.0.0.1', port: socket.address().port },
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

test('how far the clock is off, in either direction', async () => {
  for (const ahead of [0, 3_600_000, -90_000]) {
    await using one = await server(ahead);
    const offset = await clockOffset(one.at, systemClock, 5_000);
    assert.ok(offset !== undefined && Math.abs(offset - ahead) < 2_000, String(offset));
  }
});

test('answers to somebody else, of servers that do not know the time, and none at all tell nothing', async () => {
  for (const spoil of [
    (answer: Buffer) => void answer.fill(0, 24, 32),
    (answer: Buffer) => void (answer[1] = 0),
    (answer: Buffer) => void (answer[1] = 16),
    (answer: Buffer) => void (answer[0] = 0x23),
  ]) {
    await using one = await server(0, spoil);
    assert.equal(await clockOffset(one.at, systemClock, 50), undefined);
  }
  assert.equal(await clockOffset({ ip: '127.0.0.1', port: 1 }, systemClock, 50), undefined);
});

test('noise is an answer that tells the time, or none', async () => {
  for (let run = 0; run < 40; run++) {
    const noise = randomBytes(randomInt(120));
    await using one = await server(0, (answer) => {
      if (run % 2 === 0) noise.copy(answer, 0, 0, 48);
      else for (const byte of noise.subarray(0, 4)) answer[byte % 48] = byte;
    });
    const offset = await clockOffset(one.at, systemClock, 20);
    assert.ok(offset === undefined || Number.isFinite(offset), noise.toString('hex'));
  }
});

test('where no way leads to a server there is no answer', async () => {
  // A datagram to all is not allowed to whoever does not ask for that first.
  assert.equal(await clockOffset({ ip: '255.255.255.255' }, systemClock, 5000), undefined);
});

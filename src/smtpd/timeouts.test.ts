import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { TestClock } from '../base/test-clock.ts';
import { testServer } from './testing.ts';

const hello = 'S: 220 ...\nC: EHLO there.test\nS* 250 HELP';
const envelope = 'C: MAIL FROM:<>\nS: 250 ...\nC: RCPT TO:<alice@here.test>\nS: 250 ...\nC: DATA\nS: 354 ...';
const goodBye = 'S: 421 4.4.2 Nothing heard for too long, good-bye\nS(closed)';

/** An octet a minute: never idle, never done. */
async function drip(client: Duplex, clock: TestClock, minutes: number): Promise<void> {
  for (let i = 0; i < minutes && !client.readableEnded; i++) {
    client.write('x');
    await clock.advance(60_000);
  }
}

test('silence ends a session: five minutes before a command, three within a text', async () => {
  const clock = new TestClock();
  const { connect } = testServer('mx', { clock });
  const [idle, sending] = [connect(), connect()];
  await converse(idle, hello);
  await converse(sending, `${hello}\n${envelope}`);
  await clock.advance(179_000);
  sending.write('A: b\r\n');
  await clock.advance(100_000);
  await converse(idle, 'C: NOOP\nS: 250 ...');
  await clock.advance(81_000);
  await converse(sending, goodBye);
  await clock.advance(220_000);
  await converse(idle, goodBye);
});

test('a client that drips octets is cut off, within a command and within a text', async () => {
  const clock = new TestClock();
  const { connect, taken } = testServer('mx', { clock, options: { textWholeTimeoutMs: 600_000 } });
  const [command, text] = [connect(), connect()];
  await converse(command, hello);
  await converse(text, `${hello}\n${envelope}`);
  await Promise.all([drip(command, clock, 7), drip(text, clock, 12)]);
  await converse(command, goodBye);
  await converse(text, goodBye);
  assert.equal(taken.length, 0);
});

test('no time limit runs while the server itself is slow', async () => {
  const clock = new TestClock();
  const durable = Promise.withResolvers<void>();
  const { connect } = testServer('mx', {
    clock,
    parts: { accept: () => durable.promise.then(() => undefined) },
  });
  const client = connect();
  await converse(client, `${hello}\n${envelope}\nC: .`);
  await clock.advance(1_000_000);
  durable.resolve();
  await converse(client, 'S: 250 2.0.0 Accepted as ...\nC: NOOP\nS: 250 ...');
});

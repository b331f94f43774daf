import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { converse } from '../../test/converse.ts';
import { TestClock } from '../base/test-clock.ts';
import type { Guard, Visit } from './guard.ts';
import { testServer } from './testing.ts';

/** Notes what it is told. `waits`: for each unknown recipient. */
function watching(
  waits: readonly (number | undefined)[],
  greetDelayMs = 0,
): { guard: Guard; told: string[] } {
  const told: string[] = [];
  let unknown = 0;
  const visit: Visit = {
    greetDelayMs,
    greeted: () => void told.push('greeted'),
    unknownRecipient() {
      told.push('unknown');
      return waits[unknown++];
    },
    knownRecipient: () => void told.push('known'),
    leave: () => void told.push('left'),
  };
  return {
    told,
    guard: {
      arrive(ip) {
        told.push(ip);
        return visit;
      },
    },
  };
}

/** The connection is over on both sides. */
async function over(client: Duplex, told: readonly string[]): Promise<void> {
  client.destroy();
  for (let i = 0; i < 100 && told.at(-1) !== 'left'; i++) await setImmediate();
}

const hello = 'S: 220 ...\nC: EHLO there.test\nS* 250 HELP\nC: MAIL FROM:<>\nS: 250 ...';

test('an answer to an unknown recipient waits, and the last one ends the session', async () => {
  const clock = new TestClock();
  const { guard, told } = watching([0, 4000, undefined]);
  const { connect, refused } = testServer('mx', { guard, clock, peerIp: '192.0.2.9' });
  const client = connect();
  const talk = converse(
    client,
    `${hello}
    C: RCPT TO:<nobody@here.test>
    S: 550 5.1.1 ...
    C: RCPT TO:<alice@here.test>
    S: 250 ...
    C: RCPT TO:<nobody@here.test>
    S: 550 5.1.1 ...
    C: RCPT TO:<x@elsewhere.test>
    S: 421 4.7.0 Too many addresses that do not exist, good-bye
    S(closed)`,
  );
  for (let i = 0; i < 100; i++) await clock.advance(1000);
  await talk;
  await over(client, told);
  assert.deepEqual(told, ['192.0.2.9', 'greeted', 'unknown', 'known', 'unknown', 'unknown', 'left']);
  assert.equal(refused.length, 3);
});

test('whoever talks before the greeting is not greeted', async () => {
  const { guard, told } = watching([], 2000);
  const { connect } = testServer('mx', { guard });
  const client = connect();
  await converse(
    client,
    `C: EHLO robot.test\nS: 554 5.5.0 You sent on without waiting for the answer\nS(closed)`,
  );
  await over(client, told);
  assert.deepEqual(told, ['192.0.2.9', 'left']);
});

test('who is not welcome hears why', async () => {
  for (const [why, text] of [
    ['tooMany', 'Too many connections'],
    ['tooOften', 'Your network connects too often'],
    ['banned', 'Your network has asked for too many addresses'],
  ] as const) {
    const { connect, server } = testServer('mx', { guard: { arrive: () => why } });
    await converse(connect(), `S: 421 4.7.0 ${text}...\nS(closed)`);
    assert.equal(server.sessions, 0);
  }
});

test('our own users and trusted networks are not watched', async () => {
  const guard: Guard = { arrive: () => 'banned' };
  for (const kind of ['submission', 'lmtp'] as const) {
    const { connect } = testServer(kind, { guard });
    await converse(connect(), 'S: 220 ...\nC: QUIT\nS: 221 ...\nS(closed)');
  }
  const trusted = testServer('relay', { guard, options: { trustedNetworks: ['192.0.2.0/24'] } });
  await converse(trusted.connect(), 'S: 220 ...\nC: QUIT\nS: 221 ...\nS(closed)');
  const stranger = testServer('relay', { guard });
  await converse(stranger.connect(), 'S: 421 ...\nS(closed)');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noMetrics } from '../base/metrics.ts';
import { TestClock } from '../base/test-clock.ts';
import { parseBlocks } from '../net/address-block.ts';
import {
  Neighbourhood,
  neighbourhoodDefaults,
  type NeighbourhoodOptions,
  type Unwelcome,
  type Visit,
} from './neighbourhood.ts';

function open(options: Partial<NeighbourhoodOptions> = {}): { clock: TestClock; guard: Neighbourhood } {
  const clock = new TestClock();
  const exempt = parseBlocks(['10.0.0.0/8']);
  const guard = new Neighbourhood({
    clock,
    metrics: noMetrics,
    options: { ...neighbourhoodDefaults, exempt, ...options },
  });
  return { clock, guard };
}

function welcome(answer: Visit | Unwelcome): Visit {
  assert(typeof answer === 'object', 'it is not welcome');
  return answer;
}

test('connections of a block at a time and in a minute are bounded, and other blocks have theirs', async () => {
  const { clock, guard } = open({ connectionsMax: 2, connectionsPerMinuteMax: 4 });
  const first = welcome(guard.arrive('8.8.1.1'));
  welcome(guard.arrive('8.8.1.2'));
  assert.equal(guard.arrive('8.8.1.3'), 'tooMany');
  welcome(guard.arrive('8.8.2.1'));
  first.leave();
  first.leave();
  const again = welcome(guard.arrive('8.8.1.4'));
  again.leave();
  assert.equal(guard.arrive('8.8.1.5'), 'tooOften');
  await clock.advance(60_000);
  welcome(guard.arrive('8.8.1.5'));
  const six = open({ connectionsMax: 1 }).guard;
  welcome(six.arrive('2a00:1:2:3::1'));
  assert.equal(six.arrive('2a00:1:2:3:ffff::2'), 'tooMany');
  welcome(six.arrive('2a00:1:2:4::1'));
});

test('own networks are not counted', () => {
  const { guard } = open({ connectionsMax: 1, connectionsPerMinuteMax: 1, unknownMax: 0 });
  for (let i = 0; i < 10; i++) {
    const visit = welcome(guard.arrive('10.1.2.3'));
    assert.equal(visit.greetDelayMs, 0);
    assert.equal(visit.unknownRecipient(), 0);
  }
});

test('whoever has waited for the greeting once does not wait for a day, save when it guesses addresses', async () => {
  const { clock, guard } = open();
  const visit = welcome(guard.arrive('8.8.1.1'));
  assert.equal(visit.greetDelayMs, 2000);
  visit.greeted();
  assert.equal(welcome(guard.arrive('8.8.1.2')).greetDelayMs, 0);
  welcome(guard.arrive('8.8.1.2')).unknownRecipient();
  assert.equal(welcome(guard.arrive('8.8.1.2')).greetDelayMs, 2000);
  visit.greeted();
  await clock.advance(25 * 3_600_000);
  assert.equal(welcome(guard.arrive('8.8.1.2')).greetDelayMs, 2000);
});

test('who guesses addresses waits longer and longer, is sent away, and stays away for a while', async () => {
  const { clock, guard } = open({ unknownFree: 2, unknownMax: 7 });
  const visit = welcome(guard.arrive('8.8.1.1'));
  const waits = Array.from({ length: 8 }, () => visit.unknownRecipient());
  assert.deepEqual(waits, [0, 0, 1000, 2000, 4000, 8000, 10_000, undefined]);
  visit.leave();
  assert.equal(guard.arrive('8.8.1.77'), 'banned');
  welcome(guard.arrive('8.8.2.1'));
  await clock.advance(16 * 60_000);
  welcome(guard.arrive('8.8.1.1'));
});

test('known recipients make up for unknown ones, and time does', async () => {
  const { clock, guard } = open({ unknownFree: 3, unknownMax: 10 });
  const visit = welcome(guard.arrive('8.8.1.1'));
  for (let i = 0; i < 50; i++) {
    assert.equal(visit.unknownRecipient(), 0);
    visit.knownRecipient();
    visit.knownRecipient();
  }
  for (let i = 0; i < 3; i++) visit.unknownRecipient();
  await clock.advance(30 * 60_000);
  assert.equal(visit.unknownRecipient(), 0);
});

test('when too many wait, the next is sent away instead', async () => {
  const { clock, guard } = open({ unknownFree: 0, connectionsMax: 10_000, connectionsPerMinuteMax: 10_000 });
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 600; i++)
    waits.push(welcome(guard.arrive(`8.${i % 200}.${Math.floor(i / 200)}.1`)).unknownRecipient());
  assert.equal(waits.filter((wait) => wait === 1000).length, 500);
  assert.equal(waits.filter((wait) => wait === undefined).length, 100);
  await clock.advance(1000);
  assert.equal(welcome(guard.arrive('9.9.9.9')).unknownRecipient(), 1000);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queueDefaults } from '../options.ts';
import { FeedbackPace } from './pace.ts';
import { retryDelayMs } from './retry.ts';

const answer = { phase: 'connect', host: '', ip: '', reply: '451 4.4.1 Connection refused' } as const;
const newPace = (): FeedbackPace =>
  new FeedbackPace({ connectionsStart: 5, connectionsMax: 20, random: () => 0.5 });

test('success opens more connections up to the limit, "too much" halves them and leaves one', () => {
  const pace = newPace();
  assert.equal(pace.connections(), 5);
  for (let i = 0; i < 1000; i++) pace.heard();
  assert.equal(pace.connections(), 20);
  pace.throttled();
  assert.equal(pace.connections(), 10);
  for (let i = 0; i < 10; i++) pace.throttled();
  assert.equal(pace.connections(), 1);
});

test('a site that does not answer: wait, probe, down, probe, ever more rarely; one answer and it is up', () => {
  const pace = newPace();
  pace.unreachable(1000, answer);
  assert.deepEqual(pace.state(1000), { at: 'waiting', untilMs: 6000 });
  pace.unreachable(1001, answer);
  assert.deepEqual(
    pace.state(5999),
    { at: 'waiting', untilMs: 6000 },
    'what was in hand together fails together',
  );
  assert.deepEqual(pace.state(6000), { at: 'probing' });
  pace.unreachable(7000, answer);
  assert.deepEqual(pace.state(7000), { at: 'down', untilMs: 17_000, answer });
  let nowMs = 17_000;
  for (let i = 0; i < 20; i++) {
    pace.unreachable(nowMs, answer);
    const state = pace.state(nowMs);
    assert.ok(state.at === 'down' && state.untilMs - nowMs <= 600_000);
    nowMs = state.untilMs;
  }
  assert.equal(pace.heard(), true);
  assert.deepEqual(pace.state(nowMs), { at: 'up' });
  assert.equal(pace.heard(), false);
  assert.equal(pace.connections(), 5);
});

const minutes = (tries: number, random: number): number =>
  retryDelayMs(queueDefaults, tries, random) / 60_000;

test('the waits between tries: a minute, five minutes, doubling up to four hours, with jitter to both sides', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000].map((tries) => minutes(tries, 0.5)),
    [1, 5, 10, 20, 40, 80, 160, 240, 240, 240],
  );
  assert.equal(minutes(9, 0), 216);
  assert.ok(minutes(9, 0.999) < 264);
});

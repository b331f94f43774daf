/** Part of the day that `npm run bench -- shaping` simulates in full: small enough for a test, with the measures that it is held to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapingDefaults } from './defaults.ts';
import { measure, simulateDay } from './testing-day.ts';

const day = (hours: number, seed: number) =>
  simulateDay({
    seed,
    hours,
    messages: Infinity,
    shaping: shapingDefaults,
    pointSeconds: 60,
    connections: 20,
  });

test('in hours the controller comes close to every limit that it is not told, and few messages are put off', () => {
  for (const one of day(4, 11)) {
    const { used, deferred } = measure(one);
    assert.ok(used > 0.85 && used < 1.02, `${one.name} ${used}`);
    assert.ok(deferred < 0.015, `${one.name} ${deferred}`);
  }
});

test('the same seed gives the same day', () => {
  assert.deepEqual(day(0.2, 5), day(0.2, 5));
});

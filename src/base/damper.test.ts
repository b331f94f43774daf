import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Damper } from './damper.ts';
import { TestClock } from './test-clock.ts';

function damper(keysMax = 10) {
  const clock = new TestClock();
  const more: { key: string; latest: number; count: number }[] = [];
  const made = new Damper<number>({
    clock,
    windowMs: 1000,
    toldMax: 2,
    keysMax,
    onMore: (one) => more.push(one),
  });
  return { clock, more, damper: made };
}

test('of each key the first few are told, the rest is counted and its number told when the window ends', async () => {
  const { clock, more, damper: one } = damper();
  assert.deepEqual(
    [1, 2, 3, 4].map((thing) => one.admits('a', thing)),
    [true, true, false, false],
  );
  assert.equal(one.admits('b', 5), true);
  await clock.advance(999);
  assert.deepEqual(more, []);
  await clock.advance(1);
  assert.deepEqual(more, [{ key: 'a', latest: 4, count: 2 }]);
});

test('the next window begins anew, and a quiet one tells nothing', async () => {
  const { clock, more, damper: one } = damper();
  for (let i = 0; i < 5; i++) one.admits('a', i);
  await clock.advance(5000);
  assert.equal(more.length, 1);
  assert.equal(one.admits('a', 9), true);
  await clock.advance(5000);
  assert.equal(more.length, 1);
});

test('keys beyond the limit share one, so any number of them costs no memory', async () => {
  const { clock, more, damper: one } = damper(3);
  const told = Array.from({ length: 1000 }, (_, i) => one.admits(`key ${i}`, i)).filter(Boolean).length;
  assert.equal(told, 3 + 2);
  await clock.advance(1000);
  assert.deepEqual(more, [{ key: '', latest: 999, count: 995 }]);
});

test('flush ends the window at once', () => {
  const { more, damper: one } = damper();
  for (let i = 0; i < 3; i++) one.admits('a', i);
  one.flush();
  assert.deepEqual(more, [{ key: 'a', latest: 2, count: 1 }]);
  assert.equal(one.admits('a', 3), true);
});

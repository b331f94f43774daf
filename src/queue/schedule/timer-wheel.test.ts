import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { TimerWheel, WheelItem } from './timer-wheel.ts';

class Item extends WheelItem {
  readonly dueMs: number;
  constructor(dueMs: number) {
    super();
    this.dueMs = dueMs;
  }
}

const tickMs = 100;

test('every item fires once, never early, and no later than a tick after it is due when advance is called in time', () => {
  const step = fc.oneof(fc.nat(1000), fc.nat(100_000), fc.nat(4_000_000_000));
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.array(step, { maxLength: 60 }), (startMs, delays) => {
      const wheel = new TimerWheel<Item>(startMs, tickMs);
      const waiting = new Set<Item>();
      for (const delay of delays) {
        const item = new Item(startMs + delay);
        waiting.add(item);
        wheel.set(item, item.dueMs);
      }
      let nowMs = startMs;
      while (waiting.size > 0) {
        nowMs = wheel.nextMs()!;
        for (const item of wheel.advance(nowMs)) {
          assert.ok(waiting.delete(item), 'fires once');
          assert.ok(item.dueMs <= nowMs, 'never early');
          assert.ok(nowMs - item.dueMs < 2 * tickMs, `late by ${nowMs - item.dueMs}`);
        }
      }
      assert.equal(wheel.size, 0);
      assert.equal(wheel.nextMs(), undefined);
    }),
    { numRuns: 300 },
  );
});

test('a wheel agrees with a sorted list under any mix of set, move, delete and advance', () => {
  const action = fc.oneof(
    fc.record({ is: fc.constant('set' as const), item: fc.nat(9), delay: fc.nat(700_000) }),
    fc.record({ is: fc.constant('delete' as const), item: fc.nat(9) }),
    fc.record({ is: fc.constant('advance' as const), by: fc.oneof(fc.nat(300), fc.nat(900_000)) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      let nowMs = 1_000_000;
      const wheel = new TimerWheel<Item>(nowMs, tickMs);
      const items = Array.from({ length: 10 }, (_, i) => new Item(i));
      const model = new Map<Item, number>();
      for (const a of actions) {
        if (a.is === 'set') {
          wheel.set(items[a.item]!, nowMs + a.delay);
          model.set(
            items[a.item]!,
            Math.max(Math.ceil((nowMs + a.delay) / tickMs), Math.floor(nowMs / tickMs) + 1),
          );
        } else if (a.is === 'delete') {
          wheel.delete(items[a.item]!);
          model.delete(items[a.item]!);
        } else {
          nowMs += a.by;
          const expected = [...model].filter(([, tick]) => tick <= Math.floor(nowMs / tickMs));
          for (const [item] of expected) model.delete(item);
          const fired = wheel.advance(nowMs);
          assert.deepEqual(new Set(fired), new Set(expected.map(([item]) => item)));
        }
        assert.equal(wheel.size, model.size);
      }
    }),
    { numRuns: 300 },
  );
});

test('a long sleep over an empty stretch costs no walk over its ticks', () => {
  const wheel = new TimerWheel<Item>(0, tickMs);
  const item = new Item(0);
  wheel.set(item, 400 * 24 * 3_600_000);
  const before = performance.now();
  assert.deepEqual(wheel.advance(399 * 24 * 3_600_000), []);
  assert.deepEqual(wheel.advance(401 * 24 * 3_600_000), [item]);
  assert.ok(performance.now() - before < 2000);
});

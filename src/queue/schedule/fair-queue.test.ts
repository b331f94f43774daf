import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FairQueue } from './fair-queue.ts';

test('a password reset waits for one message of a campaign, however long that is', () => {
  const queue = new FairQueue<string>();
  for (let i = 0; i < 10_000; i++) queue.push('2org/campaign', `bulk ${i}`);
  assert.equal(queue.next(), 'bulk 0');
  queue.push('1org/', 'reset');
  assert.equal(queue.next(), 'reset');
  assert.equal(queue.next(), 'bulk 1');
});

test('lanes of a ring take turns, by weight, and each is first in, first out', () => {
  const queue = new FairQueue<string>((org) => (org === 'big' ? 2 : 1));
  for (let i = 0; i < 4; i++) for (const lane of ['2big/a', '2small/b']) queue.push(lane, `${lane} ${i}`);
  const order = Array.from({ length: 8 }, () => queue.next());
  assert.deepEqual(order, [
    '2big/a 0',
    '2big/a 1',
    '2small/b 0',
    '2big/a 2',
    '2big/a 3',
    '2small/b 1',
    '2small/b 2',
    '2small/b 3',
  ]);
});

test('bulk mail goes on, slowly, under any load of transactional mail', () => {
  const queue = new FairQueue<string>();
  for (let i = 0; i < 200; i++) queue.push('1org/', 'transactional');
  queue.push('2org/c', 'bulk');
  const order = Array.from({ length: 32 }, () => queue.next());
  assert.equal(order.filter((item) => item === 'bulk').length, 1);
});

test('nothing is lost or doubled, and lanes keep their order, whatever is done', () => {
  const lanes = ['0a/', '1a/', '1b/', '2a/x', '2a/y'];
  const action = fc.oneof(
    fc.record({ is: fc.constant('push' as const), lane: fc.constantFrom(...lanes) }),
    fc.record({ is: fc.constant('next' as const) }),
    fc.record({ is: fc.constant('companion' as const) }),
    fc.record({ is: fc.constant('take' as const), rest: fc.nat(4) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const queue = new FairQueue<{ lane: string; n: number }>();
      const inside = new Map<string, number[]>(lanes.map((lane) => [lane, []]));
      let n = 0;
      const left = (item: { lane: string; n: number } | undefined): void => {
        if (item) assert.equal(inside.get(item.lane)!.shift(), item.n);
      };
      for (const a of actions) {
        if (a.is === 'push') {
          queue.push(a.lane, { lane: a.lane, n: ++n });
          inside.get(a.lane)!.push(n);
        } else if (a.is === 'next') left(queue.next());
        else if (a.is === 'companion') left(queue.nextCompanion((item) => item.n % 2 === 0));
        else {
          const taken = queue.take((item) => item.n % 5 === a.rest);
          for (const item of taken) {
            const list = inside.get(item.lane)!;
            list.splice(list.indexOf(item.n), 1);
          }
        }
        assert.equal(
          queue.size,
          [...inside.values()].reduce((sum, list) => sum + list.length, 0),
        );
      }
      for (let item = queue.next(); item; item = queue.next()) left(item);
      assert.equal(queue.size, 0);
      assert.ok([...inside.values()].every((list) => list.length === 0));
    }),
    { numRuns: 500 },
  );
});

test('a million messages of a campaign do not stand before one of a person', () => {
  const queue = new FairQueue<number>();
  for (let i = 1; i <= 1_000_000; i++) queue.push('2shop/spring', i);
  assert.deepEqual([queue.next(), queue.next()], [1, 2]);
  queue.push('1bank/', 0);
  assert.equal(queue.head(), 0);
  assert.deepEqual([queue.next(), queue.next()], [0, 3]);
});

test('a lane that may not go stands aside, the others have their turns, and it comes back in time', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'b1', 'b2']) queue.push(`1${item[0]!}/`, item);
  assert.equal(queue.head(), 'a1');
  queue.putAside(100);
  assert.deepEqual([queue.head(), queue.next(), queue.size], ['b1', 'b1', 3]);
  queue.putAside(Infinity);
  assert.deepEqual([queue.head(), queue.asideUntilMs], ['b2', 100]);
  queue.putAside(Infinity);
  assert.deepEqual([queue.head(), queue.size], [undefined, 3]);
  queue.comeBack(99);
  assert.equal(queue.head(), undefined);
  queue.comeBack(100);
  assert.equal(queue.head(), 'a1');
  queue.push('1b/', 'b3');
  queue.comeBack(101, true);
  assert.deepEqual([queue.next(), queue.next(), queue.next(), queue.next()], ['a1', 'b2', 'a2', 'b3']);
  queue.push('1c/', 'c1');
  queue.head();
  queue.putAside(500);
  assert.deepEqual([queue.take(() => true), queue.size], [['c1'], 0]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  exceeds,
  formatNumbers,
  parseSequenceSet,
  rangesInclude,
  resolveRanges,
  type Range,
} from './sequence-set.ts';

function ranges(text: string): readonly Range[] {
  const set = parseSequenceSet(text);
  assert(set?.is === 'ranges', text);
  return set.ranges;
}

function resolve(text: string, largest: number): string {
  return resolveRanges(ranges(text), largest)
    .map(({ from, to }) => `${from}:${to}`)
    .join(',');
}

test('a range may be written backwards, and ranges that touch become one', () => {
  assert.equal(resolve('5:3,1,2,9', 10), '1:5,9:9');
  assert.equal(resolve('1:*', 10), '1:10');
});

test('a range from above the largest number to "*" takes in the largest', () => {
  assert.equal(resolve('10:*', 9), '9:10');
  assert.equal(resolve('*:10', 9), '9:10');
});

test('"*" of an empty mailbox is nothing', () => {
  assert.equal(resolve('*', 0), '');
});

test('what is no sequence set is not taken for one', () => {
  for (const text of [
    '',
    '0',
    '1,',
    ',1',
    '1:',
    ':1',
    '1::2',
    '01',
    '4294967296',
    'a',
    '1 2',
    '**',
    '-1',
    '$,1',
  ]) {
    assert.equal(parseSequenceSet(text), undefined, text);
  }
  assert.deepEqual(parseSequenceSet('$'), { is: 'saved' });
});

test('numbers beyond the mailbox are found, "*" is never beyond', () => {
  assert.equal(exceeds(ranges('1:5'), 4), true);
  assert.equal(exceeds(ranges('1:4,*'), 4), false);
});

test('resolved ranges hold exactly the numbers of the set, whatever the order', () => {
  const piece = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }));
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const numbers = new Set<number>();
      for (const [a, b] of pieces) for (let n = Math.min(a, b); n <= Math.max(a, b); n++) numbers.add(n);
      const merged = resolveRanges(
        pieces.map(([from, to]) => ({ from, to })),
        40,
      );
      for (let n = 1; n <= 41; n++) assert.equal(rangesInclude(merged, n), numbers.has(n));
      const text = formatNumbers([...numbers].sort((a, b) => a - b));
      assert.equal(text, merged.map(({ from, to }) => (from === to ? `${from}` : `${from}:${to}`)).join(','));
    }),
  );
});

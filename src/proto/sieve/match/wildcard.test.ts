import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { comparators } from './comparator.ts';
import { matchPattern, parsePattern } from './wildcard.ts';

const free = (): void => {};

function captures(name: string, pattern: string, value: string): readonly string[] | undefined {
  const comparator = comparators.get(name)!;
  return matchPattern(parsePattern(pattern, comparator), value, { comparator, spend: free });
}

/** The meaning in so many words: every way is tried, the shortest first. */
function slow(pattern: string, value: string): readonly string[] | undefined {
  if (pattern === '') return value === '' ? [] : undefined;
  const rest = pattern.slice(1);
  if (pattern[0] === '*') {
    for (let taken = 0; taken <= value.length; taken++) {
      const found = slow(rest, value.slice(taken));
      if (found) return [value.slice(0, taken), ...found];
    }
    return undefined;
  }
  if (value === '') return undefined;
  if (pattern[0] === '?') {
    const found = slow(rest, value.slice(1));
    return found && [value[0]!, ...found];
  }
  return pattern[0] === value[0] ? slow(rest, value.slice(1)) : undefined;
}

test('the same as trying every way, and each star takes as little as it can', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 })
    .map((list) => list.join(''));
  const value = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((list) => list.join(''));
  fc.assert(
    fc.property(pattern, value, (p, v) => {
      const expected = slow(p, v);
      assert.deepEqual(captures('i;octet', p, v), expected && [v, ...expected]);
      assert.deepEqual(captures('i;unicode-casemap', p, v), expected && [v, ...expected]);
    }),
    { numRuns: 2000 },
  );
});

test('an octet or a character, by the comparator', () => {
  assert.equal(captures('i;octet', '?', 'あ'), undefined);
  assert.deepEqual(captures('i;octet', '*い?*', 'あいう')?.[1], 'あ');
  assert.deepEqual(captures('i;unicode-casemap', '?い?', 'あいう'), ['あいう', 'あ', 'う']);
  assert.deepEqual(captures('i;unicode-casemap', '*é*', 'CAFÉ!'), ['CAFÉ!', 'CAF', '!']);
});

test('case is folded for the comparison, not in what is taken', () => {
  assert.deepEqual(captures('i;ascii-casemap', 'RE: *', 're: Lunch'), ['re: Lunch', 'Lunch']);
  assert.equal(captures('i;octet', 'RE: *', 're: Lunch'), undefined);
});

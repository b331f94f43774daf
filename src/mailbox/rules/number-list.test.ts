import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeNumbers, encodeNumbers } from './number-list.ts';

test('runs become ranges, and order is kept', () => {
  assert.equal(encodeNumbers([1, 2, 3, 7, 9, 8]), '1:3,7,9,8');
  assert.deepEqual(decodeNumbers('1:3,7,9,8'), [1, 2, 3, 7, 9, 8]);
  assert.equal(encodeNumbers([]), '');
});

test('any list comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (numbers) =>
      assert.deepEqual(decodeNumbers(encodeNumbers(numbers)), numbers),
    ),
  );
});

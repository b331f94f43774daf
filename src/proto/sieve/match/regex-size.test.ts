import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, property } from 'fast-check';
import { RE2JS } from 're2js';
import { regexSize } from './regex-size.ts';

test('repetitions are multiplied, also those of groups', () => {
  assert.equal(regexSize('abc'), 3);
  assert.ok(regexSize('(a{30}){30}') >= 900);
  assert.ok(regexSize('((a{30}){30}){30}') >= 27_000);
  assert.ok(regexSize('(ab|cd){2,100}') >= 400);
  assert.equal(regexSize('a{,x}'), 5);
});

test('what stands in classes and escapes repeats nothing', () => {
  assert.ok(regexSize('[{900}]') < 10);
  assert.ok(regexSize('[[:alpha:]{900}]') < 10);
  assert.ok(regexSize('[]{900}]') < 10);
  assert.ok(regexSize('\\{900}') < 10);
  assert.ok(regexSize('\\(a\\){9}') < 30);
});

const piece = constantFrom(
  'a',
  'b',
  '(',
  ')',
  '|',
  '*',
  '+',
  '?',
  '{2}',
  '{2,3}',
  '{3,}',
  '[ab]',
  '[]a]',
  '[[:alpha:]]',
  '\\d',
  '\\(',
  '\\)',
  '.',
  '(?:',
  '^',
  '$',
);

test('is never much less than what the engine makes of it', () => {
  check(
    property(array(piece, { maxLength: 20 }), (pieces) => {
      const source = pieces.join('');
      let size: number;
      try {
        size = RE2JS.compile(source, RE2JS.DOTALL).matcher('').programSize();
      } catch {
        return;
      }
      assert.ok(size <= 3 * regexSize(source) + 10, `${source}: ${size}, ${regexSize(source)}`);
    }),
  );
});

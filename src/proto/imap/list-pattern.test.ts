import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ListMatcher } from './list-pattern.ts';
import { CommandError } from './scanner.ts';

const matches = (pattern: string, name: string): boolean => new ListMatcher([pattern]).matches(name);

test('"*" crosses the delimiter, "%" does not', () => {
  assert(matches('*', 'a/b'));
  assert(!matches('%', 'a/b'));
  assert(matches('%/%', 'a/b'));
  assert(matches('a/%', 'a/b'));
  assert(!matches('a/%', 'a'));
  assert(matches('%b*d', 'ab/cd'));
  assert(!matches('%c', 'ab/c'));
  assert(matches('*%', 'a/b/c'));
  assert(matches('INBOX', 'INBOX'));
  assert(!matches('', 'a'));
});

/** What the pattern means, by trying everything. */
function slow(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  const [first] = pattern;
  if (first === '*') return slow(pattern.slice(1), name) || (name !== '' && slow(pattern, name.slice(1)));
  if (first === '%')
    return slow(pattern.slice(1), name) || (name !== '' && name[0] !== '/' && slow(pattern, name.slice(1)));
  return name[0] === first && slow(pattern.slice(1), name.slice(1));
}

test('quick matching finds what trying everything finds', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '%'), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 });
  fc.assert(
    fc.property(pattern, name, (p, n) => assert.equal(matches(p, n), slow(p, n))),
    { numRuns: 5_000 },
  );
});

test('a hostile pattern runs out of its budget instead of holding up the thread', () => {
  const matcher = new ListMatcher([`*${'%a'.repeat(40)}b`]);
  const names = Array.from({ length: 50_000 }, () => 'a'.repeat(250));
  assert.throws(() => names.map((name) => matcher.matches(name)), CommandError);
});

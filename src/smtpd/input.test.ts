import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Input } from './input.ts';

/** Reads some of the oldest chunk: all of it, or up to so many octets. */
function readPiece(input: Input, max: number): string {
  const piece = input.piece();
  if (piece === undefined) return '';
  const end = Math.min(piece.bytes.length, piece.at + max);
  input.read(end);
  return piece.bytes.toString('latin1', piece.at, end);
}

test('octets come out in the order in which they came in, however adding and reading take turns', () => {
  const step = fc.oneof(
    fc.record({ add: fc.string({ minLength: 1, maxLength: 5 }) }),
    fc.record({ read: fc.integer({ min: 1, max: 6 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const input = new Input();
      let added = '';
      let read = '';
      for (const each of steps) {
        if ('add' in each) {
          const bytes = Buffer.from(each.add, 'utf8');
          added += bytes.toString('latin1');
          input.add(bytes);
        } else read += readPiece(input, each.read);
        assert.equal(input.unreadBytes, added.length - read.length);
        assert.equal(input.more, read.length < added.length);
      }
      while (input.more) read += readPiece(input, 100);
      assert.equal(read, added);
    }),
    { numRuns: 500 },
  );
});

test('what comes when a chunk has just been read to its end waits behind what came before', () => {
  const input = new Input();
  input.add(Buffer.from('one\r\n'));
  input.add(Buffer.from('two\r\n'));
  const line = (): string => {
    const next = input.line(100);
    return next?.is === 'line' ? next.bytes.toString() : String(next?.is);
  };
  assert.equal(line(), 'one');
  input.add(Buffer.from('three\r\n'));
  assert.deepEqual([line(), line(), line()], ['two', 'three', 'undefined']);
});

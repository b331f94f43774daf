import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { listOf, ResponseError, ServerResponseReader, textOf } from './server-response.ts';

const read = (text: string) => new ServerResponseReader().push(Buffer.from(text, 'latin1'));

test('responses come as values: atoms, strings, literals, NIL, lists', () => {
  assert.deepEqual(read('* LIST (\\HasNoChildren \\Sent) "/" "a \\"b\\""\r\n')[0]!.values, [
    'LIST',
    ['\\HasNoChildren', '\\Sent'],
    '/',
    'a "b"',
  ]);
  const [fetch] = read('* 1 FETCH (UID 7 FLAGS () BODY[HEADER.FIELDS (TO)]<0> {3}\r\na)b X NIL)\r\n');
  assert.deepEqual(fetch!.values, [
    '1',
    'FETCH',
    ['UID', '7', 'FLAGS', [], 'BODY[HEADER.FIELDS (TO)]<0>', Buffer.from('a)b'), 'X', null],
  ]);
  const [ok, plus] = read('a1 OK [READ-ONLY] it isn"t (so) bad\r\n+ go {1}\r\nx\r\n');
  assert.deepEqual([ok!.tag, ok!.text, ok!.values], ['a1', 'OK [READ-ONLY] it isn"t (so) bad', []]);
  assert.equal(plus!.tag, '+');
  assert.equal(textOf(Buffer.from('仕事')), '仕事');
  assert.equal(textOf(Buffer.from('仕事').toString('latin1')), '仕事');
  assert.deepEqual([textOf(null), listOf('x'), listOf(Buffer.from('x'))], [undefined, [], []]);
});

test('where a stream is cut into chunks does not matter', () => {
  const text =
    '* 2 FETCH (UID 8 BODY[] {10}\r\n0123\r\n6789 FLAGS (\\Seen))\r\n* LIST () NIL {0}\r\n\r\na OK done\r\n';
  const whole = read(text);
  assert.equal(whole.length, 3);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 100 }), (sizes) => {
      const reader = new ServerResponseReader();
      const bytes = Buffer.from(text, 'latin1');
      const found = [];
      let at = 0;
      for (const size of [...sizes, bytes.length]) {
        found.push(...reader.push(bytes.subarray(at, at + size)));
        at = Math.min(at + size, bytes.length);
      }
      assert.deepEqual(found, whole);
    }),
  );
});

test('nesting and sizes are bounded; nonsense does no harm', () => {
  assert.throws(() => read(`* X ${'('.repeat(100)}\r\n`), ResponseError);
  assert.throws(() => read('* X {999999999999}\r\n'), ResponseError);
  assert.throws(() => new ServerResponseReader().push(Buffer.alloc(9 * 1024 * 1024, 'x')), ResponseError);
  for (const odd of ['* ))) "open\r\n', '\r\n', '*\r\n', '* "\\\r\n', '* [a b\r\n']) read(odd);
  read(`* X ${'"\\'.repeat(100_000)}\r\n* Y ${'[('.repeat(100_000)}\r\n`);
});

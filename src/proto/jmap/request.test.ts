import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IJsonError, parseIJson } from './i-json.ts';
import { PointerError, valueAt } from './pointer.ts';
import { isId, readRequest } from './request.ts';

const json = (text: string): unknown => parseIJson(Buffer.from(text));

test('I-JSON is JSON without doubled names, broken UTF-8, lone surrogates or endless depth', () => {
  assert.deepEqual(json('{"a":{"b":[1,"a"]},"b":"a\\"b","c":"\\ud83d\\ude00"}'), {
    a: { b: [1, 'a'] },
    b: 'a"b',
    c: '😀',
  });
  assert.deepEqual(json('[{"a":1},{"a":2}]'), [{ a: 1 }, { a: 2 }]);
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"y":1 , "y" : 2}}',
    '"\\ud800"',
    '{"\\udc00":1}',
    '[1,]',
    '',
    '['.repeat(200),
  ])
    assert.throws(() => json(text), IJsonError, text);
  assert.throws(() => parseIJson(Buffer.from([0x22, 0xc3, 0x22])), IJsonError);
});

test('what JSON.stringify writes is I-JSON, whatever is in it', () => {
  for (let seed = 1; seed < 300; seed++) {
    const value = noise(seed, 4);
    assert.deepEqual(json(JSON.stringify(value)), value);
  }
});

function noise(seed: number, depth: number): unknown {
  const next = (seed * 48271) % 2147483647;
  if (depth === 0 || seed % 5 === 0) return ['"', '\\', '{"a":', 'é\u0000', next, null, true][next % 7];
  const children = [next, (next * 7) % 2147483647, (next * 31) % 2147483647];
  if (seed % 2 === 0) return children.map((each) => noise(each, depth - 1));
  return Object.fromEntries(children.map((each, i) => [`k${i}":{[`, noise(each, depth - 1)]));
}

test('a pointer follows names and indexes, and * maps over arrays and flattens', () => {
  const value = { a: [{ b: [1, 2] }, { b: [3] }], 'c/d': { '~': 4 }, '': 5 };
  assert.equal(valueAt(value, ''), value);
  assert.equal(valueAt(value, '/'), 5);
  assert.deepEqual(valueAt(value, '/a/*/b'), [1, 2, 3]);
  assert.deepEqual(valueAt(value, '/a/*/b/0'), [1, 3]);
  assert.equal(valueAt(value, '/a/1/b/0'), 3);
  assert.equal(valueAt(value, '/c~1d/~0'), 4);
  for (const pointer of ['a', '/x', '/a/2', '/a/01', '/a/-', '/a/b', '/c~1d/*', '/__proto__', '/a/length'])
    assert.throws(() => valueAt(value, pointer), PointerError, pointer);
});

test('a request has its three parts in their forms', () => {
  assert.deepEqual(readRequest({ using: ['a'], methodCalls: [['b', {}, 'c']], extra: 1 }), {
    using: ['a'],
    methodCalls: [['b', {}, 'c']],
    createdIds: undefined,
  });
  for (const value of [
    null,
    [],
    {},
    { using: [1], methodCalls: [] },
    { using: [], methodCalls: [['a', [], 'b']] },
    { using: [], methodCalls: [], createdIds: { a: 1 } },
  ])
    assert.equal(readRequest(value), undefined);
  assert.deepEqual(['a', 'a-_9', '', 'a b', 'é', 'x'.repeat(256), 1].map(isId), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

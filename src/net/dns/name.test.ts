import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeName, DnsFormatError, encodeName, isWithin, labelsOf, normalName } from './name.ts';

test('names are lower case without the final dot, and only what DNS can hold', () => {
  assert.equal(normalName('MX.Example.JP.'), 'mx.example.jp');
  assert.equal(normalName('.'), '.');
  assert.equal(normalName('_25._tcp.mx.example.jp'), '_25._tcp.mx.example.jp');
  const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
  assert.equal(normalName(longest), longest);
  for (const bad of [
    '',
    '..',
    'a..b',
    '.a',
    'a b',
    '例え.jp',
    `${'a'.repeat(64)}.jp`,
    `${longest}d`,
    'a\n.jp',
  ]) {
    assert.equal(normalName(bad), undefined, JSON.stringify(bad));
  }
});

test('a dot within a label never looks like a dot between labels', () => {
  const wire = Buffer.from('\x0bevil.victim\x04test\x00', 'latin1');
  const { name } = decodeName(wire, 0);
  assert.equal(name, 'evil\\.victim.test');
  assert.deepEqual(labelsOf(name), ['evil\\.victim', 'test']);
  assert(isWithin(name, 'test'));
  assert(!isWithin(name, 'victim.test'));
  assert.deepEqual(encodeName(name), wire);
});

test('containment is by labels', () => {
  assert(isWithin('a.b.test', 'b.test') && isWithin('b.test', 'b.test') && isWithin('b.test', '.'));
  assert(!isWithin('ab.test', 'b.test') && !isWithin('test', 'b.test'));
});

test('compression pointers only lead back, and a loop is an error', () => {
  const message = Buffer.from('\x03www\xc0\x06\x04test\x00', 'latin1');
  assert.throws(() => decodeName(message, 0), DnsFormatError, 'forward pointer');
  const good = Buffer.from('\x04test\x00\x03www\xc0\x00', 'latin1');
  assert.deepEqual(decodeName(good, 6), { name: 'www.test', end: 12 });
  assert.throws(() => decodeName(Buffer.from([0xc0, 0]), 0), DnsFormatError);
  assert.throws(() => decodeName(Buffer.from([1, 97, 0xc0, 0]), 0), DnsFormatError);
});

const label = fc.uint8Array({ minLength: 1, maxLength: 63 });

test('every wire name has exactly one text, which leads back to it', () => {
  fc.assert(
    fc.property(fc.array(label, { minLength: 0, maxLength: 3 }), (labels) => {
      const lower = labels.map((one) => one.map((byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte)));
      const wire = Buffer.concat([...lower.flatMap((one) => [Buffer.of(one.length), one]), Buffer.of(0)]);
      const { name, end } = decodeName(wire, 0);
      assert.equal(end, wire.length);
      assert.deepEqual(encodeName(name), wire);
      assert.equal(labelsOf(name).length, labels.length);
      if (labels.length > 0) assert.equal(normalName(name), name);
    }),
  );
});

test('noise is a DnsFormatError, never anything else, and ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(320), (bytes, at) => {
      try {
        decodeName(Buffer.from(bytes), at);
      } catch (error) {
        assert(error instanceof DnsFormatError);
      }
    }),
  );
});

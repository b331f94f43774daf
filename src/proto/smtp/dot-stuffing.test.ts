import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { DotStuffer, TextReader } from './dot-stuffing.ts';
import { hasBareLineEnd, LineEndFixer } from './line-ends.ts';

interface Read {
  text: string;
  /** What follows the end; undefined when there was none. */
  rest: string | undefined;
  bare: boolean;
  nul: boolean;
  eightBit: boolean;
  longest: number;
}

function read(wire: string, size = wire.length, stuffed = true): Read {
  const reader = new TextReader({ stuffed });
  const bytes = Buffer.from(wire, 'latin1');
  const parts: Buffer[] = [];
  let rest: string | undefined;
  for (let at = 0; at < bytes.length && rest === undefined; at += size) {
    const end = reader.push(bytes.subarray(at, at + size), 0, (part) => parts.push(Buffer.from(part)));
    if (end !== -1) rest = bytes.toString('latin1', at + end);
  }
  return {
    text: Buffer.concat(parts).toString('latin1'),
    rest,
    bare: reader.bareLineEnd,
    nul: reader.nul,
    eightBit: reader.eightBit,
    longest: reader.longestLine,
  };
}

function stuff(text: string, size = text.length): string {
  const stuffer = new DotStuffer();
  const sent: Buffer[] = [];
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) {
    stuffer.push(bytes.subarray(at, at + size), (part) => sent.push(Buffer.from(part)));
  }
  return Buffer.concat([...sent, stuffer.end()]).toString('latin1');
}

test('only CRLF.CRLF ends the text, however it is split', () => {
  const wire = 'a\r\n..b\r\n...\r\n.c\r\n\r\n.\r\nQUIT\r\n';
  const whole = read(wire);
  assert.equal(whole.text, 'a\r\n.b\r\n..\r\nc\r\n\r\n');
  assert.equal(whole.rest, 'QUIT\r\n');
  assert.equal(whole.bare, false);
  for (let size = 1; size < wire.length; size++) {
    const { rest, ...seen } = read(wire, size);
    assert(rest !== undefined);
    assert.deepEqual({ ...seen, rest: whole.rest }, whole);
  }
  assert.deepEqual(read('.\r\n').text, '', 'an empty text');
});

test('no other mix of CR, LF, NUL and dot ends it; all are told', () => {
  const pieces = ['\r', '\n', '\r\n', '\0', '\n\r', '\r\r\n', '\r\n\0'];
  for (const before of pieces) {
    for (const after of pieces) {
      if (before === '\r\n' && after.startsWith('\r\n')) continue;
      const wire = `a${before}.${after}MAIL FROM:<x>\r\n.\r\n`;
      // "\r\r\n" is a bare CR and a line end: with CRLF behind the dot it does end the text, but it is told.
      const ends = before.endsWith('\r\n') && after.startsWith('\r\n');
      for (let size = 1; size <= wire.length; size++) {
        const seen = read(wire, size);
        assert(seen.bare || seen.nul, JSON.stringify([before, after]));
        if (!ends) assert(seen.text.includes('MAIL FROM'), JSON.stringify([before, after, size]));
      }
    }
  }
});

test('NUL, 8-bit octets and the longest line are told', () => {
  assert.equal(read('a\0\r\n.\r\n').nul, true);
  assert.equal(read('é\r\n.\r\n').eightBit, true);
  const wire = `ab\r\n${'x'.repeat(50)}\r\nabc\r\n.\r\n`;
  for (let size = 1; size < wire.length; size++) assert.equal(read(wire, size).longest, 52);
  assert.equal(read('a\0b\r\n', 5, false).nul, true);
  assert.equal(read('.\r\n', 3, false).text, '.\r\n', 'in BDAT a dot is a dot');
});

test('what goes out comes in again, split anywhere', () => {
  const text = fc.array(fc.constantFrom('\r\n', '.', 'a', '\r\n.', '..', 'é'), { maxLength: 30 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), (words, out, into) => {
      const sent = words.join('');
      const ended = sent === '' || sent.endsWith('\r\n') ? sent : `${sent}\r\n`;
      const seen = read(stuff(sent, out), into);
      assert.equal(seen.text, ended);
      assert(seen.rest !== undefined && !seen.bare);
    }),
  );
});

test('noise never breaks the reader, and the split never shows', () => {
  const noise = fc.array(fc.constantFrom('\r', '\n', '.', 'a', '\0', '\r\n'), { maxLength: 40 });
  fc.assert(
    fc.property(noise, fc.integer({ min: 1, max: 5 }), (words, size) => {
      const wire = words.join('');
      const whole = read(wire);
      const split = read(wire, size);
      assert.equal(split.text.replace(/\r$/, ''), whole.text.replace(/\r$/, ''));
      assert.deepEqual([split.bare, split.nul], [whole.bare, whole.nul]);
    }),
  );
});

test('line ends are mended over any split, and only where they are wrong', () => {
  const wire = Buffer.from('a\nb\rc\r\nd\r');
  for (let size = 1; size <= wire.length; size++) {
    const fixer = new LineEndFixer();
    const parts: Buffer[] = [];
    for (let at = 0; at < wire.length; at += size)
      parts.push(fixer.push(wire.subarray(at, at + size), false));
    assert.equal(Buffer.concat([...parts, fixer.end()]).toString(), 'a\r\nb\r\nc\r\nd\r\n', `${size}`);
  }
  assert(
    hasBareLineEnd(Buffer.from('a\n')) &&
      hasBareLineEnd(Buffer.from('\r')) &&
      !hasBareLineEnd(Buffer.from('a\r\n')),
  );
});

test('a text full of dots does not come in a million pieces', () => {
  const reader = new TextReader({ stuffed: true });
  const chunk = Buffer.from('..\r\n'.repeat(16_384));
  let pieces = 0;
  let octets = 0;
  const count = (part: Buffer): void => {
    pieces += 1;
    octets += part.length;
  };
  for (let i = 0; i < 10; i++) reader.push(chunk, 0, count);
  assert.equal(octets, 10 * 16_384 * 3);
  assert(pieces <= 20, `${pieces}`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LineGuard } from './line-guard.ts';

function guard(pieces: readonly Buffer[]): { text: string; changed: boolean } {
  const guard = new LineGuard();
  const out: Buffer[] = [];
  for (const piece of pieces) guard.push(piece, (bytes) => out.push(bytes));
  guard.end((bytes) => out.push(bytes));
  return { text: Buffer.concat(out).toString('latin1'), changed: guard.changed };
}

function pieces(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) found.push(bytes.subarray(at, at + size));
  return found;
}

test('clean text is passed on as it is, without a copy', () => {
  const bytes = Buffer.from(`a\r\n.b\r\n${'x'.repeat(998)}\r\n`);
  const out: Buffer[] = [];
  const lines = new LineGuard();
  lines.push(bytes, (piece) => out.push(piece));
  lines.end((piece) => out.push(piece));
  assert.equal(out.length, 1);
  assert.equal(out[0], bytes);
  assert.equal(lines.changed, false);
});

test('a CR or LF on its own becomes a line end, and the last line gets one', () => {
  assert.equal(guard([Buffer.from('a\nb\rc\r\nd\n\r\r\ne')]).text, 'a\r\nb\r\nc\r\nd\r\n\r\n\r\ne\r\n');
  assert.equal(guard([Buffer.from('a\r')]).text, 'a\r\n');
  assert.equal(guard([]).text, '');
});

test('a line over 998 octets goes on in the next behind a blank, and no character is cut', () => {
  const { text } = guard([Buffer.from(`${'x'.repeat(997)}é${'y'.repeat(1500)}\r\nz\r\n`)]);
  const lines = text.split('\r\n');
  assert.deepEqual(
    lines.map((line) => line.length),
    [997, 998, 506, 1, 0],
  );
  assert.ok(Buffer.from(lines[1]!, 'latin1').toString().startsWith(' é'));
});

test('whatever comes in, however it is cut: only CRLF, no line too long, and nothing but line ends and folds is added', () => {
  const part = fc.constantFrom('\r', '\n', '\r\n', '.', 'x', 'word ', 'y'.repeat(700), 'é');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), fc.integer({ min: 1, max: 50 }), (parts, size) => {
      const text = parts.join('');
      const whole = guard([Buffer.from(text, 'latin1')]);
      assert.equal(guard(pieces(text, size)).text, whole.text);
      assert.ok(!/\r(?!\n)|(?<!\r)\n/.test(whole.text));
      for (const line of whole.text.split('\r\n')) assert.ok(line.length <= 998);
      assert.equal(whole.text.replace(/\r\n/g, '').replace(/ /g, ''), text.replace(/[\r\n ]/g, ''));
      assert.equal(whole.changed, whole.text !== text);
    }),
    { numRuns: 500 },
  );
});

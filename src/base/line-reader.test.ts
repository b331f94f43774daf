import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineReader, WireError, type Token } from './line-reader.ts';

const wire = Buffer.from('A1 APPEND x {5}\r\nhe\r\no\r\nA2 NOOP\r\n', 'latin1');

/** Feeds the wire in pieces of `size` bytes and returns lines and bodies, joined and printable. */
function read(size: number): string[] {
  const reader = new LineReader(64);
  const seen: string[] = [];
  let body = '';
  for (let at = 0; at < wire.length; at += size) {
    for (const token of reader.push(wire.subarray(at, at + size))) {
      const text = Buffer.from(token.bytes).toString('latin1');
      if (token.is === 'line') {
        seen.push(`line ${text}`);
        const marker = /\{(\d+)\}$/.exec(text);
        if (marker) reader.expectBody(Number(marker[1]));
      } else {
        body += text;
        if (token.last) seen.push(`body ${body}`);
      }
    }
  }
  assert(reader.empty);
  return seen;
}

test('the split of the bytes into chunks never shows', () => {
  const whole = read(wire.length);
  assert.deepEqual(whole, ['line A1 APPEND x {5}', 'body he\r\no', 'line ', 'line A2 NOOP']);
  for (let size = 1; size < wire.length; size++) assert.deepEqual(read(size), whole);
});

test('bare LF, bare CR and an endless line end the session', () => {
  for (const bad of ['MAIL\n', 'MA\rIL\r\n', 'x'.repeat(65), `${'x'.repeat(63)}\r\n`]) {
    const reader = new LineReader(64);
    assert.throws(() => [...reader.push(Buffer.from(bad))] satisfies Token[], WireError, bad);
  }
});

test('a line of exactly the limit passes, whole or split', () => {
  const line = Buffer.from(`${'x'.repeat(62)}\r\n`);
  for (const cut of [0, 1, 63]) {
    const reader = new LineReader(64);
    const tokens = [...reader.push(line.subarray(0, cut)), ...reader.push(line.subarray(cut))];
    assert.deepEqual(
      tokens.map((t) => t.bytes.length),
      [62],
    );
  }
});

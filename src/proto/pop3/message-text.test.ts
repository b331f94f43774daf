import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MessageText } from './message-text.ts';

function sent(text: string, how: { lines?: number; cuts?: readonly number[] } = {}): string {
  const parts: Buffer[] = [];
  const writer = new MessageText((bytes) => parts.push(bytes), how.lines);
  const bytes = Buffer.from(text, 'latin1');
  let from = 0;
  for (const cut of [...(how.cuts ?? []), bytes.length]) {
    writer.push(bytes.subarray(from, cut));
    from = cut;
  }
  writer.end();
  return Buffer.concat(parts).toString('latin1');
}

/** What a client makes of it. */
function received(wire: string): string {
  assert.ok(wire.endsWith('\r\n.\r\n') || wire === '.\r\n');
  return wire
    .slice(0, -3)
    .split('\r\n')
    .map((line) => (line.startsWith('.') ? line.slice(1) : line))
    .join('\r\n');
}

const examples: readonly [text: string, wire: string, lines?: number][] = [
  ['A: b\r\n\r\nbody\r\n', 'A: b\r\n\r\nbody\r\n.\r\n'],
  ['A: b\r\n\r\n.\r\n..x\r\n', 'A: b\r\n\r\n..\r\n...x\r\n.\r\n'],
  ['A: b\r\n\r\nno end', 'A: b\r\n\r\nno end\r\n.\r\n'],
  ['A: b\n\nx\n.\ny', 'A: b\r\n\r\nx\r\n..\r\ny\r\n.\r\n'],
  ['A: b\r\rx\r.\ry\r', 'A: b\r\n\r\nx\r\n..\r\ny\r\n.\r\n'],
  ['A: b\r\n', 'A: b\r\n\r\n.\r\n'],
  ['', '\r\n.\r\n'],
  ['A: b', 'A: b\r\n\r\n.\r\n'],
  ['\r\nonly body', '\r\nonly body\r\n.\r\n'],
  ['A: b\r\n\r\na\0c\r\n', 'A: b\r\n\r\na\x80c\r\n.\r\n'],
  ['A: b\r\n\r\n1\r\n2\r\n3\r\n', 'A: b\r\n\r\n1\r\n2\r\n.\r\n', 2],
  ['A: b\r\n\r\n1\r\n2\r\n3\r\n', 'A: b\r\n\r\n.\r\n', 0],
  ['A: b\r\n\r\n1\r\n', 'A: b\r\n\r\n1\r\n.\r\n', 9],
  ['A: b\r\n\r\n1\r\n\r\n.3', 'A: b\r\n\r\n1\r\n\r\n..3\r\n.\r\n', 3],
];

test('dots are doubled, line ends are CRLF, the blank line and the end are there, TOP stops', () => {
  for (const [text, wire, lines] of examples) {
    assert.equal(sent(text, lines === undefined ? {} : { lines }), wire, JSON.stringify(text));
  }
});

test('the same at every split', () => {
  for (const [text, wire, lines] of examples) {
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        const how = { cuts: [first, second], ...(lines === undefined ? {} : { lines }) };
        assert.equal(sent(text, how), wire, `${JSON.stringify(text)} at ${first} and ${second}`);
      }
    }
  }
});

test('a client gets back what a clean message held, and never an early end', () => {
  const text = fc
    .array(fc.constantFrom('\r\n', '.', 'a', '..', '\r\n.\r\n', 'b: c'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.nat(20), (body, cut) => {
      const clean = `A: b\r\n\r\n${body}${body.endsWith('\r\n') || body === '' ? '' : '\r\n'}`;
      assert.equal(received(sent(clean, { cuts: [Math.min(cut, clean.length)] })), clean);
    }),
  );
});

test('any bytes: no bare CR or LF, no NUL, one end', () => {
  const text = fc.array(fc.constantFrom('\r', '\n', '.', 'a', '\0', '\x80')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.option(fc.nat(3), { nil: undefined }), (body, lines) => {
      const wire = sent(body, lines === undefined ? {} : { lines });
      assert.doesNotMatch(wire, /\r(?!\n)|(?<!\r)\n|\0/);
      assert.equal(wire.indexOf('\r\n.\r\n'), wire.length - 5);
    }),
  );
});

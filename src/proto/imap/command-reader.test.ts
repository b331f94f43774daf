import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { WireError } from '../../base/line-reader.ts';
import { CommandReader, ReaderError, type Input, type ReaderLimits } from './command-reader.ts';
import type { CommandText } from './scanner.ts';

const limits: ReaderLimits = {
  lineMaxBytes: 200,
  literalMaxBytes: 20,
  commandMaxBytes: 30,
  waitlessMaxBytes: 1_000_000,
  drainMaxBytes: 100,
};

/** A command as one text: literals in brackets. */
function show({ lines, literals }: CommandText): string {
  return lines
    .map(
      (line, i) =>
        line + (literals[i] === undefined ? '' : `[${Buffer.from(literals[i]).toString('latin1')}]`),
    )
    .join('');
}

function seen(input: Input): string {
  switch (input.is) {
    case 'command':
      return `${input.after ? 'end' : 'command'} ${show(input.text)}`;
    case 'literal':
      return `literal${input.synchronizing ? ' sync' : ''}`;
    case 'message':
      return `${input.after ? 'next' : 'message'}${input.synchronizing ? ' sync' : ''} ${input.sizeBytes} ${show(input.text)}`;
    case 'bytes':
      return Buffer.from(input.bytes).toString('latin1');
    case 'line':
      return `line ${Buffer.from(input.bytes).toString('latin1')}`;
    default:
      return `tooLarge ${show(input.text)}`;
  }
}

/** What is read when the wire comes in pieces of `size`. Message bytes are joined. */
function read(wire: string, size: number, on?: (reader: CommandReader, input: Input) => void): string[] {
  const reader = new CommandReader(limits);
  const result: string[] = [];
  let body = '';
  const bytes = Buffer.from(wire, 'latin1');
  for (let at = 0; at < bytes.length; at += size) {
    for (const input of reader.push(bytes.subarray(at, at + size))) {
      on?.(reader, input);
      if (input.is !== 'bytes') result.push(seen(input));
      else {
        body += seen(input);
        if (input.last) {
          result.push(`bytes ${body}`);
          body = '';
        }
      }
    }
  }
  return result;
}

function everySplit(
  wire: string,
  expected: readonly string[],
  on?: (reader: CommandReader, input: Input) => void,
): void {
  for (let size = 1; size <= wire.length; size++)
    assert.deepEqual(read(wire, size, on), expected, `pieces of ${size}`);
}

test('lines and literals make commands, however the bytes are cut', () => {
  everySplit('a LOGIN {3}\r\nfoo {4+}\r\nb{1} \r\nb NOOP\r\n', [
    'literal sync',
    'literal',
    'command a LOGIN [foo] [b{1}] ',
    'command b NOOP',
  ]);
});

test('a literal may be empty, and may hold what looks like a command', () => {
  everySplit('a X {0}\r\n {9+}\r\nb NOOP\r\n{\r\n', [
    'literal sync',
    'literal',
    'command a X [] [b NOOP\r\n{]',
  ]);
});

test('stray empty lines between commands are passed over', () => {
  everySplit('\r\n\r\na NOOP\r\n\r\nb NOOP\r\n', ['command a NOOP', 'command b NOOP']);
});

test('messages of APPEND are streamed, its mailbox name is not', () => {
  everySplit('a APPEND {3+}\r\nfoo (\\Seen) {5}\r\nhe\r\no {2+}\r\nhi\r\nb NOOP\r\n', [
    'literal',
    'message sync 5 a APPEND [foo] (\\Seen) ',
    'bytes he\r\no',
    'next 2  ',
    'bytes hi',
    'end ',
    'command b NOOP',
  ]);
});

test('a refused literal that comes all the same is read past with the rest of its command', () => {
  everySplit(
    'a APPEND x {5+}\r\nhello {2+}\r\nhi\r\nb NOOP\r\n',
    ['message 5 a APPEND x ', 'command b NOOP'],
    (reader, input) => input.is === 'message' && reader.refuse(),
  );
});

test('after a refused literal that the client waits with, the next line is a command', () => {
  everySplit(
    'a APPEND x {5}\r\nb NOOP\r\n',
    ['message sync 5 a APPEND x ', 'command b NOOP'],
    (reader, input) => input.is === 'message' && reader.refuse(),
  );
});

test('a message may be refused half way', () => {
  const wire = 'a APPEND x {5+}\r\nhello {2+}\r\nhi\r\nb NOOP\r\n';
  for (let size = 1; size <= wire.length; size++) {
    const result = read(wire, size, (reader, input) => input.is === 'bytes' && reader.refuse());
    assert.deepEqual(
      result.filter((each) => !each.startsWith('bytes')),
      ['message 5 a APPEND x ', 'command b NOOP'],
    );
  }
});

test('literals above the limits are announced as too large and thrown away', () => {
  everySplit('a X {21+}\r\n123456789012345678901 y\r\nb NOOP\r\n', ['tooLarge a X ', 'command b NOOP']);
  everySplit('a X {20+}\r\n12345678901234567890 {11+}\r\n12345678901\r\nb NOOP\r\n', [
    'literal',
    'tooLarge a X [12345678901234567890] ',
    'command b NOOP',
  ]);
  everySplit('a X {99999}\r\nb NOOP\r\n', ['tooLarge a X ', 'command b NOOP']);
});

test('what is too large to be thrown away ends the session', () => {
  assert.throws(() => read('a X {101+}\r\n', 100), ReaderError);
  assert.throws(() => read('a X {99999999999999999999+}\r\n', 100), ReaderError);
  assert.throws(() => read(`a ${'x'.repeat(300)}`, 100), WireError);
  assert.throws(() => read('a NOOP\nb NOOP\n', 100), WireError);
});

test('the line asked for is given as it is', () => {
  everySplit(
    'a IDLE\r\nDONE {3}\r\nb NOOP\r\n',
    ['command a IDLE', 'line DONE {3}', 'command b NOOP'],
    (reader, input) => {
      if (input.is === 'command' && input.text.lines[0] === 'a IDLE') reader.expectLine();
    },
  );
});

test('the reader knows that the client has sent more', () => {
  const reader = new CommandReader(limits);
  const more: boolean[] = [];
  for (const input of reader.push(Buffer.from('a NOOP\r\nb NOOP\r\n')))
    if (input.is === 'command') more.push(reader.more);
  assert.deepEqual(more, [true, false]);
});

test('noise throws nothing but its own errors', () => {
  const piece = fc.constantFrom(
    'a ',
    'APPEND ',
    'x ',
    '{3}',
    '{2+}',
    '~{1+}',
    '\r\n',
    '"',
    'UTF8 (',
    ')',
    '\0',
    '{',
    '}',
    '\u00e9',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (pieces, size) => {
      try {
        read(pieces.join(''), size);
      } catch (error) {
        assert(error instanceof WireError || error instanceof ReaderError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

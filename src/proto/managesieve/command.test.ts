import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '../../base/line-reader.ts';
import { parseCommand } from './command.ts';
import { CommandReader, type Line, LiteralError } from './command-reader.ts';
import { capability, response, string } from './response.ts';

const limits = { lineMax: 200, literalMax: 20, skipMax: 1000 };

function read(wire: string, size: number): Line[] {
  const reader = new CommandReader(limits);
  const bytes = Buffer.from(wire);
  const lines: Line[] = [];
  for (let at = 0; at < bytes.length; at += size) lines.push(...reader.push(bytes.subarray(at, at + size)));
  return lines;
}

const commands = (wire: string): unknown[] =>
  read(wire, wire.length * 4).map((line) =>
    line.is === 'malformed' ? 'malformed' : parseCommand(line.words),
  );

test('the split of the bytes into chunks never shows', () => {
  const wire =
    'PutScript "a b" {8+}\r\nkeep;\r\n\x00\r\nNOOP "x\\"y"\r\nRENAMESCRIPT {3+}\r\nあ "b"\r\nAUTHENTICATE "PLAIN" {0+}\r\n\r\nhavespace {1+}\r\nx 10\r\n';
  const whole = read(wire, 1000);
  assert.equal(whole.length, 5);
  for (let size = 1; size < 40; size++) assert.deepEqual(read(wire, size), whole);
});

test('commands with their arguments', () => {
  assert.deepEqual(commands('putscript "a" {5+}\r\nkeep;\r\n'), [
    { verb: 'PUTSCRIPT', name: 'a', script: Buffer.from('keep;') },
  ]);
  assert.deepEqual(commands('HAVESPACE "a" 12\r\nNOOP\r\nNOOP "t"\r\nSETACTIVE ""\r\n'), [
    { verb: 'HAVESPACE', name: 'a', sizeBytes: 12 },
    { verb: 'NOOP', tag: undefined },
    { verb: 'NOOP', tag: 't' },
    { verb: 'SETACTIVE', name: '' },
  ]);
  assert.deepEqual(commands('AUTHENTICATE "plain" "AGE="\r\nauthenticate "LOGIN"\r\n'), [
    { verb: 'AUTHENTICATE', mechanism: 'PLAIN', initial: 'AGE=' },
    { verb: 'AUTHENTICATE', mechanism: 'LOGIN', initial: undefined },
  ]);
});

test('what is no command is told from what is one with other arguments', () => {
  assert.deepEqual(
    commands(
      'FROB\r\n\r\nLOGOUT now\r\nGETSCRIPT\r\nGETSCRIPT name\r\nHAVESPACE "a" "1"\r\nHAVESPACE "a" 4294967296\r\nNOOP "a" "b"\r\n"NOOP"\r\n',
    ),
    [
      'unknown',
      'unknown',
      'arguments',
      'arguments',
      'arguments',
      'arguments',
      'arguments',
      'arguments',
      'unknown',
    ],
  );
  assert.deepEqual(commands('NOOP "open\r\nNOOP (x)\r\n'), ['malformed', 'malformed']);
  assert.deepEqual(commands('NOOP "{3+}"\r\n'), [{ verb: 'NOOP', tag: '{3+}' }]);
});

test('names that differ in composition only are the same', () => {
  assert.deepEqual(commands('GETSCRIPT "か\u3099"\r\n'), [{ verb: 'GETSCRIPT', name: 'が' }]);
});

test('a literal above the limit is read past, one beyond reason ends the session', () => {
  assert.deepEqual(commands(`PUTSCRIPT "a" {100+}\r\n${'x'.repeat(100)}\r\nNOOP\r\n`), [
    'tooLarge',
    { verb: 'NOOP', tag: undefined },
  ]);
  assert.deepEqual(commands(`PUTSCRIPT {15+}\r\n${'x'.repeat(15)} {15+}\r\n${'x'.repeat(15)}\r\n`), [
    'tooLarge',
  ]);
  assert.throws(() => read('PUTSCRIPT "a" {1001+}\r\n', 100), LiteralError);
});

test('a command of words without end is none, and costs no more memory than one with a few', () => {
  const reader = new CommandReader(limits);
  const many = Buffer.from(`NOOP ${'a '.repeat(50)}{0+}\r\n`);
  for (let i = 0; i < 1000; i++) assert.deepEqual([...reader.push(many)], []);
  assert.deepEqual(
    [...reader.push(Buffer.from('\r\nNOOP\r\n'))].map(({ is }) => is),
    ['malformed', 'words'],
  );
  assert.deepEqual(commands(`PUTSCRIPT ${'{1+}\r\nx '.repeat(40)}\r\n`), ['malformed']);
  assert.throws(() => read(`PUTSCRIPT ${'{100+}\r\n'.padEnd(108, 'x').repeat(11)}`, 100), LiteralError);
});

test('the literals of a line that is none are no commands', () => {
  assert.deepEqual(commands('PUTSCRIPT (x) {8+}\r\nLOGOUT\r\n\r\nNOOP "{3+}\r\nNOOP\r\n'), [
    'malformed',
    'malformed',
    { verb: 'NOOP', tag: undefined },
  ]);
});

test('bare line ends and endless lines end the session', () => {
  for (const wire of ['NOOP\n', 'NO\rOP\r\n', 'x'.repeat(300)])
    assert.throws(() => read(wire, 1000), WireError);
});

test('strings are quoted where they can be', () => {
  assert.equal(string('a "b" \\'), '"a \\"b\\" \\\\"');
  assert.equal(string('a\r\nb'), '{4}\r\na\r\nb');
  assert.equal(string('会'.repeat(400)), `{1200}\r\n${'会'.repeat(400)}`);
  assert.equal(response('OK'), 'OK\r\n');
  assert.equal(response('NO', 'Not "there"', 'NONEXISTENT'), 'NO (NONEXISTENT) "Not \\"there\\""\r\n');
  assert.equal(capability('STARTTLS'), '"STARTTLS"\r\n');
});

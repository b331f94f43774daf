import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { commandMaxBytes, parseCommand } from './command.ts';

const parse = (text: string) => parseCommand(Buffer.from(text));

test('commands and their arguments', () => {
  assert.deepEqual(parse('user alice'), { verb: 'USER', name: 'alice' });
  assert.deepEqual(parse('USER 山田 太郎'), { verb: 'USER', name: '山田 太郎' });
  assert.deepEqual(parse('PASS a b  c '), { verb: 'PASS', password: 'a b  c ' });
  assert.deepEqual(parse('PASS '), { verb: 'PASS', password: '' });
  assert.deepEqual(parse('AUTH'), { verb: 'AUTH', mechanism: undefined, initial: undefined });
  assert.deepEqual(parse('AUTH plain ='), { verb: 'AUTH', mechanism: 'plain', initial: '=' });
  assert.deepEqual(parse('LIST'), { verb: 'LIST', message: undefined });
  assert.deepEqual(parse('uidl 007 '), { verb: 'UIDL', message: 7 });
  assert.deepEqual(parse('TOP 1 0'), { verb: 'TOP', message: 1, lines: 0 });
  assert.deepEqual(parse('RETR 2'), { verb: 'RETR', message: 2 });
  assert.deepEqual(parse('LANG *'), { verb: 'LANG', language: '*' });
  assert.deepEqual(parse('quit'), { verb: 'QUIT' });
});

test('wrong arguments and unknown commands are told apart', () => {
  const wrong = [
    'USER',
    'PASS',
    'RETR',
    'RETR x',
    'RETR -1',
    'RETR 1 2',
    'TOP 1',
    'TOP 1 2 3',
    'LIST 1 2',
    'STAT 1',
    'NOOP x',
    'AUTH PLAIN a b',
    'AUTH PLAIN ',
    'LANG a b',
    'RETR 12345678901',
    'USER a\0b',
    'PASS \x7f',
  ];
  for (const line of wrong) assert.equal(parse(line), 'arguments', line);
  for (const line of ['', 'HELO', 'XTND', 'APOP a b', 'LAST', 'RETRX 1'])
    assert.equal(parse(line), 'unknown', line);
  assert.equal(parseCommand(Buffer.from([0x55, 0x53, 0x45, 0x52, 0x20, 0xff])), 'arguments');
  assert.equal(parse(`USER ${'x'.repeat(commandMaxBytes)}`), 'arguments');
});

test('no bytes make it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void parseCommand(bytes)));
  fc.assert(
    fc.property(
      fc.constantFrom('TOP ', 'LIST ', 'AUTH ', 'PASS ', 'lang '),
      fc.string(),
      (verb, rest) => void parse(verb + rest),
    ),
  );
});

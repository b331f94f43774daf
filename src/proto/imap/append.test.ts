import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppendParser, type AppendStep } from './append.ts';
import { CommandError, type CommandText } from './scanner.ts';

const text = (line: string): CommandText => ({ lines: [line], literals: [] });

/** The texts between literals, the last of which ends the command. */
function read(...texts: readonly string[]): { parser: AppendParser; steps: AppendStep[] } {
  const parser = new AppendParser(false);
  const steps = texts.flatMap((each, i) => parser.read(text(each), i === texts.length - 1));
  return { parser, steps };
}

const plain = { is: 'message', flags: [], receivedAtMs: undefined } as const;

test('flags and date stand before the message', () => {
  const { parser, steps } = read('t APPEND a (\\Seen x) "17-Jul-1996 02:44:25 -0700" ', '');
  assert.deepEqual(parser.head, { mailbox: 'a', replace: undefined });
  assert.deepEqual(steps, [
    { is: 'message', flags: ['\\Seen', 'x'], receivedAtMs: Date.parse('1996-07-17T02:44:25-07:00') },
  ]);
});

test('several messages, also in UTF8 (…)', () => {
  const { steps } = read('t APPEND a ', ' (\\Draft) UTF8 (', ') ', '');
  assert.deepEqual(steps, [plain, { ...plain, flags: ['\\Draft'] }, plain]);
});

test('CATENATE mixes URLs and texts', () => {
  const { steps } = read('t APPEND a (\\Draft) CATENATE (URL "/x/;UID=1" TEXT ', ' URL /y/;UID=2 TEXT ', ')');
  assert.deepEqual(steps, [
    { ...plain, flags: ['\\Draft'] },
    { is: 'url', url: '/x/;UID=1' },
    { is: 'url', url: '/y/;UID=2' },
  ]);
  assert.deepEqual(read('t APPEND a CATENATE (URL x)').steps, [plain, { is: 'url', url: 'x' }]);
  assert.deepEqual(read('t APPEND a CATENATE (URL x) CATENATE (URL y)').steps, [
    plain,
    { is: 'url', url: 'x' },
    plain,
    { is: 'url', url: 'y' },
  ]);
  assert.deepEqual(read('t APPEND a CATENATE (TEXT ', ' URL y) ', '').steps, [
    plain,
    { is: 'url', url: 'y' },
    plain,
  ]);
});

test('REPLACE names the message that goes, and takes one', () => {
  assert.deepEqual(read('t REPLACE 4 a ', '').parser.head?.replace, {
    uid: false,
    set: { is: 'ranges', ranges: [{ from: 4, to: 4 }] },
  });
  assert.equal(read('t UID REPLACE 4 a (x) ', '').parser.head?.replace?.uid, true);
  assert.throws(() => read('t REPLACE 4 a ', ' ', ''), CommandError);
  assert.throws(() => read('t REPLACE 1:2 a ', ''), CommandError);
});

test('what is not so is refused', () => {
  for (const wrong of [
    ['t APPEND a foo ', ''],
    ['t APPEND a "x" ', ''],
    ['t APPEND a ((x)) ', ''],
    ['t APPEND a ', 'x'],
    ['t APPEND a UTF8 (', ''],
    ['t APPEND a CATENATE (TEXT ', ' '],
    ['t APPEND a CATENATE ('],
    ['t APPEND a'],
    ['t APPEND a '],
    ['t APPEND a (x)'],
    ['t APPEND a CATENATE (URL x'],
    ['t APPEND a CATENATE (URL x TEXT y)'],
  ])
    assert.throws(() => read(...wrong), CommandError, wrong.join('|'));
});

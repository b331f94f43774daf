import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseExtensions } from './extensions.ts';
import {
  formatReply,
  ReplyError,
  replyLineMax,
  replyLinesMax,
  ReplyReader,
  replyText,
  type Reply,
} from './reply.ts';

function read(wire: string, size = wire.length): Reply[] {
  const reader = new ReplyReader();
  const heard: Reply[] = [];
  const bytes = Buffer.from(wire);
  for (let at = 0; at < bytes.length; at += size)
    reader.push(bytes.subarray(at, at + size), (reply) => heard.push(reply));
  return heard;
}

test('replies of one and of many lines are read, however they are split', () => {
  const wire =
    '220 hi\r\n250-mx\r\n250-SIZE 10\r\n250 DSN\r\n550 5.1.1 no\r\n250\r\n421 2.0.0 odd\r\n250 2.0.0 日本\n';
  const whole = read(wire);
  assert.deepEqual(
    whole.map((reply) => [reply.code, reply.enhanced, replyText(reply)]),
    [
      [220, '', '220 hi'],
      [250, '', '250 mx SIZE 10 DSN'],
      [550, '5.1.1', '550 5.1.1 no'],
      [250, '', '250'],
      [421, '', '421 2.0.0 odd'],
      [250, '2.0.0', '250 2.0.0 日本'],
    ],
  );
  for (let size = 1; size < wire.length; size++) assert.deepEqual(read(wire, size), whole);
});

test('what is no reply, and what has no end, is an error', () => {
  const bad = [
    'hello\r\n',
    '25 x\r\n',
    '250x\r\n',
    '650 x\r\n',
    '190 x\r\n',
    '270 x\r\n',
    '250-a\r\n251 b\r\n',
    '\r\n',
    `250 ${'x'.repeat(replyLineMax)}`,
  ];
  for (const wire of [...bad, '250-a\r\n'.repeat(replyLinesMax + 1)])
    assert.throws(() => read(wire), ReplyError, wire.slice(0, 20));
});

test('control characters of a stranger do not reach our log', () => {
  assert.deepEqual(read('250 a\u0007\u001b[31m\rb\r\n')[0]!.lines, ['a??[31m?b']);
});

test('a formatted reply is read back', () => {
  const wire = formatReply(550, '5.7.1', 'one\ntwo\r\nthree');
  assert.equal(wire, '550-5.7.1 one\r\n550-5.7.1 two\r\n550 5.7.1 three\r\n');
  assert.equal(read(wire)[0]!.enhanced, '5.7.1');
});

test('extensions of a server are found in any case', () => {
  const found = parseExtensions(
    read(
      '250-mx hello\r\n250-size 1000\r\n250-AUTH=LOGIN\r\n250-AUTH PLAIN login\r\n250-limits RCPTMAX=7 X=1\r\n250 8bitmime\r\n',
    )[0]!,
  );
  assert(found.has('8BITMIME') && !found.has('MX'));
  assert.equal(found.sizeMaxBytes, 1000);
  assert.deepEqual(found.mechanisms, ['LOGIN', 'PLAIN', 'LOGIN']);
  assert.equal(found.limit('RCPTMAX'), 7);
  assert.equal(found.limit('MAILMAX'), undefined);
});

test('noise is an error or replies, never anything else', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
      const reader = new ReplyReader();
      try {
        for (const chunk of chunks) reader.push(chunk, () => {});
      } catch (error) {
        assert(error instanceof ReplyError);
      }
    }),
  );
});

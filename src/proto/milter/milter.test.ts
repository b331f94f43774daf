import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseAnswer, type MilterAnswer } from './answer.ts';
import { body, connect, header, helo, macros, mail, rcpt, simple } from './command.ts';
import { negotiated, offer, offeredActions, offeredSteps, type Negotiated } from './negotiation.ts';
import { MilterError, packet, PacketReader, type Packet } from './packet.ts';

const agreed: Negotiated = { version: 6, actions: offeredActions, steps: 0, macros: {} };

const text = (bytes: Buffer): string => bytes.toString('latin1', 4);
const u32 = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('latin1');
};
const one = (kind: string, data: string): Packet => ({ kind, data: Buffer.from(data, 'latin1') });
const answer = (kind: string, data = '', given = agreed): MilterAnswer => parseAnswer(one(kind, data), given);

test('commands are what libmilter reads', () => {
  assert.equal(text(offer()), `O${u32(6)}${u32(0x1ff)}${u32(offeredSteps)}`);
  assert.equal(offer().readUInt32BE(0), 13);
  assert.equal(text(connect('[192.0.2.1]', '192.0.2.1', 40_000)), 'C[192.0.2.1]\x004\x9c\x40192.0.2.1\0');
  assert.equal(text(connect('mx', '2001:db8::1', 25)), 'Cmx\x006\0\x192001:db8::1\0');
  assert.equal(text(connect('localhost', '', 0)), 'Clocalhost\0U');
  assert.equal(text(helo('mx.test')), 'Hmx.test\0');
  assert.equal(text(mail('a@b.test', ['SIZE=10'])), 'M<a@b.test>\0SIZE=10\0');
  assert.equal(text(mail('', [])), 'M<>\0');
  assert.equal(text(rcpt('a@b.test', [])), 'R<a@b.test>\0');
  assert.equal(
    text(
      macros('mail', [
        ['i', 'x'],
        ['{mail_addr}', 'a@b'],
      ]),
    ),
    'DMi\0x\0{mail_addr}\0a@b\0',
  );
  assert.equal(text(header('Subject', Buffer.from(' a\r\n\tb'), false)), 'LSubject\0a\n\tb\0');
  assert.equal(text(header('Subject', Buffer.from(' a'), true)), 'LSubject\0 a\0');
  assert.equal(text(body(Buffer.from('x\0y'))), 'Bx\0y');
  assert.equal(text(simple('endOfMessage')), 'E');
  // A NUL in mail cannot be taken for the end of what the filter is told.
  assert.equal(text(helo('a\0b')), 'Hab\0');
});

test('packets come out as they went in, however the stream is cut', () => {
  const packets: Packet[] = [one('c', ''), one('y', '550 no\0'), one('b', 'x'.repeat(3000))];
  const stream = Buffer.concat(packets.map(({ kind, data }) => packet(kind, data)));
  for (const size of [1, 2, 5, 7, 1000, stream.length]) {
    const reader = new PacketReader();
    const seen: Packet[] = [];
    for (let at = 0; at < stream.length; at += size)
      for (const whole of reader.push(stream.subarray(at, at + size))) seen.push(whole);
    assert.deepEqual(
      seen.map(({ kind, data }) => [kind, data.toString('latin1')]),
      packets.map(({ kind, data }) => [kind, data.toString('latin1')]),
    );
    assert(reader.empty);
  }
});

test('a length that no packet has ends the conversation before memory is taken for it', () => {
  for (const length of [0, 1025, 0xffffffff]) {
    const reader = new PacketReader(1024);
    assert.throws(() => [...reader.push(Buffer.from(u32(length), 'latin1'))], MilterError);
  }
});

test('a filter tells what it wants, and may choose its macros', () => {
  const chosen = `${u32(0)}j {client_addr}\0${u32(5)}i,{msg_id}\0`;
  const greeting = one('O', `${u32(6)}${u32(0x11)}${u32(0x100402)}${chosen}`);
  assert.deepEqual(negotiated(greeting), {
    version: 6,
    actions: 0x11,
    steps: 0x100402,
    macros: { connect: ['j', '{client_addr}'], endOfMessage: ['i', '{msg_id}'] },
  });
  assert.equal(negotiated(one('O', `${u32(2)}${u32(0x3f)}${u32(0x7f)}`)).version, 2);
  for (const bad of [
    one('c', ''),
    one('O', u32(6)),
    one('O', `${u32(7)}${u32(0)}${u32(0)}`),
    one('O', `${u32(1)}${u32(0)}${u32(0)}`),
    one('O', `${u32(6)}${u32(0x200)}${u32(0)}`),
    one('O', `${u32(6)}${u32(0)}${u32(0x40000000)}`),
    one('O', `${u32(6)}${u32(0)}${u32(0)}${u32(9)}i\0`),
    one('O', `${u32(6)}${u32(0)}${u32(0)}${u32(0)}i`),
    one('O', `${u32(6)}${u32(0)}${u32(0)}xyz`),
  ])
    assert.throws(() => negotiated(bad), MilterError, JSON.stringify(bad.data.toString('latin1')));
});

test('verdicts, with a reply of the filter’s own or without', () => {
  assert.deepEqual(answer('c'), { is: 'continue' });
  assert.deepEqual(answer('s'), { is: 'skip' });
  assert.deepEqual(answer('p'), { is: 'progress' });
  const verdict = (kind: string, data = ''): unknown => {
    const found = answer(kind, data);
    return found.is === 'verdict' ? found.verdict : found;
  };
  assert.deepEqual(verdict('a'), { is: 'accept' });
  assert.deepEqual(verdict('d'), { is: 'discard' });
  assert.deepEqual(verdict('r'), { is: 'reject', reply: undefined });
  assert.deepEqual(verdict('t'), { is: 'defer', reply: undefined });
  assert.deepEqual(verdict('4'), { is: 'close', reply: undefined });
  assert.deepEqual(verdict('y', '554 5.7.1 100%% spam\0'), {
    is: 'reject',
    reply: { code: 554, enhanced: '5.7.1', lines: ['100% spam'] },
  });
  assert.deepEqual(verdict('y', '451-4.7.1 wait\r\n451 4.7.1 a bit\0'), {
    is: 'defer',
    reply: { code: 451, enhanced: '4.7.1', lines: ['wait', 'a bit'] },
  });
  assert.deepEqual(verdict('y', '421 4.3.2 bye\0'), {
    is: 'close',
    reply: { code: 421, enhanced: '4.3.2', lines: ['bye'] },
  });
  // An enhanced code of another class is text; what is no text of a reply is not passed on.
  assert.deepEqual(verdict('y', '550 4.7.1 no\x01\x02way\0'), {
    is: 'reject',
    reply: { code: 550, enhanced: '', lines: ['4.7.1 no?way'] },
  });
  for (const bad of ['250 2.0.0 fine\0', '550 no end', 'no\0', '\0', '55\0'])
    assert.throws(() => answer('y', bad), MilterError, bad);
});

test('changes of a message', () => {
  const change = (kind: string, data: string, given = agreed): unknown => {
    const found = answer(kind, data, given);
    return found.is === 'change' ? found.change : found;
  };
  assert.deepEqual(change('h', 'X-A\0b\n\tc\0'), { is: 'addHeader', name: 'X-A', value: ' b\r\n\tc' });
  assert.deepEqual(change('h', 'X-A\0 b\0', { ...agreed, steps: 0x100000 }), {
    is: 'addHeader',
    name: 'X-A',
    value: ' b',
  });
  assert.deepEqual(change('i', `${u32(1)}X-A\0b\0`), {
    is: 'insertHeader',
    index: 1,
    name: 'X-A',
    value: ' b',
  });
  assert.deepEqual(change('m', `${u32(2)}X-A\0\0`), { is: 'changeHeader', index: 2, name: 'X-A', value: '' });
  assert.deepEqual(change('e', '<a@b.test>\0SIZE=1\0'), { is: 'changeSender', address: 'a@b.test' });
  assert.deepEqual(change('e', '<>\0'), { is: 'changeSender', address: '' });
  assert.deepEqual(change('+', '<a@b.test>\0'), { is: 'addRecipient', address: 'a@b.test' });
  assert.deepEqual(change('2', 'a@b.test\0NOTIFY=NEVER\0'), { is: 'addRecipient', address: 'a@b.test' });
  assert.deepEqual(change('-', '<a@b.test>\0'), { is: 'deleteRecipient', address: 'a@b.test' });
  assert.deepEqual(change('q', 'looks bad\r\nindeed\0'), { is: 'quarantine', reason: 'looks bad?indeed' });
  assert.deepEqual(change('b', 'x\0y'), { is: 'replaceBody', bytes: Buffer.from('x\0y') });
});

test('what would break a header or an envelope apart is never passed on', () => {
  for (const [kind, data] of [
    ['h', 'X-A\0b\r\nBcc: x\0'],
    ['h', 'X-A\0b\n\nbody\0'],
    ['h', 'X-A\0b\r\n \r\n\r\nbody\0'],
    ['h', 'X-A\0b\rBcc: x\0'],
    ['h', 'X A\0b\0'],
    ['h', 'X-A:\0b\0'],
    ['h', '\0b\0'],
    ['h', 'X-A\0b'],
    ['h', 'X-A\0b\0c\0'],
    ['h', `X-A\0${'b'.repeat(70_000)}\0`],
    ['i', 'abc'],
    ['+', '<a@b.test>\r\nRCPT TO:<c@d.test>\0'],
    ['+', '<>\0'],
    ['+', '<a b@c>\0'],
    ['e', '<a@b>x<c@d>\0'],
    ['Z', ''],
  ] as const)
    assert.throws(() => answer(kind, data), MilterError, JSON.stringify(data));
});

test('a filter does nothing that it did not ask for', () => {
  for (const [kind, data] of [
    ['h', 'X\0b\0'],
    ['m', `${u32(1)}X\0b\0`],
    ['b', 'x'],
    ['+', 'a@b\0'],
    ['2', 'a@b\0'],
    ['-', 'a@b\0'],
    ['e', 'a@b\0'],
    ['q', 'x\0'],
  ] as const)
    assert.throws(() => answer(kind, data, { ...agreed, actions: 0 }), MilterError, kind);
});

test('whatever a filter sends is understood, or is a MilterError', () => {
  const kinds = fc.constantFrom(...Array.from('Ocspardtfy4himeb+2-qQ\0'));
  const pieces = fc.constantFrom(
    '\0',
    '\r\n',
    '\n',
    ' ',
    '<a@b>',
    '550 ',
    '5.7.1 ',
    ':',
    'X-A',
    '%',
    '\0\0\0\x01',
  );
  const data = fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 8 });
  const packets = fc.array(fc.tuple(kinds, data), { maxLength: 5 });
  const noise = fc.uint8Array({ maxLength: 30 });
  fc.assert(
    fc.property(packets, noise, fc.integer({ min: 1, max: 9 }), (sent, garbage, size) => {
      const whole = sent.map(([kind, parts]) => packet(kind, Buffer.from(parts.join(''), 'latin1')));
      const stream = Buffer.concat([...whole, garbage]);
      const reader = new PacketReader(10_000);
      try {
        for (let at = 0; at < stream.length; at += size)
          for (const found of reader.push(stream.subarray(at, at + size))) check(parsed(found));
      } catch (error) {
        assert(error instanceof MilterError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

const parsed = (found: Packet): MilterAnswer | undefined =>
  found.kind === 'O' ? void negotiated(found) : parseAnswer(found, agreed);

/** No field that came through ends early or ends the header. */
function check(found: MilterAnswer | undefined): void {
  if (found?.is !== 'change' || !('name' in found.change)) return;
  const { name, value } = found.change;
  const lines = `${name}:${value}`.split('\r\n');
  assert(lines.slice(1).every((line) => /^[ \t]+\S/.test(line)) && !/[\r\n\0]/.test(lines.join('')));
}

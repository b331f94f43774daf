import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandRtf } from './compressed-rtf.ts';
import { rtfText } from './rtf-text.ts';
import { tnefText } from './tnef-text.ts';
import { readTnef } from './tnef.ts';

const u16 = (value: number): Buffer => Buffer.from(Uint16Array.of(value).buffer);
const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);

function attribute(level: number, id: number, value: Buffer): Buffer {
  let sum = 0;
  for (const byte of value) sum = (sum + byte) & 0xffff;
  return Buffer.concat([Buffer.of(level), u32(id), u32(value.length), value, u16(sum)]);
}

const stream = (...attributes: Buffer[]): Buffer => Buffer.concat([u32(0x223e9f78), u16(1), ...attributes]);

function variable(type: number, id: number, value: Buffer): Buffer {
  const padding = Buffer.alloc((4 - (value.length % 4)) % 4);
  return Buffer.concat([u16(type), u16(id), u32(1), u32(value.length), value, padding]);
}

const properties = (...list: Buffer[]): Buffer => Buffer.concat([u32(list.length), ...list]);
const start = attribute(2, 0x69002, Buffer.alloc(14));
const codePage = attribute(1, 0x69007, Buffer.concat([u32(932), u32(0)]));

test('texts are in the code page of the message, or in UTF-16; names have no paths', () => {
  const message = readTnef(
    stream(
      codePage,
      attribute(1, 0x18004, Buffer.from('8c8f00', 'hex')),
      attribute(1, 0x69003, properties(variable(0x1f, 0x1000, Buffer.from('本文\0', 'utf16le')))),
      start,
      attribute(2, 0x6800f, Buffer.from('data')),
      attribute(
        2,
        0x18010,
        Buffer.concat([Buffer.from('..\\'), Buffer.from('93fa967b', 'hex'), Buffer.from('.txt\0')]),
      ),
    ),
  );
  assert.deepEqual(message, {
    subject: '件',
    text: '本文',
    attachments: [{ name: '日本.txt', bytes: Buffer.from('data') }],
    damaged: false,
  });
});

test('a message within a message is read, and bounded in its depth', () => {
  let inner = stream(attribute(1, 0x18004, Buffer.from('innermost\0')));
  for (let depth = 0; depth < 30; depth++) {
    const object = Buffer.concat([Buffer.alloc(16), inner]);
    inner = stream(
      attribute(1, 0x18004, Buffer.from(`${depth}\0`)),
      start,
      attribute(2, 0x69005, properties(variable(0x0d, 0x3701, object))),
    );
  }
  assert.deepEqual(
    tnefText(inner).split('\n').filter(Boolean),
    '29 28 27 26 25 24 23 22 21 20 19'.split(' '),
  );
  assert(!tnefText(inner).includes('innermost'));
});

test('a code page that is none leaves HTML in that of the message', () => {
  const html = variable(0x102, 0x1013, Buffer.from('93fa967b', 'hex'));
  for (const value of [Buffer.alloc(0), Buffer.of(1), Buffer.alloc(3)]) {
    const list = properties(variable(0x102, 0x3fde, value), html);
    assert.equal(readTnef(stream(codePage, attribute(1, 0x69003, list)))?.html, '日本');
  }
});

test('damage is said, and what came before it is there', () => {
  const whole = stream(
    codePage,
    attribute(1, 0x18004, Buffer.from('Subject\0')),
    start,
    attribute(2, 0x6800f, Buffer.alloc(500, 'x')),
  );
  const cut = readTnef(whole.subarray(0, whole.length - 200));
  assert.equal(cut?.subject, 'Subject');
  assert.equal(cut?.attachments[0]?.bytes.length, 302);
  assert.equal(cut?.damaged, true);
  assert.equal(readTnef(Buffer.from('not TNEF')), undefined);
  assert.equal(tnefText(Buffer.alloc(0)), '');
});

test('compressed RTF is expanded as in the examples of the specification', () => {
  // [MS-OXRTFCP], 3.1 and 3.2.
  const simple =
    '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0';
  assert.equal(
    expandRtf(Buffer.from(simple, 'hex')).toString('latin1'),
    '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n',
  );
  const crossing = '1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0';
  assert.equal(expandRtf(Buffer.from(crossing, 'hex')).toString('latin1'), '{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}');
  const bomb = Buffer.concat([u32(0), u32(0xffffffff), u32(0x75465a4c), u32(0), Buffer.alloc(1000, 0xff)]);
  assert(expandRtf(bomb).length <= 9000);
});

test('RTF gives its text: fonts name the charset, Unicode counts before its fallback, HTML loses its tags', () => {
  const cases: [string, string][] = [
    ["{\\rtf1\\ansi\\ansicpg1252 caf\\'e9\\par two\\tab x}", 'café\ntwo\tx'],
    [
      "{\\rtf1{\\fonttbl{\\f0\\fswiss Arial;}{\\f1\\fcharset128 MS PGothic;}}\\f1 \\'93\\'fa\\'96{\\'7b}\\f0 ok}",
      '日本ok',
    ],
    ["{\\rtf1{\\fonttbl{\\f1\\fcharset128 Gothic;}}\\f1\\'93\\'fa\\'96\\'7b}", '日本'],
    ['{\\rtf1\\uc1\\u26085?\\u26412?\\uc0\\u-10179\\u-8205 !}', '日本\ud83d\udff3!'],
    ['{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf \\par shown only in RTF\\htmlrtf0 text}', 'text'],
    ['{\\rtf1{\\*\\generator Riched20;}{\\info{\\author me}}a\\{b\\}\\~c}', 'a{b}\u00a0c'],
  ];
  for (const [rtf, text] of cases) assert.equal(rtfText(Buffer.from(rtf, 'latin1')), text, rtf);
});

test('groups without an end, and more closed than opened, do no harm', () => {
  for (const evil of ['{', '}', '\\', "{\\f1\\'41", '\\bin9999999999 ', '\\u1'])
    rtfText(Buffer.from(evil.repeat(50_000)));
  assert.equal(rtfText(Buffer.from(`${'{'.repeat(5000)}deep${'}'.repeat(5000)}`)), 'deep');
});

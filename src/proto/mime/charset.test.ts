import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeCharset, encodeIso2022Jp, isKnownCharset } from './charset.ts';

const decode = (bytes: string, label?: string): string =>
  decodeCharset(Buffer.from(bytes, 'latin1'), label).text;

test('labels of the wild are known', () => {
  const labels =
    'cp50220 cp50220-2 cp50221 CP932 ms932 Windows-31J x-sjis iso-2022-jp-1 iso-2022-jp-2 ISO-2022-JP-3 iso-2022-jp-2004 iso-2022-jp-ms ' +
    'eucJP-win EUC_JP utf-7 UTF8 "utf-8" hz-gb-2312 iso-2022-kr cp437 cp850 iso-8859-16 iso8859-15 latin1 ANSI_X3.4-1968 ks_c_5601-1987 gb2312 utf-32';
  for (const label of labels.split(' ')) assert(isKnownCharset(label), label);
  for (const label of ['', 'x-user-defined', 'replacement', 'klingon', 'x'.repeat(1000)])
    assert(!isKnownCharset(label), label);
});

test('ISO-2022-JP in all its kinds: escapes side by side, NEC and IBM characters, kana, JIS X 0212 and 0213', () => {
  const cases: [string, string][] = [
    ['\x1b$BF|\x1b(B\x1b(B\x1b$BK\\\x1b(B!', '日本!'],
    ['\x1b$@F|K\\\x1b(J\\~\x1b(B\\~', '日本¥‾\\~'],
    ['\x1b$B-!|b\x1b(B', '①髙'],
    ['\x1b(I1\x1b(B \x0e1\x0f \xb1', 'ｱ ｱ ｱ'],
    ['\x1b$(D0!\x1b(B', '丂'],
    ['\x1b$(O$w\x1b(B', 'か゚'],
    ['\x1b.A\x1bNi', 'é'],
    ['\x1b$A0!\x1b$(C0!\x1b(B', '啊가'],
    ['\x1b$BF|K\\\nascii', '日本\nascii'],
    ['\x1b$BF|K\\\n8l\x1b(B', '日本\n語'],
    ['\x1b$BF', '\ufffd'],
  ];
  for (const [bytes, text] of cases) assert.equal(decode(bytes, 'iso-2022-jp'), text, JSON.stringify(bytes));
});

test('wrong labels are seen through, and said to be a problem', () => {
  const utf8 = Buffer.from('日本語').toString('latin1');
  const cases: [string, string | undefined, string, boolean][] = [
    [utf8, 'iso-2022-jp', '日本語', true],
    ['\x93\xfa\x96\x7b\x8c\xea', 'iso-2022-jp', '日本語', true],
    ['$BF|K\\(B end', 'iso-2022-jp', '日本 end', true],
    ['cost $BILL (B)', 'iso-2022-jp', 'cost $BILL (B)', false],
    ['\x1b$BF|K\\\x1b(B', 'us-ascii', '日本', true],
    ['\x1b$BF|K\\\x1b(B', undefined, '日本', false],
    [utf8, undefined, '日本語', false],
    [utf8, 'shift_jis', '日本語', true],
    ['\x93\xfa\x96\x7b\x8c\xea', 'utf-8', '日本語', true],
    ['caf\xe9', undefined, 'café', true],
    [utf8.slice(0, -1), 'utf-8', '日本\ufffd', true],
    [utf8.slice(0, -1), 'iso-2022-jp', '日本\ufffd', true],
    [utf8.slice(0, -2), undefined, '日本\ufffd', true],
    [`${utf8}\xff${utf8}`, 'shift_jis', '日本語\ufffd日本語', true],
    [`\x1b$BF|K\\\x1b(B\r\n-- \r\n${utf8}\r\n`, 'iso-2022-jp', '日本\r\n-- \r\n日本語\r\n', true],
    ['\x93\xfa\x96\x7b\x8c\xea\n\x1b$BF|K\\\x1b(B', 'iso-2022-jp', '日本語\n日本', true],
    ['\xb1\n\x1b$BF|\x1b(B', 'iso-2022-jp', 'ｱ\n日', true],
    ['\x1b$BF|\x1b(', 'iso-2022-jp', '日\ufffd', true],
    ['\x1b$BF|\x1b(B\x1b$(', 'iso-2022-jp', '日\ufffd', true],
    ['don\x92t \x93x\x94', undefined, 'don’t “x”', true],
    ['Forma\xe7\xe3o', 'klingon', 'Formação', true],
    ['plain', 'klingon', 'plain', false],
  ];
  for (const [bytes, label, text, problem] of cases) {
    assert.deepEqual(
      decodeCharset(Buffer.from(bytes, 'latin1'), label),
      { text, problem },
      `${text} as ${label}`,
    );
  }
});

test('codes that TextDecoder lacks are decoded', () => {
  assert.equal(decode('Hi Mom -+Jjo--+-!', 'utf-7'), 'Hi Mom -☺-+!');
  assert.equal(decode('~{<:Ky2;~} ~~', 'hz-gb-2312'), '己所不 ~');
  assert.equal(decode('\x1b$)C\x0e0!\x0f', 'iso-2022-kr'), '가');
  assert.equal(decode('\0\0\xfe\xff\0\x01\xf3\x63', 'utf-32'), '🍣');
  assert.equal(decode('\x81', 'cp437'), 'ü');
  for (const bytes of ['\xfe\xff\x65\xe5', '\xff\xfe\xe5\x65', '\x65\xe5'])
    assert.equal(decode(bytes, 'utf-16'), '日');
  assert.equal(decode('a\0\xe5\x65', 'utf-16'), 'a日');
});

test('what ISO-2022-JP can carry is encoded, in ASCII at line ends; anything else is not', () => {
  const text = '日本①㈱髙﨑 abc\r\n¥カナ';
  const bytes = encodeIso2022Jp(text)!;
  assert.equal(decodeCharset(bytes, 'iso-2022-jp').text, text);
  assert(bytes.toString('latin1').split('\r\n')[0]!.endsWith('abc'));
  assert.equal(decodeCharset(encodeIso2022Jp('ｶﾞｷﾞ〜−')!, 'iso-2022-jp').text, 'ガギ～－');
  for (const foreign of ['🍣', 'é', '한', '\x1b(B']) assert.equal(encodeIso2022Jp(foreign), undefined);
});

test('any bytes under any label give text', () => {
  const labels = [
    'iso-2022-jp',
    'shift_jis',
    'euc-jp',
    'utf-8',
    'utf-7',
    'hz',
    'iso-2022-kr',
    'utf-16',
    'utf-32',
    'euc-jisx0213',
    'shift_jis-2004',
    'cp437',
    'x',
    undefined,
  ];
  const bytes = fc.array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x1b, 0x24, 0x28, 0x42, 0x4f, 0x0e, 0x8f, 0x7e, 0x2b),
    ),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom(...labels), (any, label) =>
      assert.equal(typeof decodeCharset(Buffer.from(any), label).text, 'string'),
    ),
  );
  const start = process.cpuUsage().user;
  for (const evil of ['$B', '\x1b$B', '\x1b', '\x1b$B!!\x1b(B', '+', '$B!!'])
    for (const label of labels) decode(evil.repeat(50_000), label);
  assert(process.cpuUsage().user - start < 8_000_000);
});

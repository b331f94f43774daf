import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseHeaders } from './headers.ts';
import { PartStream, streamedDepthMax } from './part-stream.ts';
import { indexMessage, type Part } from './structure.ts';
import { decodeTransfer } from './decode-transfer.ts';

interface Seen {
  readonly path: string;
  readonly type: string;
  readonly fileName: string;
  readonly content: string;
}

/** What is seen of a message whose body comes in pieces of `size` octets. */
function seenOf(message: string | Buffer, size: number): Seen[] {
  const bytes = Buffer.from(message);
  const block = parseHeaders(bytes);
  const seen: Seen[] = [];
  const stream = new PartStream(bytes.subarray(0, block.end), block, (part) => {
    const chunks: Buffer[] = [];
    return {
      write: (chunk) => void chunks.push(Buffer.from(chunk)),
      end: () =>
        void seen.push({
          path: part.path,
          type: `${part.type}/${part.subtype}`,
          fileName: part.fileName,
          content: Buffer.concat(chunks).toString('latin1'),
        }),
    };
  });
  for (let at = block.bodyStart; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size));
  stream.end();
  return seen;
}

/** The same by the indexer, which sees the message as a whole. */
function leavesOf(message: string): { type: string; content: string }[] {
  const bytes = Buffer.from(message);
  const walk = (part: Part): { type: string; content: string }[] => {
    if (part.parts) return part.parts.flatMap(walk);
    if (part.message) return walk(part.message.root);
    const raw = bytes.subarray(part.bodyStart, part.bodyEnd);
    return [
      {
        type: `${part.type}/${part.subtype}`,
        content: decodeTransfer(raw, part.encoding).toString('latin1'),
      },
    ];
  };
  return walk(indexMessage(bytes).root);
}

const nested = [
  'From: a@there.test',
  'Content-Type: multipart/mixed; boundary=outer',
  '',
  'preamble',
  '--outer',
  'Content-Type: multipart/alternative; boundary="outer--"',
  '',
  '--outer--',
  '',
  '--not a boundary',
  '-- ',
  'text',
  '',
  '--outer',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  '<p>caf=C3=A9</p>=',
  '',
  '--outer   ',
  'Content-Type: application/zip; name="a.zip"',
  'Content-Transfer-Encoding: base64',
  "Content-Disposition: attachment; filename*=utf-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.zip",
  '',
  'UEsDBA==',
  '--outer',
  'Content-Type: message/rfc822',
  '',
  'Subject: inside',
  'Content-Type: multipart/mixed; boundary=in',
  '',
  '--in',
  '',
  'first',
  '--in--',
  'epilogue of the inner',
  '--outer--',
  'epilogue',
  '',
].join('\r\n');

test('every leaf is seen with its place, its type, its name and its content without the transfer encoding', () => {
  const seen = seenOf(nested, nested.length);
  assert.deepEqual(
    seen.map(({ path, type, fileName }) => [path, type, fileName]),
    [
      ['1.1', 'text/plain', ''],
      ['2', 'text/html', ''],
      ['3', 'application/zip', '請求書.zip'],
      ['4.1.1', 'text/plain', ''],
    ],
  );
  assert.equal(seen[0]!.content, '\r\n--not a boundary\r\n-- \r\ntext\r\n'.slice(2));
  assert.equal(seen[2]!.content, 'PK\u0003\u0004');
});

test('wherever the body is cut, the same is seen, and it is what the index of the whole message says', () => {
  const expected = leavesOf(nested);
  for (let size = 1; size <= nested.length; size++) {
    const seen = seenOf(nested, size).map(({ type, content }) => ({ type, content }));
    assert.deepEqual(seen, expected, `pieces of ${size}`);
  }
});

test('line ends without a CR, a boundary that is never closed and one that is missing', () => {
  const lf = nested.replaceAll('\r\n', '\n');
  const open = nested.slice(0, nested.indexOf('--in--') - 2);
  const none = 'Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\ntext\r\n';
  for (const message of [lf, open, none]) {
    for (const size of [1, 2, 3, 7, 64, message.length]) {
      const seen = seenOf(message, size).map(({ content }) => content);
      assert.deepEqual(
        seen,
        leavesOf(message).map(({ content }) => content),
      );
    }
  }
});

test('what nests too deep is a leaf, and no line is too long', () => {
  const levels = streamedDepthMax + 5;
  let message = '';
  for (let i = 0; i < levels; i++)
    message += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
  const [leaf, ...more] = seenOf(`${message}\r\n${'-'.repeat(300_000)}`, 1000);
  assert.deepEqual(more, []);
  assert.equal(leaf?.type, 'multipart/mixed');
  assert.ok(leaf.content.endsWith('---'));
});

test('any bytes at all, cut anywhere, are seen the same, and nothing throws', () => {
  const line = fc.constantFrom(
    '--a',
    '--a--',
    '--b',
    '-- a',
    '',
    'Content-Type: multipart/mixed; boundary=b',
    'Content-Type: message/rfc822',
    'Content-Transfer-Encoding: base64',
    'Content-Transfer-Encoding: x-uuencode',
    'begin 644 a.txt',
    '#86)C',
    'end',
    'aGVsbG8=',
    'no field',
    '\u0000\u00ff--',
    'x'.repeat(1500),
  );
  const end = fc.constantFrom('\r\n', '\n', '\r', '');
  const body = fc.array(fc.tuple(line, end), { maxLength: 40 }).map((lines) => lines.flat().join(''));
  fc.assert(
    fc.property(body, fc.integer({ min: 1, max: 40 }), (text, size) => {
      const message = Buffer.from(`Content-Type: multipart/mixed; boundary=a\r\n\r\n${text}`, 'latin1');
      assert.deepEqual(seenOf(message, size), seenOf(message, message.length));
    }),
    { numRuns: 2000 },
  );
});

test('a header line that comes octet by octet is gathered in linear time', () => {
  const head = 'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nX: ';
  const seen = seenOf(`${head}${'y'.repeat(120_000)}\r\n\r\ntext\r\n--a--\r\n`, 1);
  assert.deepEqual(seen, [{ path: '1', type: 'text/plain', fileName: '', content: 'text' }]);
});

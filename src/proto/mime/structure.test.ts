import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { depthMax, indexMessage, type Part, partsMax, presentedType } from './structure.ts';

const crlf = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));

function tree(part: Part): string {
  const inner = part.parts?.map(tree) ?? (part.message ? [tree(part.message.root)] : []);
  return `${part.type}/${part.subtype}${inner.length > 0 ? `(${inner.join(' ')})` : ''}`;
}

const bodies = (bytes: Buffer, part: Part): string[] =>
  part.parts?.flatMap((child) => bodies(bytes, child)) ??
  (part.message
    ? bodies(bytes, part.message.root)
    : [bytes.toString('latin1', part.bodyStart, part.bodyEnd)]);

function read(text: string): { tree: string; bodies: string[] } {
  const bytes = Buffer.from(text);
  const { root } = indexMessage(bytes);
  return { tree: tree(root), bodies: bodies(bytes, root) };
}

const mixed = (boundary: string, ...parts: string[]): string =>
  `Content-Type: multipart/mixed; boundary="${boundary}"\n\n${parts.map((part) => `--${boundary}\n${part}\n`).join('')}--${boundary}--\n`;

test('the example of RFC 2046 has two parts; the line end in front of a boundary belongs to it', () => {
  const text =
    'Subject: x\nContent-Type: multipart/mixed; boundary="simple boundary"\n\npreamble\n\n--simple boundary\n\nno line end\n' +
    '--simple boundary\nContent-type: text/plain\n\nwith one\n\n--simple boundary--\n\nepilogue\n';
  const bytes = crlf(text);
  const { root, sizeBytes } = indexMessage(bytes);
  assert.deepEqual(bodies(bytes, root), ['no line end', 'with one\r\n']);
  assert.deepEqual(
    root.parts!.map((part) => part.lines),
    [0, 1],
  );
  assert.equal(root.bodyEnd, sizeBytes);
  assert.deepEqual(read(text).bodies, ['no line end', 'with one\n']);
});

test('a delimiter is a whole line: prefixes are none, blanks behind it are allowed', () => {
  assert.deepEqual(read(mixed('a', '\n--ab\n--a b\n x --a\n--a-')).bodies, ['--ab\n--a b\n x --a\n--a-']);
  assert.deepEqual(read('Content-Type: multipart/mixed; boundary=a\n\n--a \t\n\nx\n--a-- \nend').bodies, [
    'x',
  ]);
  assert.equal(
    read(mixed('a', mixed('ab', '\ninner'), '\nouter')).tree,
    'multipart/mixed(multipart/mixed(text/plain) text/plain)',
  );
});

test('an outer delimiter ends inner parts that were never closed, and of two equal ones the inner counts', () => {
  const open = 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\ninner\n';
  assert.deepEqual(read(mixed('a', open, '\nouter')), {
    tree: 'multipart/mixed(multipart/mixed(text/plain) text/plain)',
    bodies: ['inner\n', 'outer'],
  });
  assert.equal(
    read(mixed('a', mixed('a', '\n1', '\n2'))).tree,
    'multipart/mixed(multipart/mixed(text/plain text/plain))',
  );
});

test('a missing close, a missing blank line and a doubled delimiter lose nothing', () => {
  const head = 'Content-Type: multipart/mixed; boundary=b\n';
  assert.deepEqual(read(`${head}\n--b\n\none\n--b\n\ntwo\n`).bodies, ['one', 'two\n']);
  assert.deepEqual(read(`${head}--b\n\none\n--b--\n`).bodies, ['one']);
  assert.deepEqual(read(`${head}\n--b\n--b\nX: y\n\none\n--b--`).bodies, ['one']);
  assert.deepEqual(read(`${head}\n--b\nX: y\n--b\n\ntwo\n--b--`).bodies, ['', 'two']);
});

test('embedded messages are opened, and in a digest parts are messages by default', () => {
  const message = 'Subject: inner\n\nhi\nthere\n';
  const bytes = Buffer.from(`Content-Type: message/rfc822\n\n${message}`);
  const { root } = indexMessage(bytes);
  assert.equal(root.message!.envelope.subject, 'inner');
  assert.equal(root.lines, 4);
  assert.equal(root.message!.root.lines, 2);
  assert.equal(root.message!.root.headerStart, root.bodyStart);
  const digest = mixed('d', `\n${message}`, `Content-Type: text/plain\n\nx`).replace('mixed', 'digest');
  assert.equal(read(digest).tree, 'multipart/digest(message/rfc822(text/plain) text/plain)');
});

test('what cannot be opened is an opaque leaf, shown as something a client can rely on', () => {
  const encoded = indexMessage(
    Buffer.from('Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ=='),
  ).root;
  assert.equal(encoded.opaque, true);
  assert.equal(presentedType(encoded).type, 'application');
  for (const type of ['multipart/mixed', 'multipart/mixed; boundary=x', 'multipart/mixed; boundary=""']) {
    const part = indexMessage(Buffer.from(`Content-Type: ${type}\n\nsome text`)).root;
    assert.equal(part.opaque, true);
    assert.equal(presentedType(part).subtype, 'plain');
  }
});

test('the fields of a part are kept, JSON-able', () => {
  const index = indexMessage(
    Buffer.from(
      'Content-Type: IMAGE/PNG; name=x\nContent-ID: <1@a>\nContent-Description: a b\nContent-MD5: QQ==\nContent-Location: http://a/\n' +
        'Content-Language: en, ja\nContent-Disposition: Inline; filename=y\nContent-Transfer-Encoding: Base64 (x)\n\nQQ==\n',
    ),
  );
  assert.deepEqual(JSON.parse(JSON.stringify(index)), index);
  const { headerStart, bodyStart, bodyEnd, ...rest } = index.root;
  assert.deepEqual([headerStart, bodyStart, bodyEnd], [0, index.sizeBytes - 5, index.sizeBytes]);
  assert.deepEqual(rest, {
    type: 'image',
    subtype: 'png',
    params: [['name', 'x']],
    encoding: 'base64',
    id: '<1@a>',
    description: 'a b',
    md5: 'QQ==',
    location: 'http://a/',
    language: ['en', 'ja'],
    disposition: { value: 'inline', params: [['filename', 'y']] },
  });
});

test('depth and number of parts are bounded, and time is linear', () => {
  let deep = 'deep\n';
  for (let i = 0; i < 5000; i++) deep = mixed(`b${i}`, deep);
  const bombs = [
    deep,
    'Content-Type: message/rfc822\n\n'.repeat(100_000),
    `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(200_000)}`,
    `Content-Type: multipart/mixed; boundary=b\n\n${'--b\nContent-Type: multipart/mixed; boundary=b\n\n'.repeat(50_000)}`,
    `Content-Type: multipart/digest; boundary=b\n\n${'--b\n\n'.repeat(200_000)}`,
    `Content-Type: multipart/mixed; boundary=b\n\n--b\n\n${'--\n'.repeat(1_000_000)}`,
    'X: y\n'.repeat(1_000_000),
  ];
  const start = process.cpuUsage().user;
  for (const bomb of bombs) {
    const { root } = indexMessage(Buffer.from(bomb));
    const [parts, depth] = measure(root);
    assert(parts <= partsMax + depthMax && depth <= depthMax + 1, `${parts} parts, depth ${depth}`);
  }
  assert(process.cpuUsage().user - start < 10_000_000);
});

function measure(part: Part): [parts: number, depth: number] {
  const inner = (part.parts ?? (part.message ? [part.message.root] : [])).map(measure);
  return [
    inner.reduce((sum, [parts]) => sum + parts, 1),
    1 + Math.max(0, ...inner.map(([, depth]) => depth)),
  ];
}

test('any message is indexed: ranges nest, and lines are counted right', () => {
  const line = fc.constantFrom(
    '--a',
    '--b',
    '--a--',
    '--b--',
    '',
    'text',
    'X: y',
    'Content-Type: multipart/mixed; boundary=a',
    'Content-Type: multipart/digest; boundary=b',
    'Content-Type: message/rfc822',
    'Content-Type: image/png',
    '--ab',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const bytes = Buffer.from(lines.join(end));
      check(bytes, indexMessage(bytes).root, { start: 0, end: bytes.length });
    }),
    { numRuns: 2000 },
  );
});

function check(bytes: Buffer, part: Part, within: { start: number; end: number }): void {
  assert(
    within.start <= part.headerStart && part.headerStart <= part.bodyStart && part.bodyStart <= part.bodyEnd,
  );
  assert(part.bodyEnd <= within.end || part.bodyEnd === part.bodyStart);
  if (part.lines !== undefined) {
    assert.equal(part.lines, bytes.toString('latin1', part.bodyStart, part.bodyEnd).split('\n').length - 1);
  }
  let from = part.bodyStart;
  for (const child of part.parts ?? []) {
    check(bytes, child, { start: from, end: part.bodyEnd });
    from = child.bodyEnd;
  }
  if (part.message) check(bytes, part.message.root, { start: part.bodyStart, end: part.bodyEnd });
}

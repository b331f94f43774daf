import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partAt, rawValue, type SectionText, sectionRange, selectFields } from './section.ts';
import { indexMessage } from './structure.ts';

const inner =
  'Subject: inner\nContent-Type: multipart/mixed; boundary=i\n\n--i\nX: 1\n\none\n--i\n\ntwo\n--i--\n';
const bytes = Buffer.from(
  `Subject: outer\nTo: a@b\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: text/plain\n\nfirst\n` +
    `--o\nContent-Type: message/rfc822\n\n${inner}\n--o\nContent-Type: message/rfc822\n\nSubject: plain\n\nbody\n--o--\n`,
);
const index = indexMessage(bytes);

function section(path: number[], text?: SectionText): string | undefined {
  const range = sectionRange(index, path, text);
  return range && bytes.toString('latin1', range.start, range.end);
}

test('sections are those of the example tree of RFC 9051, 6.4.5.1', () => {
  assert.equal(section([]), bytes.toString());
  assert.match(section([], 'HEADER')!, /^Subject: outer[^]*boundary=o\n\n$/);
  assert.match(section([], 'TEXT')!, /^--o\n/);
  assert.equal(section([1]), 'first');
  assert.equal(section([1], 'MIME'), 'Content-Type: text/plain\n\n');
  assert.equal(section([1], 'HEADER'), undefined);
  assert.equal(section([2]), inner);
  assert.equal(section([2], 'HEADER'), inner.slice(0, inner.indexOf('--i')));
  assert.equal(section([2], 'TEXT'), inner.slice(inner.indexOf('--i')));
  assert.equal(section([2, 1]), 'one');
  assert.equal(section([2, 1], 'MIME'), 'X: 1\n\n');
  assert.equal(section([2, 2]), 'two');
  assert.equal(section([3, 1]), 'body');
  assert.equal(section([3], 'TEXT'), 'body');
  assert.equal(section([3, 1], 'MIME'), 'Subject: plain\n\n');
});

test('what is not there is undefined', () => {
  for (const path of [[0], [4], [1, 1], [2, 3], [3, 2], [3, 1, 1], [2, 1, 1]])
    assert.equal(section(path), undefined, path.join('.'));
  assert.equal(section([], 'MIME'), undefined);
});

test('the only part of a message that is no multipart is 1', () => {
  const single = indexMessage(Buffer.from('Subject: x\n\nhello'));
  assert.deepEqual(sectionRange(single, [1]), { start: 12, end: 17 });
  assert.equal(partAt(single, [1]), single.root);
  assert.equal(sectionRange(single, [2]), undefined);
  const nested = indexMessage(Buffer.from('Content-Type: message/rfc822\n\nSubject: y\n\nin'));
  assert.deepEqual(sectionRange(nested, [1, 1]), { start: 42, end: 44 });
});

test('header fields are selected in their order and case, with the blank line', () => {
  const header = Buffer.from('Subject: a\r\n b\r\nTo: x\r\nSUBJECT: c\r\n\r\n');
  assert.equal(
    selectFields(header, ['Subject', 'x'], false).toString(),
    'Subject: a\r\n b\r\nSUBJECT: c\r\n\r\n',
  );
  assert.equal(selectFields(header, ['subject'], true).toString(), 'To: x\r\n\r\n');
  assert.equal(selectFields(header, ['cc'], false).toString(), '\r\n');
  assert.equal(rawValue(header, 'Subject')?.toString(), ' a\r\n b');
});

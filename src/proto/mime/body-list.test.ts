import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyLists, hasAttachment } from './body-list.ts';
import { indexMessage } from './structure.ts';

let count = 0;
function multipart(subtype: string, ...parts: string[]): string {
  const boundary = `b${count++}`;
  return `Content-Type: multipart/${subtype}; boundary=${boundary}\n\n${parts.map((part) => `--${boundary}\n${part}\n`).join('')}--${boundary}--`;
}
const leaf = (type: string, id: string, disposition = ''): string =>
  `Content-Type: ${type}\nContent-ID: ${id}\n${disposition && `Content-Disposition: ${disposition}\n`}\nx`;

test('the example of RFC 8621, 4.1.4 gives its lists', () => {
  const message = multipart(
    'mixed',
    leaf('text/plain', 'A', 'inline'),
    multipart(
      'mixed',
      multipart(
        'alternative',
        multipart(
          'mixed',
          leaf('text/plain', 'B', 'inline'),
          leaf('image/jpeg', 'C', 'inline'),
          leaf('text/plain', 'D', 'inline'),
        ),
        multipart('related', leaf('text/html', 'E'), leaf('image/jpeg', 'F')),
      ),
      leaf('image/jpeg', 'G', 'attachment'),
      leaf('application/x-excel', 'H'),
      leaf('message/rfc822', 'J'),
    ),
    leaf('text/plain', 'K', 'inline'),
  );
  const lists = bodyLists(indexMessage(Buffer.from(message)).root);
  const ids = (list: typeof lists.textBody): string => list.map(({ part }) => part.id).join('');
  assert.equal(ids(lists.textBody), 'ABCDK');
  assert.equal(ids(lists.htmlBody), 'AEK');
  assert.equal(ids(lists.attachments), 'CFGHJ');
  assert.deepEqual(
    lists.attachments.map(({ path }) => path),
    ['2.1.1.2', '2.1.2.2', '2.2', '2.3', '2.4'],
  );
});

test('an only form serves for both, and a leaf has the path 1', () => {
  for (const type of ['text/plain', 'text/html']) {
    const lists = bodyLists(indexMessage(Buffer.from(leaf(type, 'A'))).root);
    assert.deepEqual(
      [lists.textBody, lists.htmlBody].map((list) => list.map(({ path }) => path)),
      [['1'], ['1']],
    );
    const alternative = bodyLists(indexMessage(Buffer.from(multipart('alternative', leaf(type, 'A')))).root);
    assert.equal(alternative.textBody.length, 1);
    assert.equal(alternative.htmlBody.length, 1);
  }
});

const has = (text: string): boolean => hasAttachment(indexMessage(Buffer.from(text)).root);

test('an attachment is what is not inline; signatures are none', () => {
  const plain = leaf('text/plain', 'A');
  assert(!has(plain));
  assert(has(multipart('mixed', plain, leaf('application/pdf', 'B'))));
  assert(!has(multipart('related', leaf('text/html', 'A'), leaf('image/png', 'B', 'inline'))));
  assert(!has(multipart('signed', plain, leaf('application/pkcs7-signature', 'B'))));
});

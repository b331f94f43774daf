import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { testServer } from './testing.ts';

const begin = `
  S: 220 ...
  C: EHLO there.test
  S* 250 HELP
  C: MAIL FROM:<bob@there.test>
  S: 250 ...
  C: RCPT TO:<alice@here.test>
  S: 250 ...
`;

test('a mail in chunks arrives whole, dots and all; chunks and commands may be pipelined', async () => {
  const { connect, taken } = testServer('mx');
  await converse(
    connect(),
    `${begin}
    C~ BDAT 8\\r\\nA: b\\r\\n\\r\\nBDAT 7\\r\\n.dot\\r\\n.BDAT 0\\r\\nBDAT 2 LAST\\r\\n\\r\\nMAIL FROM:<>\\r\\n
    S: 250 2.0.0 8 octets received
    S: 250 2.0.0 7 octets received
    S: 250 2.0.0 0 octets received
    S: 250 2.0.0 Accepted as ...
    S: 250 2.1.0 ...
  `,
  );
  assert(taken[0]!.text.endsWith('A: b\r\n\r\n.dot\r\n.\r\n'), taken[0]!.text);
});

test('an empty last chunk ends the mail, and so does an only one', async () => {
  const { connect, taken } = testServer('mx');
  await converse(
    connect(),
    `${begin}
    C~ BDAT 6\\r\\nA: b\\r\\n
    S: 250 2.0.0 6 octets received
    C: BDAT 0 LAST
    S: 250 2.0.0 Accepted as ...
    C: MAIL FROM:<>
    S: 250 ...
    C: RCPT TO:<alice@here.test>
    S: 250 ...
    C: BDAT 0 LAST
    S: 250 2.0.0 Accepted as ...
  `,
  );
  assert.equal(taken.length, 2);
});

test('DATA, RCPT and MAIL have no place between chunks; RSET has, and forgets them', async () => {
  const { connect, taken } = testServer('mx');
  await converse(
    connect(),
    `${begin}
    C~ BDAT 6\\r\\nA: b\\r\\n
    S: 250 ...
    C: DATA
    S: 503 5.5.1 BDAT has begun...
    C: RCPT TO:<bob@here.test>
    S: 503 5.5.1 BDAT has begun...
    C: MAIL FROM:<>
    S: 503 5.5.1 MAIL was given already...
    C: RSET
    S: 250 2.0.0 OK
    C~ BDAT 3 LAST\\r\\nabc
    S: 503 5.5.1 BDAT has no mail to belong to
    C: NOOP
    S: 250 2.0.0 OK
  `,
  );
  assert.equal(taken.length, 0);
});

test('octets of a chunk that is refused are no commands', async () => {
  const { connect, taken } = testServer('mx');
  await converse(
    connect(),
    `
    S: 220 ...
    C~ BDAT 6\\r\\nQUIT\\r\\n
    S: 503 5.5.1 Say EHLO first
    C: EHLO there.test
    S* 250 HELP
    C~ BDAT 6\\r\\nQUIT\\r\\n
    S: 503 5.5.1 ...
    C: MAIL FROM:<bob@there.test>
    S: 250 ...
    C~ RCPT TO:<nobody@here.test>\\r\\nBDAT 6\\r\\nQUIT\\r\\nBDAT 6 LAST\\r\\nQUIT\\r\\n
    S: 550 5.1.1 ...
    S: 503 5.5.1 ...
    S: 503 5.5.1 ...
    C: NOOP
    S: 250 2.0.0 OK
  `,
  );
  assert.equal(taken.length, 0);
});

test('after a chunk that is refused the rest of the mail is, and the session goes on', async () => {
  const { connect, taken } = testServer('mx', { intake: { messageMaxBytes: 20 } });
  await converse(
    connect(),
    `${begin}
    C~ BDAT 8\\r\\nA: b\\r\\n\\r\\nBDAT 20\\r\\n01234567890123456789BDAT 2 LAST\\r\\n\\r\\n
    S: 250 2.0.0 8 octets received
    S: 552 5.3.4 ...
    S: 503 5.5.1 ...
    C: MAIL FROM:<>
    S: 250 ...
  `,
  );
  assert.equal(taken.length, 0);
});

test('more than can be thrown away ends the session', async () => {
  const { connect } = testServer('mx', { options: { swallowMax: 100 }, intake: { messageMaxBytes: 50 } });
  await converse(connect(), `S: 220 ...\nC: BDAT 101\nS: 421 4.3.4 ...\nS(closed)`);
  await converse(connect(), `${begin}\nC: BDAT 1000\nC: ${'x'.repeat(200)}\nS: 421 4.3.4 ...\nS(closed)`);
});

test('binary mail comes by BDAT only, and may hold anything but a binary header', async () => {
  const { connect, taken } = testServer('mx');
  await converse(
    connect(),
    `
    S: 220 ...
    C: EHLO there.test
    S* 250 HELP
    C: MAIL FROM:<bob@there.test> BODY=BINARYMIME
    S: 250 ...
    C: RCPT TO:<alice@here.test>
    S: 250 ...
    C: DATA
    S: 503 5.5.1 BINARYMIME mail is sent with BDAT
    C~ BDAT 12 LAST\\r\\nA: b\\r\\n\\r\\n\\n\\r\\u0000\\n
    S: 250 2.0.0 Accepted as ...
    C: MAIL FROM:<bob@there.test> BODY=BINARYMIME
    S: 250 ...
    C: RCPT TO:<alice@here.test>
    S: 250 ...
    C~ BDAT 9 LAST\\r\\nA: \\u0000\\n\\r\\n\\r\\n
    S: 554 5.6.0 ...
  `,
  );
  assert.deepEqual(
    taken.map(({ submission }) => submission.message.bodyKind),
    ['binarymime'],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { TestClock } from '../base/test-clock.ts';
import { converse } from '../../test/converse.ts';
import { limitOf, TestSink } from './testing.ts';

test('a mail is taken, dots are unstuffed, commands out of order are refused', async () => {
  const sink = new TestSink({}, systemClock);
  await converse(
    sink.connect(),
    `
    S: 220 mx.here.test ESMTP ready
    C: MAIL FROM:<a@there.test>
    S: 503 5.5.1 EHLO first
    C: EHLO there.test
    S: 250-mx.here.test at your service
    S: 250-SIZE 10000
    S: 250-PIPELINING
    S: 250-8BITMIME
    S: 250-CHUNKING
    S: 250 SMTPUTF8
    C: DATA
    S: 503 5.5.1 RCPT first
    C: MAIL FROM:<a@there.test> SIZE=20000
    S: 552 5.3.4 Message is larger than this server accepts
    C: MAIL FROM:<a@there.test>
    S: 250 2.1.0 OK
    C: DATA
    S: 503 5.5.1 RCPT first
    C: RCPT TO:<b@elsewhere.test>
    S: 550 5.7.1 <b@elsewhere.test>: Relay access denied
    C: RCPT TO:<b@here.test>
    S: 250 2.1.5 OK
    C: DATA
    S: 354 Go ahead
    C: Subject: dots
    C:
    C: ..one leading dot
    C: .
    S: 250 2.0.0 OK
    C: RCPT TO:<b@here.test>
    S: 503 5.5.1 MAIL first
    C: NONSENSE
    S: 500 5.5.2 NONSENSE
    C: QUIT
    S: 221 2.0.0 Bye
  `,
  );
  assert.equal(sink.mails.length, 1);
  assert.equal(sink.mails[0]!.text.bytes().toString(), 'Subject: dots\r\n\r\n.one leading dot\r\n');
  assert.equal(sink.mails[0]!.text.header(), 'Subject: dots\r\n');
  assert.equal(sink.receiver.tally.bytes, 36);
});

test('a pipeline is answered in order, a text in one piece with what follows it', async () => {
  const sink = new TestSink({}, systemClock);
  await converse(
    sink.connect(),
    String.raw`
    S: 220 mx.here.test ESMTP ready
    C: EHLO there.test
    S* 250 SMTPUTF8
    C~ MAIL FROM:<>\r\nRCPT TO:<b@here.test>\r\nDATA\r\n
    S: 250 2.1.0 OK
    S: 250 2.1.5 OK
    S: 354 Go ahead
    C~ one\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<c@here.test>\r\nDATA\r\n
    S: 250 2.0.0 OK
    S: 250 2.1.0 OK
    S: 250 2.1.5 OK
    S: 354 Go ahead
    # an empty text: its end comes at once, and in pieces
    C~ .
    C~ \r
    C~ \nQUIT\r\n
    S: 250 2.0.0 OK
    S: 221 2.0.0 Bye
  `,
  );
  assert.deepEqual(
    sink.mails.map(({ text }) => text.bytes().toString()),
    ['one\r\n', ''],
  );
});

test('chunks are counted, dots in them mean nothing, and those without an envelope are read over', async () => {
  const sink = new TestSink({}, systemClock);
  await converse(
    sink.connect(),
    String.raw`
    S: 220 mx.here.test ESMTP ready
    C: EHLO there.test
    S* 250 SMTPUTF8
    C~ BDAT 6 LAST\r\nQUIT\r\n
    S: 503 5.5.1 RCPT first
    C~ MAIL FROM:<a@there.test> BODY=BINARYMIME\r\nRCPT TO:<b@here.test>\r\nBDAT 5\r\n\r\n.\r\nBDAT 3\r\n...BDAT 0 LAST\r\n
    S: 250 2.1.0 OK
    S: 250 2.1.5 OK
    S: 250 2.0.0 Chunk taken
    S: 250 2.0.0 Chunk taken
    S: 250 2.0.0 OK
    C~ MAIL FROM:<a@there.test>\r\nRCPT TO:<b@here.test>\r\nBDAT 1\r\nxRCPT TO:<c@here.test>\r\nRSET\r\n
    S: 250 2.1.0 OK
    S: 250 2.1.5 OK
    S: 250 2.0.0 Chunk taken
    S: 503 5.5.1 BDAT first
    S: 250 2.0.0 Flushed
  `,
  );
  assert.equal(sink.mails.length, 1);
  assert.equal(sink.mails[0]!.text.bytes().toString(), '\r\n.\r\n...');
});

test('the split of the bytes into chunks never shows', async () => {
  const wire = Buffer.from(
    'EHLO there.test\r\nMAIL FROM:<a@there.test>\r\nRCPT TO:<b@here.test>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n.\r\r\n.x\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<c@here.test>\r\nBDAT 4 LAST\r\n\r\n.\rQUIT\r\n',
  );
  const heard = new Set<string>();
  for (let size = 1; size <= wire.length; size += 1) {
    const sink = new TestSink({}, systemClock);
    const client = sink.connect();
    let said = '';
    client.setEncoding('latin1').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise((resolve) => client.once('end', resolve));
    for (let at = 0; at < wire.length; at += size) client.write(wire.subarray(at, at + size));
    await ended;
    const texts = sink.mails.map(({ text }) => text.bytes().toString());
    heard.add(JSON.stringify([said, texts, sink.receiver.tally.bytes]));
  }
  assert.equal(heard.size, 1);
  assert.match([...heard][0]!, /221 2\.0\.0 Bye/);
});

test('faults reply, close, reset and fall silent at their phase and in their time', async () => {
  const clock = new TestClock();
  const reply = '451 4.3.0 Local error';
  const common = { percent: 100, does: 'reply', reply, delayMs: 0, fromSeconds: 0, forSeconds: 0 } as const;
  const sink = new TestSink(
    {
      faults: [
        { ...common, phase: 'connect', does: 'close', fromSeconds: 100 },
        { ...common, phase: 'end', forSeconds: 10 },
        { ...common, phase: 'end', does: 'silence', fromSeconds: 10, forSeconds: 10 },
        { ...common, phase: 'rcpt', does: 'reset', fromSeconds: 30 },
      ],
    },
    clock,
  );
  const mail = String.raw`
    S: 220 mx.here.test ESMTP ready
    C~ EHLO there.test\r\nMAIL FROM:<>\r\nRCPT TO:<b@here.test>\r\nDATA\r\nx\r\n.\r\n
    S* 250 2.1.0 OK`;
  await converse(
    sink.connect(),
    `${mail}\nS: 250 2.1.5 OK\nS: 354 Go ahead\nS: ${reply}\nC: QUIT\nS: 221 2.0.0 Bye`,
  );
  await clock.advance(12_000);
  const silent = sink.connect();
  await converse(silent, `${mail}\nS: 250 2.1.5 OK\nS: 354 Go ahead\nC: QUIT`);
  await clock.advance(20_000);
  assert.equal(silent.readableLength, 0);
  // A reset takes with it what was not sent yet.
  await converse(sink.connect(), `${mail.replace(/S\* .*$/, '')}\nS(closed)`);
  await clock.advance(100_000);
  await converse(sink.connect(), `S: ${reply}\nS(closed)`);
  assert.equal(sink.mails.length, 0);
  assert.deepEqual(
    [...sink.receiver.tally.refusals.values()].map(({ phase, reply: what, count }) => [phase, what, count]),
    [
      ['end', reply, 1],
      ['end', 'silence', 1],
      ['rcpt', 'reset', 1],
      ['connect', reply, 1],
    ],
  );
});

test('answers take their time, and what comes meanwhile is answered after them', async () => {
  const clock = new TestClock();
  const delayMs = { connect: 1000, mail: 0, rcpt: 500, data: 0, end: 2000, jitterPercent: 0 };
  const sink = new TestSink({ delayMs }, clock);
  const client = sink.connect();
  let said = '';
  client.setEncoding('latin1').on('data', (text: string) => {
    said += text;
  });
  client.write('EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@here.test>\r\nDATA\r\n');
  await clock.settle();
  assert.equal(said, '');
  await clock.advance(1000);
  assert.match(said, /250 2\.1\.0 OK\r\n$/);
  await clock.advance(500);
  assert.match(said, /354 Go ahead\r\n$/);
  client.write('x\r\n.\r\nNOOP\r\n');
  await clock.advance(1999);
  assert.match(said, /354 Go ahead\r\n$/);
  await clock.advance(1);
  assert.match(said, /250 2\.0\.0 OK\r\n250 2\.0\.0 OK\r\n$/);
});

test('a limit that closes ends the connection behind its reply', async () => {
  const limits = [limitOf({ of: 'messagesPerConnection', max: 1, does: 'close', reply: '421 Enough' })];
  const sink = new TestSink({ limits }, systemClock);
  await converse(
    sink.connect(),
    String.raw`
    S: 220 mx.here.test ESMTP ready
    C~ HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@here.test>\r\nDATA\r\nx\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<b@here.test>\r\n
    S: 250 mx.here.test
    S: 250 2.1.0 OK
    S: 250 2.1.5 OK
    S: 354 Go ahead
    S: 250 2.0.0 OK
    S: 421 Enough
    S(closed)
  `,
  );
});

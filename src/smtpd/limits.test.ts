import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { converse } from '../../test/converse.ts';
import { Refusal } from '../base/refusal.ts';
import type { ListenerKind } from './options.ts';
import { testServer } from './testing.ts';

const hello = 'S: 220 ...\nC: EHLO there.test\nS* 250 HELP';

test('too many errors end the session, and an accepted mail forgives the earlier ones', async () => {
  const { connect } = testServer('mx', { options: { errorsMax: 3 } });
  await converse(
    connect(),
    `${hello}
    C: FOO
    S: 500 5.5.1 ...
    C: MAIL FROM:<>
    S: 250 ...
    C: RCPT TO:<nobody@here.test>
    S: 550 5.1.1 ...
    C: RCPT TO:<alice@here.test>
    S: 250 ...
    C: DATA
    S: 354 ...
    C: .
    S: 250 ...
    C: VRFY
    S: 501 5.5.4 ...
    C: EXPN list
    S: 502 5.7.0 ...
    C: ETRN x
    S: 502 5.5.1 ...
    S: 421 4.7.0 Too many errors, good-bye
    S(closed)
  `,
  );
});

test('endless commands without a mail end the session', async () => {
  const { connect } = testServer('mx', { options: { idleCommandsMax: 2 } });
  await converse(
    connect(),
    `${hello}\nC: NOOP\nS: 250 ...\nC: RSET\nS: 250 ...\nC: HELP\nS: 421 4.7.0 ...\nS(closed)`,
  );
});

test('size, recipients, messages and line lengths have limits with replies of their own', async () => {
  const { connect } = testServer('mx', {
    options: { messagesMax: 1, textLineMax: 100, errorsMax: 100 },
    intake: { messageMaxBytes: 1000, recipientsMax: 2, headerMaxBytes: 200 },
  });
  const envelope = 'C: MAIL FROM:<>\nS: 250 ...\nC: RCPT TO:<alice@here.test>\nS: 250 ...';
  const data = `${envelope}\nC: DATA\nS: 354 ...`;
  await converse(
    connect(),
    `${hello}
    C: ${'x'.repeat(3000)}
    S: 500 5.5.2 Line is too long
    C: MAIL FROM:<> SIZE=1001
    S: 552 5.3.4 ...
    ${envelope}
    C: RCPT TO:<bob@here.test>
    S: 250 ...
    C: RCPT TO:<user1@here.test>
    S: 452 4.5.3 ...
    C: RSET
    S: 250 ...
    ${data}
    C~ A: b\\r\\n\\r\\n${'x\\r\\n'.repeat(400)}.\\r\\n
    S: 552 5.3.4 ...
    ${data}
    C~ A: b\\r\\n\\r\\n${'x'.repeat(101)}\\r\\n.\\r\\n
    S: 554 5.6.0 Message has a line longer...
    ${data}
    C~ ${'A: b\\r\\n'.repeat(50)}\\r\\n.\\r\\n
    S: 554 5.6.0 ...
    ${data}
    C~ ${'Received: x\\r\\n'.repeat(8)}\\r\\n.\\r\\n
    S: 250 ...
    C: MAIL FROM:<>
    S: 421 4.7.0 Enough messages...
    S(closed)
  `,
  );
});

test('mail that goes in a circle is stopped', async () => {
  const { connect } = testServer('mx', { intake: { receivedMax: 3 } });
  const data = 'C: MAIL FROM:<>\nS: 250 ...\nC: RCPT TO:<alice@here.test>\nS: 250 ...\nC: DATA\nS: 354 ...';
  await converse(
    connect(),
    `${hello}\n${data}\nC~ ${'received: x\\r\\n'.repeat(3)}\\r\\n.\\r\\n\nS: 554 5.4.6 ...`,
  );
});

test('nobody hears 250 before the mail is durable; an outage is a 4xx and its text stays here', async () => {
  const durable = Promise.withResolvers<void>();
  const outcomes = [
    durable.promise,
    Promise.reject(new Error('secret path /var/db')),
    Promise.reject(new Refusal('storageFull', 'disk')),
  ];
  for (const outcome of outcomes) outcome.catch(() => {});
  const { connect } = testServer('mx', { parts: { accept: () => outcomes.shift()!.then(() => undefined) } });
  const client = connect();
  const data =
    'C: MAIL FROM:<>\nS: 250 ...\nC: RCPT TO:<alice@here.test>\nS: 250 ...\nC: DATA\nS: 354 ...\nC: .';
  await converse(client, `${hello}\n${data}`);
  const nothing = await new Promise<unknown>((resolve) => {
    setImmediate(() => setImmediate(() => resolve(client.read())));
  });
  assert.equal(nothing, null);
  durable.resolve();
  await converse(
    client,
    `S: 250 2.0.0 ...\n${data}\nS: 451 4.3.0 Cannot take the message now, try again later`,
  );
  await converse(client, `${data}\nS: 452 4.3.1 ...`);
});

test('LMTP greets by LHLO and answers for each recipient', async () => {
  const { connect, taken } = testServer('lmtp');
  await converse(
    connect(),
    `
    S: 220 mx.here.test LMTP Hikyaku
    C: EHLO there.test
    S: 500 5.5.1 This is LMTP: say LHLO
    C: MAIL FROM:<>
    S: 503 5.5.1 Say LHLO first
    C: LHLO there.test
    S* 250 LIMITS...
    C: MAIL FROM:<bob@there.test>
    S: 250 ...
    C: RCPT TO:<alice@here.test>
    S: 250 ...
    C: RCPT TO:<nobody@here.test>
    S: 550 5.1.1 ...
    C: RCPT TO:<bob@here.test>
    S: 250 ...
    C: RCPT TO:<x@else.test>
    S: 550 5.7.1 ...
    C: DATA
    S: 354 ...
    C: .
    S: 250 2.0.0 Accepted as ...
    S: 250 2.0.0 Accepted as ...
    C~ MAIL FROM:<>\\r\\nRCPT TO:<alice@here.test>\\r\\nRCPT TO:<bob@here.test>\\r\\nDATA\\r\\n
    S: 250 ...
    S: 250 ...
    S: 250 ...
    S: 354 ...
    C~ a\\n\\r\\n.\\r\\n
    S: 550 5.6.11 ...
    S: 550 5.6.11 ...
  `,
  );
  assert.match(taken[0]!.text, /with LMTP id/);
});

test('a relay listener relays for trusted networks alone', async () => {
  const options = { trustedNetworks: ['10.0.0.0/8'] };
  const rcpt = `${hello}\nC: MAIL FROM:<x@y.test>\nS: 250 ...\nC: RCPT TO:<x@else.test>`;
  await converse(testServer('relay', { options, peerIp: '10.1.2.3' }).connect(), `${rcpt}\nS: 250 ...`);
  await converse(
    testServer('relay', { options, peerIp: '::ffff:10.1.2.3' }).connect(),
    `${rcpt}\nS: 250 ...`,
  );
  await converse(testServer('relay', { options }).connect(), `${rcpt}\nS: 550 5.7.1 ...`);
});

test('parameters of extensions that are not on offer are refused by name', async () => {
  await converse(
    testServer('mx').connect(),
    `${hello}
    C: MAIL FROM:<> REQUIRETLS
    S: 530 5.7.10 REQUIRETLS needs TLS...
    C: MAIL FROM:<> HOLDFOR=10
    S: 555 5.5.4 Parameter is not offered here: HOLDFOR and HOLDUNTIL
    C: MAIL FROM:<> BY=10;R
    S: 555 5.5.4 ...
    C: MAIL FROM:<> FOO=1
    S: 555 5.5.4 Parameter is not known here: FOO
    C: MAIL FROM:<利用者@例え.test>
    S: 553 5.6.7 ...
    C: MAIL FROM:<利用者@例え.test> SMTPUTF8
    S: 250 ...
  `,
  );
});

test('HELP explains, VRFY tells nothing', async () => {
  await converse(
    testServer('mx').connect(),
    `${hello}
    C: HELP mail
    S: 214-2.0.0 MAIL FROM:...
    S: 214 2.0.0 Begins a mail...
    C: HELP
    S* 214 2.0.0 To send to other domains...
    C: VRFY alice@here.test
    S: 252 2.1.5 ...
  `,
  );
});

test('a stop lets the mail in hand come to its end and tells the others to come again', async () => {
  const { connect, server, taken } = testServer('mx');
  const [busy, idle] = [connect(), connect()];
  await converse(
    busy,
    `${hello}\nC: MAIL FROM:<>\nS: 250 ...\nC: RCPT TO:<alice@here.test>\nS: 250 ...\nC: DATA\nS: 354 ...`,
  );
  await converse(idle, hello);
  const stopped = server.stop(5000);
  await converse(idle, 'S: 421 4.3.2 ...\nS(closed)');
  await converse(busy, 'C: .\nS: 250 2.0.0 ...\nS: 421 4.3.2 ...\nS(closed)');
  for (const client of [idle, busy]) client.end();
  await stopped;
  assert.equal(taken.length, 1);
});

test('the split of a whole session into chunks never shows', async () => {
  const wire = Buffer.from(
    'EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<alice@here.test>\r\nBDAT 9\r\nA: b\r\n\r\n.BDAT 3 LAST\r\nc\r\nMAIL FROM:<>\r\nRCPT TO:<bob@here.test>\r\nDATA\r\nA: b\r\n\r\n..c\r\n.\r\nNOOP\r\nQUIT\r\n',
  );
  const play = async (sizes: () => number): Promise<string> => {
    const { connect, taken } = testServer('mx', { options: { unauthorisedPipelining: 'allow' } });
    const client = connect();
    for (let at = 0; at < wire.length; ) {
      const size = sizes();
      client.write(wire.subarray(at, at + size));
      at += size;
    }
    const heard = Buffer.concat(await client.toArray())
      .toString()
      .replace(/as \w+/g, 'as ID');
    return heard + taken.map(({ text }) => text.slice(text.indexOf('A: b'))).join('|');
  };
  const whole = await play(() => wire.length);
  assert(whole.endsWith('A: b\r\n\r\n.c\r\n|A: b\r\n\r\n.c\r\n'), whole);
  for (let cut = 1; cut < wire.length; cut++) {
    let first = true;
    const played = await play(() => {
      const size = first ? cut : wire.length;
      first = false;
      return size;
    });
    assert.equal(played, whole, `cut at ${cut}`);
  }
  assert.equal(await play(() => 1), whole);
});

test('any bytes get orderly replies, and never hang or break the server', async () => {
  const words = fc.constantFrom(
    'EHLO x\r\n',
    'MAIL FROM:<a@b.test>\r\n',
    'RCPT TO:<alice@here.test>\r\n',
    'DATA\r\n',
    '.\r\n',
    'BDAT 5\r\n',
    'BDAT 3 LAST\r\n',
    'RSET\r\n',
    'STARTTLS\r\n',
    'AUTH PLAIN\r\n',
    '*\r\n',
    '\r\n',
    'A: b\r\n',
    '\n',
    '\r',
    '\0',
    'LHLO y\r\n',
    'HELP\r\n',
  );
  const noise = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  const kinds = fc.constantFrom<ListenerKind>('mx', 'submission', 'lmtp', 'relay');
  await fc.assert(
    fc.asyncProperty(
      kinds,
      fc.boolean(),
      fc.array(fc.oneof({ weight: 3, arbitrary: words }, noise), { maxLength: 25 }),
      async (kind, lax, script) => {
        const options = { unauthorisedPipelining: lax ? 'allow' : 'refuse', authRequiresTls: false } as const;
        const { connect, server } = testServer(kind, { options });
        const client = connect();
        for (const word of script) client.write(Buffer.from(word, 'latin1'));
        client.end();
        const heard = Buffer.concat(await client.toArray()).toString('latin1');
        for (const line of heard.split('\r\n').slice(0, -1)) assert.match(line, /^[2345]\d\d[ -]/);
        assert(heard.endsWith('\r\n'));
        assert.equal(server.sessions <= 1, true);
      },
    ),
    { numRuns: 150 },
  );
});

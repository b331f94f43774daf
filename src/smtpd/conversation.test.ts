import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import { converse } from '../../test/converse.ts';
import type { ListenerKind } from './options.ts';
import { testServer, type TestServerOptions } from './testing.ts';

const hello = `
  S: 220 mx.here.test ESMTP Hikyaku
  C: EHLO there.test
  S* 250 ...
`;

test('a mail goes from EHLO to its id, and what is stored is what was sent below a Received line', async () => {
  const { connect, taken } = testServer('mx');
  await converse(
    connect(),
    `${hello}
    C: MAIL FROM:<bob@there.test> SIZE=100 BODY=8BITMIME
    S: 250 2.1.0 Sender OK
    C: RCPT TO:<alice@here.test>
    S: 250 2.1.5 Recipient OK
    C: DATA
    S: 354 ...
    C: Subject: =?utf-8?B?5pel5pys?=
    C: Message-ID: <1@there.test>
    C:
    C: ..one dot
    C: .
    S: 250 2.0.0 Accepted as ...
    C: QUIT
    S: 221 2.0.0 mx.here.test says good-bye
    S(closed)
  `,
  );
  const { submission, events, text } = taken[0]!;
  assert.match(
    text,
    /^Received: from there\.test \(\[192\.0\.2\.9\]\)\r\n\tby mx\.here\.test with ESMTP id [0-9a-z]{20}\r\n\tfor <alice@here\.test>;\r\n\t[^\r\n]+ \+0000\r\nSubject: =\?utf-8\?B\?5pel5pys\?=\r\nMessage-ID: <1@there\.test>\r\n\r\n\.one dot\r\n$/,
  );
  assert.equal(submission.message.subject, '日本');
  assert.equal(submission.message.headerMessageId, '<1@there.test>');
  assert.equal(submission.message.bodyKind, '7bit');
  assert.deepEqual(
    submission.recipients.map((to) => [to.address, to.destination]),
    [['alice@here.test', 'local']],
  );
  assert.equal(events[0]!.is, 'accepted');
});

test('commands out of order are refused and cost nothing; a refused recipient does not end the mail', async () => {
  const { connect, refused } = testServer('mx');
  await converse(
    connect(),
    `
    S: 220 ...
    C: MAIL FROM:<bob@there.test>
    S: 503 5.5.1 Say EHLO first
    C: EHLO there.test
    S* 250 HELP
    C: RCPT TO:<alice@here.test>
    S: 503 5.5.1 Say MAIL first
    C: DATA
    S: 503 5.5.1 Say MAIL first
    C: MAIL FROM:<bob@there.test>
    S: 250 ...
    C: MAIL FROM:<bob@there.test>
    S: 503 5.5.1 MAIL was given already...
    C: DATA
    S: 503 5.5.1 Say RCPT first
    C: RCPT TO:<nobody@here.test>
    S: 550 5.1.1 No such mailbox here
    C: RCPT TO:<carol@here.test>
    S: 550 5.2.1 ...
    C: RCPT TO:<someone@else.test>
    S: 550 5.7.1 Relay denied...
    C: DATA
    S: 554 5.5.1 No recipient was accepted
    C: RCPT TO:<"alice"@here.test>
    S: 250 2.1.5 ...
    C: DATA
    S: 354 ...
    C: .
    S: 250 2.0.0 Accepted as ...
    # the envelope is gone after the text
    C: DATA
    S: 503 5.5.1 Say MAIL first
    C: RSET
    S: 250 2.0.0 OK
  `,
  );
  assert.deepEqual(
    refused.map((event) => [event.recipient, event.data.phase, event.data.reason]),
    [
      ['nobody@here.test', 'rcpt', 'mailboxUnknown'],
      ['carol@here.test', 'rcpt', 'mailboxDisabled'],
      ['someone@else.test', 'rcpt', 'relayDenied'],
    ],
  );
});

test('a group of pipelined commands is answered in order, and DATA may end it', async () => {
  const { connect, taken } = testServer('mx');
  await converse(
    connect(),
    `${hello}
    C~ MAIL FROM:<>\\r\\nRCPT TO:<Postmaster>\\r\\nRCPT TO:<nobody@here.test>\\r\\nRCPT TO:<a..b@here.test>\\r\\nDATA\\r\\n
    S: 250 2.1.0 ...
    S: 250 2.1.5 ...
    S: 550 5.1.1 ...
    S: 250 2.1.5 ...
    S: 354 ...
    C~ A: b\\r\\n\\r\\nc\\r\\n.\\r\\nMAIL FROM:<x@y.test>\\r\\nRCPT TO:<bob@here.test>\\r\\nDATA\\r\\n
    S: 250 2.0.0 ...
    S: 250 2.1.0 ...
    S: 250 2.1.5 ...
    S: 354 ...
    C~ .\\r\\nQUIT\\r\\n
    S: 250 2.0.0 ...
    S: 221 ...
    S(closed)
  `,
  );
  assert.deepEqual(
    taken.map(({ submission }) => submission.recipients.map((to) => to.address)),
    [['postmaster', 'a..b@here.test'], ['bob@here.test']],
  );
  assert(!taken[0]!.text.includes('for <'), 'with several recipients none is named');
});

/** Extensions in the answer to EHLO. */
async function offered(kind: ListenerKind, how?: TestServerOptions): Promise<string[]> {
  const client = testServer(kind, { clock: new TestClock(), ...how }).connect();
  client.write(`${kind === 'lmtp' ? 'LHLO' : 'EHLO'} there.test\r\n`);
  const heard: string[] = [];
  for await (const chunk of client) {
    heard.push(...(chunk as Buffer).toString().split('\r\n'));
    if (heard.some((line) => line.startsWith('250 '))) break;
  }
  return heard.filter((line) => line.startsWith('250')).map((line) => line.slice(4));
}

test('EHLO lists what the listener offers, and nothing else', async () => {
  const base = [
    'mx.here.test',
    'PIPELINING',
    'SIZE 52428800',
    '8BITMIME',
    'SMTPUTF8',
    'ENHANCEDSTATUSCODES',
    'CHUNKING',
    'BINARYMIME',
    'DSN',
    'LIMITS MAILMAX=10000 RCPTMAX=1000',
  ];
  const submitters = ['FUTURERELEASE 5184000 2024-01-13T22:13:20Z', 'DELIVERBY', 'MT-PRIORITY MIXER'];
  assert.deepEqual(await offered('mx'), [...base, 'HELP']);
  assert.deepEqual(await offered('lmtp'), base);
  assert.deepEqual(await offered('submission'), [...base, ...submitters, 'HELP'], 'no AUTH without TLS');
  const trusted = { options: { trustedNetworks: ['192.0.2.0/24'] } };
  assert.deepEqual(await offered('relay', trusted), [...base, ...submitters, 'HELP']);
  assert.deepEqual(await offered('relay'), [...base, 'HELP']);
});

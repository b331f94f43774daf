/**
 * Nobody relays through us who may not: the ways that tests for open relays try, from outside and in each role of a listener, against the whole
 * program. Everything that leaves the server would go to a sink, which sees at the end what did.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { MailSink } from '../mail-sink.ts';
import { converse } from '../converse.ts';
import { password, RunningServer } from '../running-server.ts';

/** Addresses that are not ours, however they are written. */
const elsewhere = [
  '<victim@elsewhere.test>',
  '<victim@ELSEWHERE.TEST>',
  '<"victim"@elsewhere.test>',
  '<postmaster@elsewhere.test>',
  '<@here.test:victim@elsewhere.test>',
  '<@elsewhere.test,@here.test:victim@elsewhere.test>',
  '<victim@sub.here.test>',
  '<victim@here.test.elsewhere.test>',
  '<victim@xhere.test>',
  '<victim@[192.0.2.99]>',
  '<victim@[IPv6:2001:db8::99]>',
  '<victim@[IPv6:::ffff:192.0.2.99]>',
];

/** At the server itself, by name or address, where only postmaster and abuse are (RFC 5321, 4.5.1). */
const atServer = [
  '<victim%elsewhere.test@mx.here.test>',
  '<victim%elsewhere.test@[127.0.0.1]>',
  '<"elsewhere.test!victim"@[127.0.0.1]>',
];

/** Addresses of ours that some would have mean another's. */
const twisted = [
  '<victim%elsewhere.test@here.test>',
  '<victim%elsewhere.test%here.test@here.test>',
  '<"victim@elsewhere.test"@here.test>',
  '<"victim%elsewhere.test"@here.test>',
  '<elsewhere.test!victim@here.test>',
  '<SRS0=AAAA=ZZ=elsewhere.test=victim@here.test>',
  '<SRS1=AAAA=elsewhere.test==BBBB=ZZ=third.test=victim@here.test>',
];

/** What is no address at all. */
const broken = [
  '<victim@elsewhere.test@here.test>',
  '<victim%elsewhere.test>',
  '<elsewhere.test!victim>',
  '<"victim@elsewhere.test">',
  '<victim@elsewhere.test\\here.test>',
  '<victim@elsewhere.test>@here.test',
  '<victim@elsewhere.test, alice@here.test>',
];

const senders = [
  '<>',
  '<spammer@elsewhere.test>',
  '<alice@here.test>',
  '<nobody@here.test>',
  '<spammer@mx.here.test>',
  '<spammer@[127.0.0.1]>',
  '<postmaster@here.test>',
];

const hello = 'S: 220 ...\nC: EHLO client.test\nS* 250 HELP';
const rcpt = (address: string, reply: string): string => `C: RCPT TO:${address}\nS: ${reply}`;

describe('open relay', () => {
  let server: RunningServer;
  let sink: MailSink;
  before(async () => {
    sink = await MailSink.start();
    server = await RunningServer.start({
      listeners: {
        mx: {},
        relay: { proxyFrom: ['127.0.0.1'], trustedNetworks: ['10.9.0.0/16', '2001:db8:9::/48'] },
        lmtp: {},
        submission: {},
      },
      settings: {
        submission: { plainTextLogin: true },
        // Whoever tries all of this would be sent away soon.
        filters: { exemptNetworks: ['0.0.0.0/0', '::/0'] },
        delivery: { ownNetworksAllowed: true },
        routes: [{ domain: '*', hosts: [`127.0.0.1:${sink.port}`], tls: 'none' }],
        dns: { zone: [{ name: '*', type: 'TXT', data: 'nothing' }] },
      },
      accounts: ['alice@here.test', 'bob@here.test'],
    });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  async function talk(kind: 'mx' | 'relay' | 'lmtp' | 'submission', script: string): Promise<void> {
    const socket: Socket = connect(server.port(kind), '127.0.0.1');
    await once(socket, 'connect');
    await converse(socket, script);
    socket.destroy();
  }

  /** Few at a time: too many errors end a session. */
  async function refusesAll(kind: 'mx' | 'relay', from: string, first: string): Promise<void> {
    const refusals = [
      ...[...elsewhere, ...atServer].map((address) => rcpt(address, '550 5.7.1 Relay denied...')),
      ...twisted.map((address) => rcpt(address, '550 5.1.1 ...')),
      ...broken.map((address) => rcpt(address, '501 5...')),
    ];
    while (refusals.length > 0) {
      const some = refusals.splice(0, 15).join('\n');
      await talk(
        kind,
        `${first}${hello}\nC: MAIL FROM:${from}\nS: 250 ...\n${some}\nC: DATA\nS: 554 5.5.1 ...`,
      );
    }
  }

  test('the MX takes mail for our own addresses alone, whoever is said to send it', async () => {
    for (const from of senders) await refusesAll('mx', from, '');
    const subset = elsewhere
      .slice(0, 3)
      .map((address) => rcpt(address, '550 5.7.1 ...'))
      .join('\n');
    await talk(
      'mx',
      `S: 220 ...\nC: HELO here.test\nS: 250 ...\nC: MAIL FROM:<alice@here.test>\nS: 250 ...\n${subset}`,
    );
  });

  test('the MX knows no login, and nobody tells it who somebody else is', async () => {
    await talk(
      'mx',
      `${hello}
      C: AUTH PLAIN AGFsaWNlQGhlcmUudGVzdABhLXRlc3QtcGFzc3dvcmQ=
      S: 502 5.5.1 ...
      C: XCLIENT ADDR=10.9.1.1
      S: 502 5.5.1 ...
      C: ETRN elsewhere.test
      S: 502 5.5.1 ...
      C: EXPN all
      S: 502 5.7.0 ...
      C: MAIL FROM:<> AUTH=alice@here.test
      S: 250 ...
      C: RCPT TO:<victim@elsewhere.test>
      S: 550 5.7.1 ...`,
    );
    await talk('mx', 'S: 220 ...\nC: PROXY TCP4 10.9.1.1 10.9.0.1 4000 25\nS: 500 5.5.1 ...');
  });

  test('a listener for trusted networks is an MX to everybody else', async () => {
    for (const ip of ['8.8.1.1', '10.8.255.255', '127.0.0.1']) {
      const first = `C: PROXY TCP4 ${ip} 192.0.2.25 4000 25\n`;
      await refusesAll('relay', '<alice@here.test>', first);
    }
    for (const ip of ['2001:db8:8::1', '::ffff:8.8.1.1', '::ffff:a08:1']) {
      const first = `C: PROXY TCP6 ${ip} 2001:db8::25 4000 25\n`;
      await refusesAll('relay', '<>', first);
    }
  });

  test('trusted networks relay, and twisted addresses of ours are ours to them, too', async () => {
    for (const proxy of [
      'TCP4 10.9.1.1 192.0.2.25',
      'TCP6 2001:db8:9::1 2001:db8::25',
      'TCP6 ::ffff:10.9.1.2 ::ffff:192.0.2.25',
    ]) {
      const no = twisted.map((address) => rcpt(address, '550 5.1.1 ...')).join('\n');
      await talk(
        'relay',
        `C: PROXY ${proxy} 4000 25
        ${hello}
        C: MAIL FROM:<printer@here.test>
        S: 250 ...
        ${no}
        C: RCPT TO:<trusted@elsewhere.test>
        S: 250 ...
        C: DATA
        S: 354 ...
        C~ From: printer@here.test\\r\\nSubject: page\\r\\n\\r\\nOut of paper\\r\\n.\\r\\n
        S: 250 ...`,
      );
    }
  });

  test('LMTP is for our own mailboxes', async () => {
    const no = [
      ...elsewhere.slice(0, 8).map((address) => rcpt(address, '550 5.7.1 ...')),
      ...twisted.slice(0, 8).map((address) => rcpt(address, '550 5.1.1 ...')),
    ].join('\n');
    await talk(
      'lmtp',
      `S: 220 ...\nC: LHLO client.test\nS* 250 ...\nC: MAIL FROM:<>\nS: 250 2.1.0 ...\n${no}`,
    );
  });

  test('submission takes nothing without a login', async () => {
    for (const from of senders) await talk('submission', `${hello}\nC: MAIL FROM:${from}\nS: 530 5.7.0 ...`);
    await talk(
      'submission',
      `${hello}\nC: RCPT TO:<victim@elsewhere.test>\nS: 503 5.5.1 ...\nC: DATA\nS: 503 5.5.1 ...`,
    );
    const wrong = Buffer.from('\0alice@here.test\0guess').toString('base64');
    await talk(
      'submission',
      `${hello}\nC: AUTH PLAIN ${wrong}\nS: 535 5.7.8 ...\nC: MAIL FROM:<alice@here.test>\nS: 530 5.7.0 ...`,
    );
  });

  test('who has logged in sends to anybody, in its own name alone', async () => {
    const login = Buffer.from(`\0alice@here.test\0${password}`).toString('base64');
    const others = [
      '<bob@here.test>',
      '<spammer@elsewhere.test>',
      '<"alice@here.test"@elsewhere.test>',
      '<postmaster@here.test>',
    ];
    const no = others.map((from) => `C: MAIL FROM:${from}\nS: 550 5.7.1 ...`).join('\n');
    await talk(
      'submission',
      `${hello}
      C: AUTH PLAIN ${login}
      S: 235 ...
      ${no}
      C: MAIL FROM:<alice@here.test>
      S: 250 ...
      C: RCPT TO:<own@elsewhere.test>
      S: 250 ...
      C: DATA
      S: 354 ...
      C~ From: bob@here.test\\r\\nSubject: forged\\r\\n\\r\\nx\\r\\n.\\r\\n
      S: 550 5.7.1 ...
      C: MAIL FROM:<alice@here.test>
      S: 250 ...
      C: RCPT TO:<own@elsewhere.test>
      S: 250 ...
      C: DATA
      S: 354 ...
      C~ From: alice@here.test\\r\\nSubject: mine\\r\\n\\r\\nx\\r\\n.\\r\\n
      S: 250 ...`,
    );
  });

  test('what left the server is what was allowed, and nothing else waits to', async () => {
    for (let tries = 0; tries < 200 && sink.mails.length < 4; tries++) await wait(50);
    assert.deepEqual(sink.mails.map(({ subject }) => subject).toSorted(), ['mine', 'page', 'page', 'page']);
    assert.match(server.command('queue'), /The queue is empty/);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../queue/attempt.ts';
import type { Bodies } from '../../store/body.ts';
import { deliverTo, noBodies, remoteTo, testServer, type ServerOptions } from '../testing.ts';

const withEverything = [
  'PIPELINING',
  '8BITMIME',
  'SMTPUTF8',
  'DSN',
  'SIZE 1000000',
  'CHUNKING',
  'BINARYMIME',
];

/** How it ended, in a line. */
function told(outcome: Outcome): string {
  if (outcome.is === 'delivered') return `delivered ${outcome.event?.reply}`;
  if (outcome.is === 'redirected') return 'redirected';
  return `${outcome.is} ${outcome.answer.phase} ${outcome.answer.reply}`;
}

async function deliver(
  server: ServerOptions,
  to: readonly string[],
  options: Parameters<typeof deliverTo>[2] = {},
) {
  await using listening = await testServer(server);
  const remote = remoteTo(listening.port);
  const result = await deliverTo(remote, to, options);
  remote.stop();
  return {
    told: result.outcomes.map(told),
    result,
    heard: listening.heard,
    texts: listening.texts,
    connections: listening.connections,
  };
}

const refusing = (pattern: RegExp, reply: string): ServerOptions => ({
  answer: (line) => (pattern.test(line) ? reply : undefined),
});

test('a mail is one MAIL, its RCPTs and DATA in one write, and its text', async () => {
  const { told, heard, texts } = await deliver({}, ['a@there.test', 'b@there.test']);
  assert.deepEqual(told, ['delivered 250 2.0.0 Taken', 'delivered 250 2.0.0 Taken']);
  assert.deepEqual(heard, [
    'EHLO here.test',
    'MAIL FROM:<sender@here.test> SIZE=25',
    'RCPT TO:<a@there.test>',
    'RCPT TO:<b@there.test>',
    'DATA',
    '.',
  ]);
  assert.deepEqual(texts, ['Subject: Hello\r\n\r\nHello\r\n']);
});

test('without PIPELINING each command waits for its reply; a server that knows only HELO is spoken to so', async () => {
  let pending = 0;
  const { told, heard } = await deliver(
    {
      answer: async (line) => {
        assert.equal(++pending, 1, `${line} came before the reply to the one before`);
        await new Promise((resolve) => setImmediate(resolve));
        pending -= 1;
        return line.startsWith('EHLO')
          ? '502 5.5.1 What?'
          : line.startsWith('RCPT TO:<no')
            ? '550 5.1.1 No'
            : undefined;
      },
    },
    ['a@there.test', 'no@there.test', 'b@there.test'],
  );
  assert.deepEqual(told, [
    'delivered 250 2.0.0 Taken',
    'failed rcpt 550 5.1.1 No',
    'delivered 250 2.0.0 Taken',
  ]);
  assert.deepEqual(heard.slice(0, 3), ['EHLO here.test', 'HELO here.test', 'MAIL FROM:<sender@here.test>']);
});

test('with CHUNKING the text goes by BDAT, dots and all', async () => {
  const text = 'Subject: x\r\n\r\n.\r\n..\r\n.end\r\n';
  const { told, heard, texts } = await deliver({ extensions: withEverything }, ['a@there.test'], { text });
  assert.deepEqual(told, ['delivered 250 2.0.0 Taken']);
  assert.deepEqual(heard.slice(-2), ['RCPT TO:<a@there.test>', `BDAT ${text.length} LAST`]);
  assert.deepEqual(texts, [text]);
});

test('dots at line starts are stuffed, bare CR and LF never leave, and the last line is ended', async () => {
  const { texts } = await deliver({}, ['a@there.test'], { text: '.a\n.\r.b\r\n..c' });
  assert.deepEqual(texts, ['..a\r\n..\r\n..b\r\n...c\r\n']);
});

test('each phase can refuse, for now or for good', async () => {
  const cases: readonly (readonly [ServerOptions, string])[] = [
    [{ banner: '421 4.3.2 Closing' }, 'deferred banner 421 4.3.2 Closing'],
    [{ banner: '554 5.7.1 Not you' }, 'deferred banner 554 5.7.1 Not you'],
    [{ banner: 'SSH-2.0-OpenSSH' }, 'deferred banner 451 4.4.2 not a reply: SSH-2.0-OpenSSH'],
    [refusing(/^EHLO/, '450 4.7.1 Later'), 'deferred ehlo 450 4.7.1 Later'],
    [refusing(/^MAIL/, '451 4.7.1 Greylisted'), 'deferred mail 451 4.7.1 Greylisted'],
    [refusing(/^MAIL/, '550 5.7.1 Not from you'), 'failed mail 550 5.7.1 Not from you'],
    [refusing(/^RCPT/, '450 4.2.1 Busy'), 'deferred rcpt 450 4.2.1 Busy'],
    [
      refusing(/^RCPT/, '550-5.1.1 No such user\r\n550 5.1.1 Ask elsewhere'),
      'failed rcpt 550 5.1.1 No such user 5.1.1 Ask elsewhere',
    ],
    [refusing(/^DATA/, '451 4.3.0 Not now'), 'deferred data 451 4.3.0 Not now'],
    [refusing(/^DATA/, '554 5.5.1 No valid recipients'), 'failed data 554 5.5.1 No valid recipients'],
    [refusing(/^\.$/, '452 4.3.1 Disk full'), 'deferred dot 452 4.3.1 Disk full'],
    [refusing(/^\.$/, '550 5.7.1 Spam'), 'failed dot 550 5.7.1 Spam'],
    [refusing(/^RCPT/, '421 4.7.0 Too much'), 'deferred rcpt 421 4.7.0 Too much'],
    [refusing(/^\.$/, '421 4.3.2 Going down'), 'deferred dot 421 4.3.2 Going down'],
  ];
  for (const [server, expected] of cases) {
    const { told } = await deliver(server, ['a@there.test']);
    assert.deepEqual(told, [expected]);
  }
});

test('the same refusals over BDAT', async () => {
  const cases: readonly (readonly [RegExp, string, string])[] = [
    [/^MAIL/, '451 4.7.1 Later', 'deferred mail 451 4.7.1 Later'],
    [/^RCPT/, '550 5.1.1 No', 'failed rcpt 550 5.1.1 No'],
    [/^BDAT/, '550 5.7.1 Spam', 'failed dot 550 5.7.1 Spam'],
  ];
  for (const [pattern, reply, expected] of cases) {
    const answer = (line: string): string | undefined =>
      pattern.test(line)
        ? reply
        : line.startsWith('BDAT') && !pattern.test('BDAT')
          ? '503 5.5.1 No recipients'
          : undefined;
    const { told } = await deliver({ extensions: withEverything, answer }, ['a@there.test']);
    assert.deepEqual(told, [expected]);
  }
});

test('when every recipient is refused and the server still asks for the text, it gets an empty one', async () => {
  await using server = await testServer(refusing(/^RCPT TO:<no/, '550 5.1.1 No'));
  const remote = remoteTo(server.port);
  const first = await deliverTo(remote, ['no@there.test']);
  const second = await deliverTo(remote, ['yes@there.test']);
  assert.deepEqual([...first.outcomes, ...second.outcomes].map(told), [
    'failed rcpt 550 5.1.1 No',
    'delivered 250 2.0.0 Taken',
  ]);
  assert.equal(server.connections, 1);
  assert.deepEqual(server.texts, ['', 'Subject: Hello\r\n\r\nHello\r\n']);
  remote.stop();
});

test('a connection lost before the dot is tried anew; lost behind it, nobody knows', async () => {
  let losses = 1;
  const losing = (pattern: RegExp): ServerOptions => ({
    answer: (line, connection) => {
      if (!pattern.test(line) || losses-- <= 0) return undefined;
      connection.destroy('test');
      return '';
    },
  });
  const before = await deliver(losing(/^RCPT/), ['a@there.test']);
  assert.deepEqual(before.told, ['delivered 250 2.0.0 Taken']);
  assert.equal(before.connections, 2);
  losses = 1;
  const behind = await deliver(losing(/^\.$/), ['a@there.test']);
  assert.match(behind.told[0]!, /^unknown dot 451 4\.4\.2 Connection lost/);
  assert.equal(behind.connections, 1);
  losses = 100;
  const always = await deliver(losing(/^MAIL/), ['a@there.test']);
  assert.match(always.told[0]!, /^deferred mail 451 4\.4\.2 Connection lost/);
});

test('without a valid lease the dot is not sent', async () => {
  const { told, texts } = await deliver({}, ['a@there.test'], { leaseValid: () => false });
  assert.match(told[0]!, /^deferred/);
  assert.deepEqual(texts, []);
});

test('a server that takes fewer recipients at once gets the rest in further transactions', async () => {
  let count = 0;
  const server: ServerOptions = {
    answer: (line) => {
      if (line.startsWith('MAIL')) count = 0;
      return line.startsWith('RCPT') && ++count > 2 ? '452 4.5.3 Too many recipients' : undefined;
    },
  };
  const to = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@there.test`);
  const { told, texts, heard } = await deliver(server, to);
  assert.deepEqual(
    told,
    to.map(() => 'delivered 250 2.0.0 Taken'),
  );
  assert.equal(texts.length, 3);
  assert.equal(heard.filter((line) => line.startsWith('RCPT')).length, 5 + 3 + 1);
});

test('no more recipients are named than a server has said it takes, in all and of different domains', async () => {
  const limited = async (limits: string, to: readonly string[]) => {
    const { told, heard } = await deliver({ extensions: ['PIPELINING', `LIMITS ${limits}`] }, to);
    assert.deepEqual(
      told,
      to.map(() => 'delivered 250 2.0.0 Taken'),
    );
    const transactions = heard.join('\n').split(/^MAIL.*\n/m);
    return transactions.slice(1).map((lines) => lines.match(/^RCPT/gm)!.length);
  };
  const names = ['a', 'b', 'c', 'd', 'e'];
  const five = names.map((name) => `${name}@there.test`);
  assert.deepEqual(await limited('RCPTMAX=2', five), [2, 2, 1]);
  assert.deepEqual(await limited('MAILMAX=10 RCPTMAX=5', five), [5]);
  const domains = ['a@there.test', 'b@other.test', 'c@there.test', 'd@third.test'];
  assert.deepEqual(await limited('RCPTDOMAINMAX=1', domains), [2, 1, 1]);
});

test('recipients left for a further transaction share the fate of one that is refused before any is named', async () => {
  const server: ServerOptions = {
    extensions: ['PIPELINING', 'LIMITS RCPTMAX=1'],
    answer: (line) => (line.startsWith('MAIL') ? '550 5.7.1 Not from you' : undefined),
  };
  const { told, heard } = await deliver(server, ['a@there.test', 'b@there.test']);
  assert.deepEqual(told, ['failed mail 550 5.7.1 Not from you', 'failed mail 550 5.7.1 Not from you']);
  assert.equal(heard.filter((line) => line.startsWith('MAIL')).length, 1);
});

test('the next mail follows behind the text of the one before, over the same connection', async () => {
  await using server = await testServer();
  const remote = remoteTo(server.port);
  const results = await Promise.all(
    ['a', 'b', 'c'].map((name) => deliverTo(remote, [`${name}@there.test`], { connectionsMax: 1 })),
  );
  assert.ok(results.every((r) => r.outcomes[0]!.is === 'delivered'));
  assert.equal(server.connections, 1);
  assert.equal(server.texts.length, 3);
  const [first] = results;
  assert.ok(
    first?.outcomes[0]?.is === 'delivered' && first.outcomes[0].event!.dns!.length >= 2,
    'the first tells what DNS said',
  );
  remote.stop();
});

test('a mail behind one that failed is not harmed by it', async () => {
  for (const extensions of [['PIPELINING'], ['PIPELINING', 'CHUNKING']]) {
    let inMail = false;
    await using server = await testServer({
      extensions,
      answer: (line) => {
        if (line === 'RSET') inMail = false;
        if (line.startsWith('MAIL')) {
          if (inMail) return '503 5.5.1 Nested MAIL';
          inMail = true;
        }
        if (line.startsWith('RCPT TO:<no')) return '550 5.1.1 No';
        if (line.startsWith('RCPT') && !inMail) return '503 5.5.1 MAIL first';
        if (line === 'DATA' || line.startsWith('BDAT')) {
          const rcpt = server.heard.findLast((l) => l.startsWith('RCPT'));
          if (rcpt?.includes('<no')) return '554 5.5.1 No valid recipients';
        }
        if (line === '.' || line.startsWith('BDAT')) inMail = false;
        return undefined;
      },
    });
    const remote = remoteTo(server.port);
    const names = ['no1', 'a', 'no2', 'b'];
    const results = await Promise.all(
      names.map((name) => deliverTo(remote, [`${name}@there.test`], { connectionsMax: 1 })),
    );
    assert.deepEqual(
      results.map((r) => r.outcomes[0]!.is),
      ['failed', 'delivered', 'failed', 'delivered'],
      extensions.join(),
    );
    remote.stop();
  }
});

test('SIZE, 8BITMIME, SMTPUTF8, DSN: what the server takes is said, what it does not is judged', async () => {
  const full = await deliver({ extensions: withEverything }, ['利用者@there.test'], {
    text: Buffer.from('Subject: 件名\r\n\r\n本文\r\n'),
    smtpUtf8: true,
    bodyKind: '8bitmime',
    sender: '送信者@例え.test',
    envid: 'id+1',
    ret: 'hdrs',
    recipient: { notify: ['success', 'failure'], orcpt: 'utf-8;利用者@there.test' },
  });
  assert.deepEqual(full.heard.slice(1, 3), [
    'MAIL FROM:<送信者@例え.test> SIZE=27 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+2B1',
    'RCPT TO:<利用者@there.test> NOTIFY=SUCCESS,FAILURE ORCPT=utf-8;利用者@there.test',
  ]);
  const asked = async (ret: 'full' | '') =>
    (await deliver({ extensions: ['DSN'] }, ['a@there.test'], { ret })).heard[1];
  assert.equal(await asked('full'), 'MAIL FROM:<sender@here.test> RET=FULL');
  assert.equal(await asked(''), 'MAIL FROM:<sender@here.test>');
  const big = await deliver({ extensions: ['SIZE 10'] }, ['a@there.test']);
  assert.match(big.told[0]!, /^failed mail 552 5\.3\.4/);
  const name = await deliver({}, ['利用者@there.test'], { smtpUtf8: true });
  assert.match(name.told[0]!, /^failed rcpt 550 5\.6\.7/);
  const domain = await deliver({}, ['a@there.test'], { smtpUtf8: true, sender: 'a@例え.test' });
  assert.equal(domain.heard[1], 'MAIL FROM:<a@xn--r8jz45g.test> SIZE=25');
  const header = await deliver({}, ['a@there.test'], {
    smtpUtf8: true,
    text: Buffer.from('Subject: 件名\r\n\r\nx\r\n'),
  });
  assert.match(header.told[0]!, /^failed mail 550 5\.6\.7/);
  const dsn = await deliver({}, ['a@there.test']);
  assert.ok(dsn.result.outcomes[0]?.is === 'delivered' && dsn.result.outcomes[0].notice === 'relayed');
});

test('8-bit text for a 7-bit server is encoded anew, part by part; signed mail is returned instead', async () => {
  const parts = [
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--b\r\n',
    'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncafé = x\r\n--b\r\n',
    'Content-Type: text/plain\r\n\r\nplain\r\n--b--\r\n',
  ];
  const text = Buffer.from(parts.join(''));
  const sevenBit = { extensions: ['PIPELINING'] };
  const { texts, heard } = await deliver(sevenBit, ['a@there.test'], { text, bodyKind: '8bitmime' });
  assert.equal(heard[1], 'MAIL FROM:<sender@here.test>');
  assert.equal(
    texts[0],
    parts
      .join('')
      .replaceAll('Transfer-Encoding: 8bit', 'Transfer-Encoding: X')
      .replace('X', '7bit')
      .replace('X', 'quoted-printable')
      .replace('café = x', 'caf=C3=A9 =3D x'),
  );
  const signed = await deliver(sevenBit, ['a@there.test'], {
    text: Buffer.concat([Buffer.from('DKIM-Signature: v=1\r\n'), text]),
  });
  assert.match(signed.told[0]!, /^failed mail 550 5\.6\.3/);
});

test('what cannot be made 7-bit may go as it is, where the operator says so', async () => {
  const text = Buffer.from('DKIM-Signature: v=1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\ncafé\r\n');
  await using server = await testServer({ extensions: ['PIPELINING'] });
  const remote = remoteTo(server.port, { eightBitAnyway: true });
  const { outcomes } = await deliverTo(remote, ['a@there.test'], { text, bodyKind: '8bitmime' });
  remote.stop();
  assert.deepEqual(outcomes.map(told), ['delivered 250 2.0.0 Taken']);
  assert.equal(server.texts[0], text.toString('latin1'));
  assert.equal(server.heard[1], 'MAIL FROM:<sender@here.test>');
});

test('a long message whose header is plain goes to a server without SMTPUTF8, whoever else was to get it', async () => {
  const deliverLong = async (subject: string) => {
    await using server = await testServer();
    const head = `Subject: ${subject}\r\n\r\n`;
    const line = `${'x'.repeat(78)}\r\n`;
    const bytes = Buffer.from(head + line.repeat(20_000));
    const bodies: Bodies = {
      ...noBodies,
      read: async (_, start = 0, length = bytes.length) => bytes.subarray(start, start + length),
      stream: async function* () {
        yield bytes;
      },
    };
    const remote = remoteTo(server.port, {}, [], { bodies });
    const stored = { is: 'file', name: 'x', sizeBytes: bytes.length } as const;
    const result = await deliverTo(remote, ['a@there.test'], {
      stored,
      sizeBytes: bytes.length,
      smtpUtf8: true,
    });
    remote.stop();
    return result.outcomes.map(told);
  };
  assert.deepEqual(await deliverLong('plain'), ['delivered 250 2.0.0 Taken']);
  assert.match((await deliverLong('件名'))[0]!, /^failed mail 550 5\.6\.7/);
});

test('binary mail goes by BDAT untouched, or as base64 to a server that cannot take it', async () => {
  const text = Buffer.concat([
    Buffer.from(
      'MIME-Version: 1.0\r\nContent-Type: application/x-y\r\nContent-Transfer-Encoding: binary\r\n\r\n',
    ),
    Buffer.from([0, 10, 13, 200]),
  ]);
  const binary = await deliver({ extensions: withEverything }, ['a@there.test'], {
    text,
    bodyKind: 'binarymime',
  });
  assert.equal(binary.texts[0], text.toString('latin1'));
  assert.match(binary.heard[1]!, /BODY=BINARYMIME/);
  const other = await deliver({}, ['a@there.test'], { text, bodyKind: 'binarymime' });
  assert.match(other.texts[0]!, /Transfer-Encoding: base64\r\n\r\nAAoNyA==\r\n$/);
});

test('REQUIRETLS mail does not go where it is not supported', async () => {
  const { told } = await deliver({}, ['a@there.test'], { requireTls: true });
  assert.match(told[0]!, /^failed ehlo 550 5\.7\.30/);
});

test('nobody listens: the site is down, and the journey tells what DNS said', async () => {
  const server = await testServer();
  await server[Symbol.asyncDispose]();
  const result = await deliverTo(remoteTo(server.port), ['a@there.test']);
  const [outcome] = result.outcomes;
  assert.ok(outcome?.is === 'deferred' && outcome.siteDown);
  assert.match(told(outcome), /^deferred connect 451 4\.4\.1 Connection refused/);
  const [conversation] = result.conversations;
  assert.equal(conversation!.dns[0]!.type, 'MX');
  assert.equal(conversation!.port, server.port);
});

test('domains that share their servers share connections; the journey of each tells its own MX', async () => {
  await using server = await testServer({
    answer: (line) => (line.startsWith('RCPT') ? '450 4.2.1 Busy' : undefined),
  });
  const other = { name: 'other.test', type: 'MX', data: '10 mx.there.test' } as const;
  const remote = remoteTo(server.port, {}, [other]);
  const domains = ['there.test', 'other.test'];
  for (const domain of domains) await remote.route(domain);
  const results = await Promise.all(domains.map((domain) => deliverTo(remote, [`a@${domain}`])));
  for (const [i, { conversations }] of results.entries()) {
    const asked = conversations[0]!.dns.filter((step) => step.type === 'MX').map((step) => step.name);
    assert.deepEqual(asked, [domains[i]]);
  }
  remote.stop();
});

test('when every connection has carried its last message, what waits gets new ones', async () => {
  await using server = await testServer();
  const remote = remoteTo(server.port, { connectionMessagesMax: 3 });
  const names = Array.from({ length: 20 }, (_, i) => `a${i}@there.test`);
  const results = await Promise.all(names.map((name) => deliverTo(remote, [name], { connectionsMax: 2 })));
  assert.ok(results.every((r) => r.outcomes[0]!.is === 'delivered'));
  assert.ok(server.connections >= 7 && server.connections <= 8, `${server.connections} connections`);
  remote.stop();
});

test('idle connections are closed with QUIT, and after so many messages too', async () => {
  await using server = await testServer();
  const remote = remoteTo(server.port, { connectionMessagesMax: 2 });
  for (let i = 0; i < 3; i++) await deliverTo(remote, [`a${i}@there.test`]);
  assert.equal(server.connections, 2);
  assert.equal(server.heard.filter((line) => line === 'QUIT').length, 1);
  remote.stop();
});

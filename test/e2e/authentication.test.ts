/** Mail from outside at the MX of the whole program: proved, refused, put into Junk; told in the message and in its journey. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { signedBy, testDns } from '../../src/policy/testing.ts';
import { ImapClient } from '../interop/imap-client.ts';
import { password, RunningServer } from '../running-server.ts';

const zone = (): object[] => {
  const keys = testDns({}, ['strict.test']).texts;
  const [[keyName, [key]]] = [...keys] as unknown as [[string, [string]]];
  return [
    { name: 'strict.test', type: 'TXT', data: 'v=spf1 ip4:127.0.0.1 -all' },
    { name: '_dmarc.strict.test', type: 'TXT', data: 'v=DMARC1; p=reject' },
    { name: keyName, type: 'TXT', data: key },
    { name: '_dmarc.careful.test', type: 'TXT', data: 'v=DMARC1; p=quarantine' },
    { name: 'other.test', type: 'TXT', data: 'v=spf1 -all' },
    { name: '_dmarc.test', type: 'TXT', data: 'no policy' },
    { name: 'mail.sender.test', type: 'TXT', data: 'nothing' },
  ];
};

const message = (from: string, subject: string): string =>
  `From: ${from}\r\nTo: alice@here.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@sender.test>\r\n\r\nHello\r\n`;

interface Read {
  readonly subject: string;
  readonly results: string;
}

async function read(port: number, mailbox: string): Promise<Read[]> {
  using client = await ImapClient.open(port, 'alice@here.test', password);
  if (!(await client.say(`EXAMINE ${mailbox}`)).status.startsWith('OK')) return [];
  const fetch = 'FETCH 1:* (ENVELOPE BODY.PEEK[HEADER.FIELDS (AUTHENTICATION-RESULTS)])';
  const { untagged } = await client.say(fetch);
  return untagged
    .filter(([, word]) => word === 'FETCH')
    .map(([, , items]) => {
      const [, envelope, , header] = items as unknown as [string, readonly string[], string, string];
      return { subject: envelope[1]!, results: header.replace(/\s+/g, ' ') };
    });
}

async function waitFor(what: () => Promise<Read[]>): Promise<Read> {
  for (let tries = 0; tries < 600; tries++) {
    const [found] = await what();
    if (found) return found;
    await wait(50);
  }
  return assert.fail('no mail has come');
}

test('mail from outside is proved, refused or put into Junk, and its journey says why', async () => {
  await using server = await RunningServer.start({
    listeners: { mx: {}, imap: {} },
    settings: { imap: { plainTextLogin: true }, dns: { zone: zone() } },
    accounts: ['alice@here.test'],
  });
  const transport = createTransport({
    host: '127.0.0.1',
    port: server.port('mx'),
    name: 'mail.sender.test',
    ignoreTLS: true,
  });
  const send = (from: string, raw: string): Promise<unknown> =>
    transport.sendMail({ envelope: { from, to: ['alice@here.test'] }, raw });

  await send('bob@strict.test', await signedBy('strict.test', message('bob@strict.test', 'proved')));
  await send('x@careful.test', message('x@careful.test', 'quarantined'));
  const refused = await send('x@other.test', message('ceo@strict.test', 'forged')).then(
    () => 'taken',
    (error: { response?: string }) => error.response ?? 'no reply',
  );
  assert.match(
    refused,
    /^550 5\.7\.1 strict\.test asks \(DMARC p=reject\) to refuse mail .* SPF fail for other\.test, DKIM none$/,
  );

  const proved = await waitFor(() => read(server.port('imap'), 'INBOX'));
  assert.equal(proved.subject, 'proved');
  assert.match(
    proved.results,
    /mx\.here\.test; spf=none .*spf=pass smtp\.mailfrom=bob@strict\.test; dkim=pass .*dmarc=pass \(p=reject\)/,
  );
  assert.equal((await waitFor(() => read(server.port('imap'), 'Junk'))).subject, 'quarantined');

  assert.match(server.command('journey', '<proved@sender.test>'), /The sender strict\.test is genuine/);
  const told = server.command('journey', '<quarantined@sender.test>', '--language', 'ja');
  assert.match(told, /careful\.test からのメールであることを証明できません。迷惑メールへ/);

  // The organisation would rather have such mail in Junk, and that of one domain not at all; its domain has it otherwise again.
  assert.match(server.command('sender', 'set', '--dmarc', 'junk'), /^dmarc: junk$/m);
  assert.match(
    server.command('sender', 'rule', 'careful.test', 'refuse'),
    /^mail of careful\.test: refuse$/m,
  );
  await send('x@other.test', message('ceo@strict.test', 'spared'));
  await assert.rejects(send('x@careful.test', message('x@careful.test', 'unwanted')), /not taken here/);
  assert.equal(
    (await waitFor(async () => (await read(server.port('imap'), 'Junk')).slice(1))).subject,
    'spared',
  );
  server.command('sender', 'trust', 'list.test', '--domain', 'here.test');
  server.command('sender', 'set', '--domain', 'here.test', '--dmarc', 'obey', '--spf-fail', 'refuse');
  const shown = server.command('sender', 'show', '--domain', 'here.test');
  assert.match(shown, /^dmarc: obey\nspfFail: refuse\ntrusted forwarder: list\.test$/m);
  await assert.rejects(send('x@other.test', message('ceo@strict.test', 'forged again')), /DMARC p=reject/);
  server.command('sender', 'set', '--domain', 'here.test', '--dmarc', 'server', '--spf-fail', 'server');
  assert.match(
    server.command('sender', 'distrust', 'list.test', '--domain', 'here.test'),
    /^as one level up$/m,
  );
  const wrong = server.tryCommand('sender', 'set', '--dmarc', 'sometimes');
  assert.match(wrong.said, /--dmarc: "sometimes" is none of obey, junk, ignore, server/);
});

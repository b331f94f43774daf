/** What owners call junk is learned, and what accounts send is bounded and watched: by the whole program, over a crash. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openStoreHost } from '../../src/app/open-store.ts';
import { silentLog } from '../../src/base/log.ts';
import { noteSending } from '../../src/policy/sending-profiles.ts';
import { rows } from '../../src/store/transaction.ts';
import { converse } from '../converse.ts';
import { ImapClient } from '../interop/imap-client.ts';
import { MailSink } from '../mail-sink.ts';
import { password, RunningServer } from '../running-server.ts';

const alice = 'alice@here.test';
const bob = 'bob@here.test';
const dayMs = 24 * 3_600_000;
const login = (user: string): string => Buffer.from(`\0${user}\0${password}`).toString('base64');

async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await done()) return;
    await wait(50);
  }
  assert.fail(what);
}

async function visit(
  server: RunningServer,
  kind: 'mx' | 'submission',
  ip: string,
  script: string,
): Promise<Socket> {
  const socket = connect(server.port(kind), '127.0.0.1');
  await once(socket, 'connect');
  await converse(
    socket,
    `C: PROXY TCP4 ${ip} 192.0.2.25 4321 25\nS: 220 ...\nC: EHLO mail.there.test\nS* 250 HELP\n${script}`,
  );
  return socket;
}

const text = (subject: string, body: string, from: string): string =>
  `From: ${from}\r\nTo: somebody@there.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replaceAll(' ', '-')}@id.test>\r\nDate: ${new Date().toUTCString().replace('GMT', '+0000')}\r\n\r\n${body}\r\n`;

const data = (message: string): string =>
  `C: DATA\nS: 354 ...\nC~ ${JSON.stringify(`${message}.\r\n`).slice(1, -1)}`;

/** Hands one in with a login; `end` is what is heard of it. */
async function submit(
  server: RunningServer,
  {
    user,
    subject,
    to,
    ip = '192.0.2.9',
    mail = '250 ...',
    end = '250 2.0.0 ...',
    body = 'Hello',
  }: {
    user: string;
    subject: string;
    to: readonly string[];
    ip?: string;
    mail?: string;
    end?: string;
    body?: string;
  },
): Promise<void> {
  const opening = `C: AUTH PLAIN ${login(user)}\nS: 235 ...\nC: MAIL FROM:<${user}>\nS: ${mail}`;
  const rest = [
    ...to.map((each) => `C: RCPT TO:<${each}>\nS: 250 ...`),
    data(text(subject, body, user)),
    `S: ${end}`,
  ];
  const socket = await visit(
    server,
    'submission',
    ip,
    [opening, ...(mail.startsWith('250') ? rest : [])].join('\n'),
  );
  socket.destroy();
}

describe('junk and sending', () => {
  let server: RunningServer;
  let sink: MailSink;
  before(async () => {
    sink = await MailSink.start();
    server = await RunningServer.prepare({
      listeners: { mx: { proxyFrom: ['127.0.0.1'] }, submission: { proxyFrom: ['127.0.0.1'] }, imap: {} },
      settings: {
        imap: { plainTextLogin: true },
        submission: { plainTextLogin: true },
        routes: [{ domain: '*', hosts: [`127.0.0.1:${sink.port}`], tls: 'none' }],
        dns: {
          zone: [
            { name: '*', type: 'TXT', data: 'nothing' },
            { name: 'phish.test.dbl.test', type: 'A', data: '127.0.1.4' },
          ],
        },
        filters: { lists: [{ zone: 'dbl.test', of: 'domain', weight: 20 }] },
      },
      accounts: [alice, bob],
    });
    await knownSinceLong(server);
    await server.begin();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  test('moves into Junk and filed mail are learned by account and organisation; what is taken back is unlearned; new mail is judged by it, with the words that tell', async () => {
    using client = await ImapClient.open(server.port('imap'), alice, password);
    for (let i = 0; i < 40; i++) {
      const junk = text(
        `Cheap pills ${i}`,
        `Buy cheap pills now, 当選おめでとう, http://pills.test/${i}`,
        `a${i}@junk.test`,
      );
      const mail = text(`Minutes ${i}`, `The minutes of meeting ${i}, 議事録を送ります`, 'carol@work.test');
      for (const each of [junk, mail])
        assert.match((await client.say('APPEND INBOX ', Buffer.from(each))).status, /^OK/);
    }
    await client.say('SELECT INBOX');
    const uids = (odd: number): string => Array.from({ length: 40 }, (_, i) => 2 * i + odd).join(',');
    await client.say(`UID MOVE ${uids(1)} Junk`);
    await client.say(`UID MOVE ${uids(2)} Archive`);
    const stat = (...of: string[]) =>
      JSON.parse(server.command('spam', 'stat', ...of, '--json')) as {
        spam: number;
        ham: number;
        speaks: boolean;
      };
    await until('all is learned', () => stat(alice).spam + stat(alice).ham === 80);
    assert.deepEqual(stat(), { spam: 40, ham: 40, speaks: true, speaksFrom: 30 });
    await client.say('SELECT Junk');
    await client.say('UID MOVE 40 INBOX');
    await until('it is unlearned', () => stat(alice).spam === 39);
    assert.equal(stat(alice).ham, 41);

    const message = text(
      'Cheap pills again',
      'Buy cheap pills, 当選おめでとう, http://pills.test/x',
      'z@junk.test',
    );
    const socket = await visit(
      server,
      'mx',
      '8.8.9.9',
      `C: MAIL FROM:<z@junk.test>\nS: 250 ...\nC: RCPT TO:<${alice}>\nS: 250 ...\n${data(message)}\nS: 250 ...`,
    );
    socket.destroy();
    const told = server.command('journey', '<Cheap-pills-again@id.test>');
    assert.match(told, /\+\d\.\d classifier\.spam: looks like what was called junk before \(.*pills.*\)/);
    assert.match(
      server.command('journey', '<Cheap-pills-again@id.test>', '--language', 'ja'),
      /classifier\.spam: これまで迷惑メールとされたものに似ている/,
    );
    assert.match(server.command('spam', 'forget', alice, '--yes'), /80 mails forgotten/);
    assert.deepEqual(stat(), { spam: 0, ham: 0, speaks: false, speaksFrom: 30 });
    assert.match(
      server.command('spam', 'learn', 'ham', alice, '--mailbox', 'Archive', '--limit', '5'),
      /5 mails/,
    );
    await until('a mailbox is learned', () => stat(alice).ham === 5);
  });

  test('what is above a limit is accepted, told in the journey, waits and is counted over a crash; mail within is not counted', async () => {
    assert.match(server.command('sending', 'show', bob), /no limit/);
    assert.match(server.command('sending', 'limit', '3', bob), /account: 0 of 3 recipients in a day/);
    await submit(server, { user: bob, subject: 'within', to: [alice] });
    await submit(server, { user: bob, subject: 'first', to: ['a@away.test', 'b@away.test', 'c@away.test'] });
    await until('it is sent', () => sink.mails.length === 1);
    await submit(server, { user: bob, subject: 'second', to: ['a@away.test'] });
    const told = server.command('journey', '<second@id.test>');
    assert.match(
      told,
      /Put off: it goes at .* UTC by itself\n.*the account may send to 3 recipients in a day/,
    );
    await server.kill();
    await server.begin();
    assert.match(
      server.command('sending', 'show', bob),
      /account: 4 of 3 recipients in a day; what is sent now goes at/,
    );
    assert.match(server.command('queue'), /away\.test +1 /);
    await submit(server, {
      user: bob,
      subject: 'third',
      to: Array.from({ length: 9 }, (_, i) => `x${i}@away.test`),
      end: '452 4.7.1 More mail than you may send in a day is waiting already, try again later',
    });
    assert.equal(sink.mails.length, 1);
    server.command('sending', 'limit', 'none', bob);
    await submit(server, { user: bob, subject: 'fourth', to: ['d@away.test'] });
    await until('nothing holds it', () => sink.mails.some(({ subject }) => subject === 'fourth'));
  });

  test('phishing that one of our own hands in is refused by the same chain as mail from outside', async () => {
    await submit(server, {
      user: bob,
      subject: 'phish',
      to: ['victim@away.test'],
      body: 'Your account ends today: http://www.phish.test/login',
      end: '550 5.7.1 ...uribl.dbl.test...',
    });
    assert(!sink.mails.some(({ subject }) => subject === 'phish'));
  });

  test('a login that floods strangers from a new network is paused; its owner is told, and sends again when it is resumed', async () => {
    const strangers = (of: string): string[] => Array.from({ length: 60 }, (_, i) => `${of}${i}@away.test`);
    for (const name of ['v', 'w'])
      await submit(server, { user: alice, subject: `flood ${name}`, to: strangers(name), ip: '45.9.7.3' });
    const shown = (): string => server.command('sending', 'show', alice);
    await until('it is paused', () =>
      /paused \(password\) since .*, by the server: jump 120\/1, new network, strangers/.test(shown()),
    );
    await wait(2100);
    const mail = '450 4.7.1 Sending with this login is paused...';
    await submit(server, { user: alice, subject: 'paused', to: ['v@away.test'], mail });
    using client = await ImapClient.open(server.port('imap'), alice, password);
    await until('the owner is told', async () => {
      await client.say('SELECT INBOX');
      const { untagged } = await client.say('UID SEARCH SUBJECT "Sending is paused"');
      return untagged.some(([word, ...found]) => word === 'SEARCH' && found.length > 0);
    });
    assert.match(server.command('sending', 'resume', alice), /can send again/);
    await wait(2100);
    await submit(server, { user: alice, subject: 'resumed', to: ['v@away.test'], ip: '45.9.7.3' });
    await until('it is sent', () => sink.mails.some(({ subject }) => subject === 'resumed'));
    assert.match(shown(), /^no limit\n$/);
  });
});

/** Alice has sent mail for a month, from another network. */
async function knownSinceLong(server: RunningServer): Promise<void> {
  await using host = await openStoreHost(server.settings, silentLog);
  const { store } = host;
  const [found] = await store.read(() =>
    rows<{ id: string; org: string }>('select id, org from directory_account where name = ?', alice),
  );
  const atMs = Date.now() - 30 * dayMs;
  const usual = { is: 'sent', seq: 1, atMs, ip: '192.88.1.5', recipients: ['friend@away.test'] } as const;
  const of = { account: found!.id, org: found!.org, credential: 'password' };
  await store.write(noteSending, { ...of, deeds: [usual], nowMs: atMs });
}

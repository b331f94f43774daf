/** Filters at the MX of the whole program: at the door, in the verdict, in quarantine, in Sieve; told in the message and in its journey. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { converse } from '../converse.ts';
import { ImapClient } from '../interop/imap-client.ts';
import { password, RunningServer } from '../running-server.ts';

const settings = {
  imap: { plainTextLogin: true },
  filters: {
    greetDelayMs: 200,
    unknownRecipientsMax: 6,
    lists: [
      { zone: 'bl.test', of: 'address', weight: 20 },
      { zone: 'dbl.test', of: 'domain', weight: 5 },
    ],
  },
  dns: {
    zone: [
      { name: '*', type: 'TXT', data: 'nothing' },
      { name: '1.1.8.8.bl.test', type: 'A', data: '127.0.0.2' },
      { name: 'bad.test.dbl.test', type: 'A', data: '127.0.1.2' },
    ],
  },
};

const rules = {
  quarantine: 9,
  protectedNames: ['Hanako Suzuki'],
  rules: [{ name: 'lottery', weight: 4.5, conditions: [{ of: 'text', test: 'contains', value: 'lottery' }] }],
  weights: { 'ip25b.*': 0, 'proof.*': 0 },
};

const sieve =
  'require ["spamtest", "relational", "comparator-i;ascii-numeric", "fileinto"];\r\n' +
  'if spamtest :value "ge" :comparator "i;ascii-numeric" "4" { fileinto "Suspect"; }\r\n';

async function visit(server: RunningServer, ip: string, script: string): Promise<Socket> {
  const socket = connect(server.port('mx'), '127.0.0.1');
  await once(socket, 'connect');
  await converse(socket, `C: PROXY TCP4 ${ip} 192.0.2.25 4321 25\n${script}`);
  return socket;
}

const hello = 'S: 220 ...\nC: EHLO mail.there.test\nS* 250 HELP';
const now = new Date().toUTCString().replace('GMT', '+0000');

interface Mail {
  readonly id: string;
  readonly from?: string;
  readonly text: string;
  readonly end?: string;
  readonly ip?: string;
  readonly to?: string;
}

async function bring(server: RunningServer, mail: Mail): Promise<void> {
  const {
    id,
    from = 'Bob <bob@there.test>',
    text,
    end = '250 2.0.0 ...',
    ip = '8.8.9.9',
    to = 'alice',
  } = mail;
  const header = `From: ${from}\r\nTo: ${to}@here.test\r\nSubject: ${id}\r\nDate: ${now}\r\nMessage-ID: <${id}@there.test>\r\nX-Spam-Flag: NO`;
  const socket = await visit(
    server,
    ip,
    `${hello}
    C: MAIL FROM:<bob@there.test>
    S: 250 ...
    C: RCPT TO:<${to}@here.test>
    S: 250 ...
    C: DATA
    S: 354 ...
    C~ ${JSON.stringify(`${header}\r\n\r\n${text}\r\n.\r\n`).slice(1, -1)}
    S: ${end}`,
  );
  socket.destroy();
}

/** The message that has come into the mailbox of alice. */
async function message(server: RunningServer, mailbox: string, subject: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    using client = await ImapClient.open(server.port('imap'), 'alice@here.test', password);
    if ((await client.say(`EXAMINE ${mailbox}`)).status.startsWith('OK')) {
      const { untagged } = await client.say('FETCH 1:* BODY.PEEK[]');
      const texts = untagged
        .filter(([, word]) => word === 'FETCH')
        .map(([, , items]) => String((items as unknown[])[1]));
      const found = texts.filter((text) => text.includes(`Subject: ${subject}\r\n`));
      assert(found.length <= 1, 'it came once');
      if (found.length === 1) return found[0]!;
    }
    await wait(50);
  }
  return assert.fail(`${subject} has not come into ${mailbox}`);
}

describe('filters', () => {
  let server: RunningServer;
  before(async () => {
    server = await RunningServer.start({
      listeners: { mx: { proxyFrom: ['127.0.0.1'] }, imap: {} },
      settings,
      accounts: ['alice@here.test', 'bob@here.test'],
    });
    const file = join(server.folder, 'filters.json');
    writeFileSync(file, JSON.stringify(rules));
    assert.match(
      server.command('filter', 'import', file),
      /quarantine: 9\n.*protected name: Hanako Suzuki\nrule own\.lottery: 4\.5/s,
    );
  });
  after(() => server[Symbol.asyncDispose]());

  test('a clean mail comes as it was, without what was forged', async () => {
    await bring(server, { id: 'clean', text: 'Hello' });
    const text = await message(server, 'INBOX', 'clean');
    assert(!text.includes('X-Spam-'), text);
  });

  test('what rules find adds up: into Junk, told in the header and in the journey, in both languages', async () => {
    await bring(server, {
      id: 'junk',
      text: 'You have won the LOTTERY: http://www.bad.test/',
      ip: '8.8.9.10',
    });
    await bring(server, {
      id: 'junk2',
      from: 'HANAKO Suzuki <x@evil.test>',
      text: 'A lottery',
      ip: '8.8.9.10',
    });
    // 9.5 points are enough for quarantine, 8.5 for Junk.
    const text = await message(server, 'Junk', 'junk2');
    assert.match(
      text,
      /^X-Spam-Flag: YES\r\nX-Spam-Score: 8\.5\r\nX-Spam-Status: Yes, score=8\.5 required=6\.0\r\n\ttests=own\.lottery=4\.5,from\.protected-name=4\.0\r\n/m,
    );
    const told = server.command('journey', '<junk2@there.test>');
    assert.match(told, /The filters give it 8\.5 \(limit 6\.0\): goes into Junk/);
    assert.match(told, /\+4\.5 own\.lottery: a rule of your organisation/);
    assert.match(told, /\+4\.0 from\.protected-name: .*Hanako Suzuki/);
    assert.match(
      server.command('journey', '<junk2@there.test>', '--language', 'ja'),
      /フィルターの点数 8\.5（基準 6\.0）: 迷惑メールへ/,
    );
  });

  test('what is kept in quarantine is read and released, and is delivered once then', async () => {
    const listed = JSON.parse(server.command('quarantine', 'list', '--json')) as {
      message: string;
      score: number;
    }[];
    assert.equal(listed.length, 1);
    const [{ message: id, score }] = listed as [{ message: string; score: number }];
    assert.equal(score, 9.5);
    assert.match(
      server.command('quarantine', 'show', id),
      /5\.0 uribl\.dbl\.test \(bad\.test: 127\.0\.1\.2\)[^]*4\.5 own\.lottery/,
    );
    assert.match(server.command('quarantine', 'read', id), /Subject: junk\r?\n[^]*You have won/);
    assert.equal(server.tryCommand('quarantine', 'delete', id).status, 2, 'nobody is there to ask');
    assert.match(server.command('queue'), /The queue is empty/);
    assert.match(server.command('quarantine', 'release', id, '--why', 'asked for'), /1 recipient/);
    assert.match(await message(server, 'INBOX', 'junk'), /You have won/);
    assert.equal(server.tryCommand('quarantine', 'release', id).status, 3);
    const told = server.command('journey', '<junk@there.test>');
    assert.match(told, /goes into quarantine[^]*Released[^]*asked for[^]*In the mailbox "INBOX"/);
  });

  test('the verdict is what spamtest goes by (RFC 5235)', async () => {
    const file = join(server.folder, 'suspect.sieve');
    writeFileSync(file, sieve);
    server.command('sieve', 'put', 'alice@here.test', 'suspect', file);
    server.command('sieve', 'activate', 'alice@here.test', 'suspect');
    await bring(server, { id: 'suspect', text: 'That lottery http://8.8.1.77/x', ip: '8.8.9.11' });
    assert.match(await message(server, 'Suspect', 'suspect'), /score=5\.5/);
  });

  test('who is on a list is refused at RCPT, and what weighs too much after the text', async () => {
    const socket = await visit(
      server,
      '8.8.1.1',
      `${hello}
      C: MAIL FROM:<bob@there.test>
      S: 250 ...
      C: RCPT TO:<alice@here.test>
      S: 550 5.7.1 8.8.1.1 is listed by bl.test`,
    );
    socket.destroy();
    server.command('filter', 'set', '--refuse', '9');
    await bring(server, {
      id: 'refused',
      text: 'The lottery http://bad.test',
      end: '550 5.7.1 ...(uribl.dbl.test, own.lottery)...',
      ip: '8.8.9.12',
    });
    server.command('filter', 'set', '--refuse', 'server');
    // What was refused has its rules told, too.
    for (let tries = 0; ; tries++) {
      const log = server.api('GET', '/api/v1/admin/log?last=20');
      if (/"is":\s*"refused"[^]*"score":\s*9\.5/.test(log)) break;
      assert(tries < 20, log);
    }
  });

  test('a robot that talks before the greeting is not let in; who waited need not wait again', async () => {
    const robot = await visit(server, '8.8.20.1', 'C: EHLO robot\nS: 554 5.5.0 ...\nS(closed)');
    robot.destroy();
  });

  test('who guesses addresses waits, is sent away, and stays away, with all of its block', async () => {
    const guesses = Array.from(
      { length: 5 },
      (_, i) => `C: RCPT TO:<guess${i}@here.test>\nS: 550 5.1.1 ...`,
    ).join('\n');
    const socket = await visit(
      server,
      '8.8.30.1',
      `${hello}
      C: MAIL FROM:<bob@there.test>
      S: 250 ...
      ${guesses}
      C: RCPT TO:<guess@here.test>
      S: 550 5.1.1 ...
      C: RCPT TO:<guess@here.test>
      S: 421 4.7.0 Too many addresses that do not exist, good-bye
      S(closed)`,
    );
    socket.destroy();
    (await visit(server, '8.8.30.2', 'S: 421 4.7.0 ...addresses that do not exist...\nS(closed)')).destroy();
  });

  test('strangers are put off once where greylisting is on', async () => {
    server.command('filter', 'set', '--greylisting', 'on');
    const socket = await visit(
      server,
      '8.8.40.1',
      `${hello}
      C: MAIL FROM:<bob@there.test>
      S: 250 ...
      C: RCPT TO:<alice@here.test>
      S: 451 4.7.1 Greylisted: come again in 5 minutes
      C: RCPT TO:<nobody@here.test>
      S: 550 5.1.1 ...`,
    );
    socket.destroy();
  });
});

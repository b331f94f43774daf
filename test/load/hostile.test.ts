/**
 * Clients that mean harm, against the whole server: bytes without sense, lines without end, floods of commands whose answers nobody reads, connections by the ten thousand. After
 * each the server must still be there, serve others at once, and have a log that says what happened without being a flood itself. `HIKYAKU_CONNECTIONS` sets how many connections
 * are opened and closed.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { createTransport } from 'nodemailer';
import { openInbox } from '../inbox-reader.ts';
import { password, RunningServer } from '../running-server.ts';

const bare = Number(process.env['HIKYAKU_CONNECTIONS'] ?? 10_000);
const user = 'user@here.test';
const kinds = ['mx', 'submission', 'submissions', 'lmtp', 'imap', 'imaps', 'pop3', 'pop3s', 'http'] as const;
type Kind = (typeof kinds)[number];
const plain = ['mx', 'submission', 'lmtp', 'imap', 'pop3'] as const;
/** What all of these attacks together may leave behind. */
const growthMaxMb = 200;
const mebibyte = 1024 * 1024;

describe('hostile clients', { timeout: 300_000 }, () => {
  let server: RunningServer;
  let restMb = 0;
  let sent = 0;

  before(async () => {
    server = await RunningServer.start({
      listeners: Object.fromEntries(kinds.map((kind) => [kind, { host: '0.0.0.0' }])),
      settings: {
        submission: { plainTextLogin: true },
        imap: { plainTextLogin: true },
        smtp: { connectionsPerAddressMax: 50, messageMiB: 2 },
        log: { level: 'info' },
      },
      accounts: [user],
    });
    await serves();
    restMb = server.memoryMb();
  });

  after(() => server?.[Symbol.asyncDispose]());

  const open = (kind: Kind, localAddress = '127.0.0.1'): Socket =>
    connect({ host: '127.0.0.1', port: server.port(kind), localAddress }).on('error', () => {});

  /** Also after a reset, which comes as an error first: `once` of node:events would take that for a failure. */
  const closeOf = (socket: Socket): Promise<'closed'> =>
    new Promise((resolve) => socket.once('close', () => resolve('closed')));

  /** Closed by the server, or by us after a while. */
  async function over(socket: Socket, withinMs = 2000): Promise<'closed' | 'open'> {
    if (socket.destroyed) return 'closed';
    socket.resume();
    const state = await Promise.race([closeOf(socket), wait(withinMs, 'open' as const)]);
    socket.destroy();
    return state;
  }

  /** Someone else, from another address, submits a mail and reads it. */
  async function serves(): Promise<void> {
    const transport = createTransport({
      host: '127.0.0.1',
      port: server.port('submission'),
      localAddress: '127.9.9.9',
      secure: false,
      ignoreTLS: true,
      auth: { user, pass: password },
    });
    await transport.sendMail({ from: user, to: user, subject: 'Still there?', text: 'Yes' });
    sent += 1;
    const reader = await openInbox(server.port('imap'), user);
    for (let i = 0; i < 400 && reader.mailbox !== false && reader.mailbox.exists < sent; i++) {
      await wait(20);
      await reader.noop();
    }
    assert(reader.mailbox !== false && reader.mailbox.exists === sent, 'the mail is in the mailbox');
    await reader.logout();
  }

  async function stands(): Promise<void> {
    assert(server.running, 'the server is there');
    await serves();
    const grownMb = server.memoryMb() - restMb;
    assert(grownMb < growthMaxMb, `${grownMb.toFixed(0)} MiB more than at rest`);
  }

  test('bytes without sense, on every port', async () => {
    for (const kind of kinds) {
      const sockets = Array.from({ length: 10 }, () => open(kind));
      for (const socket of sockets) {
        for (let i = 0; i < 20; i++) {
          const bytes = randomBytes(2000);
          // Line ends make commands of it.
          for (let at = 40; at < bytes.length; at += 80) bytes.write('\r\n', at, 'latin1');
          socket.write(bytes);
        }
        socket.end();
      }
      const states = await Promise.all(sockets.map((socket) => over(socket, 10_000)));
      assert.deepEqual(new Set(states), new Set(['closed']), kind);
    }
    await stands();
  });

  test('lines without end', async () => {
    const sockets = plain.flatMap((kind) => [open(kind), open(kind)]);
    const junk = Buffer.alloc(mebibyte, 'x');
    server.forgetPeak();
    for (const socket of sockets) for (let i = 0; i < 20; i++) socket.write(junk);
    await wait(1500);
    const grownMb = server.peakMb() - restMb;
    assert(grownMb < growthMaxMb, `${grownMb.toFixed(0)} MiB`);
    for (const socket of sockets) socket.destroy();
    await stands();
  });

  test('a text that is larger than allowed, without end, is cut off', async () => {
    const socket = open('mx');
    socket.write('EHLO robot.test\r\n');
    await once(socket, 'data');
    socket.write(`MAIL FROM:<a@robot.test>\r\nRCPT TO:<${user}>\r\n`);
    await wait(100);
    socket.write('DATA\r\n');
    await wait(100);
    socket.resume();
    const line = Buffer.from(`${'x'.repeat(70)}\r\n`.repeat(14_000));
    for (let i = 0; i < 200 && !socket.destroyed; i++) {
      if (!socket.write(line))
        await Promise.race([
          new Promise((resolve) => socket.once('drain', resolve)),
          closeOf(socket),
          wait(1000),
        ]);
    }
    assert.equal(await over(socket, 5000), 'closed');
    await stands();
  });

  test('floods of commands whose answers nobody reads', async () => {
    const floods: [Kind, string, string][] = [
      ['mx', 'EHLO robot.test\r\n', 'NOOP\r\n'],
      ['mx', 'EHLO robot.test\r\n', 'MAIL FROM:<a@robot.test>\r\nRSET\r\n'],
      ['mx', 'EHLO robot.test\r\n', `MAIL FROM:<a@robot.test>\r\nRCPT TO:<nobody@here.test>\r\n`],
      ['lmtp', 'LHLO robot.test\r\n', 'HELP\r\n'],
      [
        'imap',
        `a LOGIN ${user} ${password}\r\nb SELECT INBOX\r\n`,
        'c FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY.PEEK[])\r\n',
      ],
      ['imap', '', 'a CAPABILITY\r\n'],
      ['pop3', '', 'CAPA\r\n'],
    ];
    server.forgetPeak();
    const sockets = floods.map(([kind, first, again]) => {
      const socket = open(kind).pause();
      socket.write(first);
      socket.write(again.repeat(20_000));
      return socket;
    });
    await wait(2000);
    const grownMb = server.peakMb() - restMb;
    assert(grownMb < growthMaxMb, `${grownMb.toFixed(0)} MiB`);
    await stands();
    for (const socket of sockets) socket.destroy();
  });

  test('connections that are ended, half-closed, reset or left alone at every step', async () => {
    const firsts: Record<(typeof plain)[number], readonly string[]> = {
      mx: [
        '',
        'EHLO a',
        'EHLO a.test\r\nMAIL FROM:<>\r\n',
        `EHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<${user}>\r\nBDAT 1000\r\nabc`,
      ],
      submission: [
        '',
        'EHLO a.test\r\nAUTH PLAIN',
        'EHLO a.test\r\nAUTH LOGIN\r\n',
        'EHLO a.test\r\nSTARTTLS\r\n',
      ],
      lmtp: ['', 'LHLO a.test\r\n', `LHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<${user}>\r\nDATA\r\n`],
      imap: [
        '',
        'a',
        'a LOGIN {10}\r\n',
        `a LOGIN ${user} ${password}\r\nb SELECT INBOX\r\nc IDLE\r\n`,
        'a STARTTLS\r\n',
      ],
      pop3: ['', 'USER', `USER ${user}\r\nPASS ${password}\r\nRETR 1\r\n`, 'STLS\r\n'],
    };
    for (const [kind, texts] of Object.entries(firsts)) {
      for (const text of texts) {
        const [ended, reset, half] = [open(kind as Kind), open(kind as Kind), open(kind as Kind)];
        for (const socket of [ended, reset, half]) socket.write(text);
        await wait(20);
        ended.destroy();
        reset.resetAndDestroy();
        half.end();
        assert.equal(
          await over(half, 10_000),
          'closed',
          `${kind}, half-closed after ${JSON.stringify(text)}`,
        );
      }
    }
    await stands();
  });

  test('drips from as many connections as one address may have keep nobody else out', async () => {
    const drips = plain.flatMap((kind) => Array.from({ length: 50 }, () => open(kind, '127.4.0.1')));
    for (let i = 0; i < 10; i++) {
      for (const socket of drips) socket.write('x');
      await wait(20);
    }
    await stands();
    assert(drips.filter((socket) => !socket.destroyed).length > 200, 'they are still there');
    for (const socket of drips) socket.destroy();
  });

  test('TLS that is none, and what is none where TLS is wanted', async () => {
    for (const kind of ['submissions', 'imaps', 'pop3s'] as const) {
      for (const bytes of [
        Buffer.from('EHLO a.test\r\n'),
        randomBytes(5000),
        Buffer.from('160301ffff01', 'hex'),
      ]) {
        const socket = open(kind);
        socket.end(bytes);
        assert.equal(await over(socket, 15_000), 'closed', kind);
      }
      const gone = connectTls({ host: '127.0.0.1', port: server.port(kind), rejectUnauthorized: false });
      gone.on('error', () => {});
      await once(gone, 'secureConnect');
      gone.destroy();
    }
    for (const [kind, upgrade] of [
      ['submission', 'EHLO a.test\r\n', 'STARTTLS\r\n'],
      ['imap', 'a STARTTLS\r\n'],
      ['pop3', 'STLS\r\n'],
    ] as const) {
      const sockets = Array.from({ length: 40 }, () => open(kind));
      for (const socket of sockets) socket.write(upgrade);
      await wait(200);
      for (const socket of sockets) socket.end(randomBytes(500));
      for (const socket of sockets) assert.equal(await over(socket, 15_000), 'closed', kind);
    }
    await stands();
  });

  test('one who guesses addresses is told in a number, not line by line', async () => {
    let refused = 0;
    for (let round = 0; round < 20; round++) {
      const sockets = Array.from({ length: 10 }, () => open('mx', '127.5.0.1'));
      await Promise.all(
        sockets.map(async (socket) => {
          let heard = '';
          socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
          socket.write('EHLO robot.test\r\n');
          while (!heard.includes('250 HELP')) await wait(5);
          const guesses = Array.from({ length: 19 }, (_, i) => `RCPT TO:<guess${i}@here.test>\r\n`);
          socket.write(`MAIL FROM:<a@robot.test>\r\n${guesses.join('')}`);
          while ((heard.match(/^550 /gm) ?? []).length < 18 && !socket.destroyed) await wait(5);
          refused += (heard.match(/^550 /gm) ?? []).length;
          socket.destroy();
        }),
      );
    }
    assert(refused > 3000, `${refused} were refused`);
    await stands();
  });

  test(`${bare} connections that are opened and closed`, async () => {
    const startMs = performance.now();
    let refused = 0;
    for (let at = 0; at < bare; at += 100) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const socket = open(plain[i % plain.length]!, `127.6.0.${((at / 100) % 20) + 1}`);
          socket.on('data', (text: Buffer) => {
            if (/^(421|\* BYE|-ERR)/.test(text.toString('latin1'))) refused += 1;
          });
          await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closeOf(socket)]);
          if (i % 2 === 0) socket.resetAndDestroy();
          else socket.destroy();
        }),
      );
    }
    console.log(
      `${bare} connections opened and closed in ${((performance.now() - startMs) / 1000).toFixed(1)} s, ${refused} above the limit; ${(server.memoryMb() - restMb).toFixed(0)} MiB more than at rest`,
    );
    await stands();
  });

  test('the log tells of all this without being a flood, and has no error of ours', async () => {
    // One more from an address that has all its connections is not taken, and a hundred more neither.
    const held = Array.from({ length: 50 }, () => open('mx', '127.7.0.1'));
    await Promise.all(held.map((socket) => once(socket, 'data')));
    for (let i = 0; i < 100; i++) await over(open('mx', '127.7.0.1'));
    for (const socket of held) socket.destroy();
    const log = JSON.parse(server.api('GET', '/api/v1/admin/log?last=1000')) as { items: LedgerItem[] };
    const guesses = log.items.filter((item) => item.is === 'refused' && item.data.peer === '127.5.0.1');
    assert(guesses.length >= 30 && guesses.length < 100, `${guesses.length} events of one address`);
    await server.stop();
    const lines = server.log.map((line) => JSON.parse(line) as LogLine);
    assert.deepEqual(
      lines.filter(({ level }) => level === 'error'),
      [],
    );
    const turnedAway = lines.filter(
      ({ msg, peer }) => msg === 'a connection was not taken' && peer?.ip === '127.7.0.1',
    );
    assert.equal(turnedAway.length, 5);
    const more = lines.find(
      ({ msg, peer }) => msg === 'more connections were not taken' && peer?.ip === '127.7.0.1',
    );
    assert.equal(more?.more, 95);
    assert(server.logLines < 2000, `${server.logLines} lines`);
  });
});

interface LedgerItem {
  readonly is: string;
  readonly data: { readonly peer?: string; readonly more?: number };
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly peer?: { readonly ip: string };
  readonly more?: number;
}

/**
 * Ten thousand connections that do nothing, SMTP and IMAP IDLE: the server still answers newcomers, tells every IDLE of new mail, keeps to its limits, and
 * gives all memory back. `HIKYAKU_CONNECTIONS` sets how many.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { password, RunningServer } from '../running-server.ts';

const wanted = Number(process.env['HIKYAKU_CONNECTIONS'] ?? 10_000);
/** From one address: half of what the server allows, so that newcomers from it are still taken. */
const perAddress = 50;
const perAddressMax = 100;
const perAccount = 100;
/** Opened at the same time; the kernel's queue of a listener takes a few thousand. */
const atOnce = 200;
const descriptorsSpare = 200;
const bytesPerConnectionMax = 64 * 1024;

/** Descriptors this process and its children may have; Node.js takes the hard limit by itself. */
const descriptors = Number(
  /Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1],
);
const tooFew =
  descriptors < wanted + descriptorsSpare &&
  `${descriptors} descriptors are too few for ${wanted} connections (ulimit -Hn)`;

const users = Array.from({ length: Math.ceil(wanted / 2 / perAccount) }, (_, i) => `user${i}@here.test`);

interface Client {
  readonly socket: Socket;
  heard: string;
  /** Called with each piece that comes. */
  onHeard: () => void;
}

function open(port: number, localAddress: string): Client {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  const client: Client = { socket, heard: '', onHeard: () => {} };
  socket.setEncoding('latin1').on('data', (text: string) => {
    client.heard += text;
    client.onHeard();
  });
  socket.on('error', () => {}).on('close', () => client.onHeard());
  return client;
}

/** Sends, if anything, and waits until something like this has been heard since. */
async function exchange(client: Client, send: string, expected: RegExp): Promise<string> {
  client.heard = send === '' ? client.heard : '';
  if (send !== '') client.socket.write(`${send}\r\n`);
  while (!expected.test(client.heard)) {
    assert(!client.socket.destroyed, `closed after ${JSON.stringify(client.heard)}, wanted ${expected}`);
    await new Promise<void>((resolve) => (client.onHeard = resolve));
  }
  client.onHeard = () => {};
  return client.heard;
}

async function idleSmtp(port: number, localAddress: string): Promise<Client> {
  const client = open(port, localAddress);
  await exchange(client, '', /^220 .*\r\n/);
  await exchange(client, 'EHLO idle.test', /^250 .*\r\n/m);
  return client;
}

async function idleImap(port: number, localAddress: string, user: string): Promise<Client> {
  const client = open(port, localAddress);
  await exchange(client, '', /^\* OK .*\r\n/);
  await exchange(client, `a LOGIN ${user} ${password}`, /^a OK .*\r\n/m);
  await exchange(client, 'b SELECT INBOX', /^b OK .*\r\n/m);
  await exchange(client, 'c IDLE', /^\+ .*\r\n/m);
  return client;
}

async function openAll(count: number, one: (index: number) => Promise<Client>): Promise<Client[]> {
  const clients: Client[] = [];
  for (let at = 0; at < count; at += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - at) }, (_, i) => one(at + i));
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}

const addressOf = (group: number, index: number): string => {
  const number = Math.floor(index / perAddress);
  return `127.${group}.${Math.floor(number / 250)}.${(number % 250) + 1}`;
};

describe('ten thousand idle connections', { skip: tooFew, timeout: 300_000 }, () => {
  const half = Math.floor(wanted / 2);
  let server: RunningServer;
  let emptyMb = 0;
  let smtp: Client[] = [];
  let imap: Client[] = [];

  before(async () => {
    server = await RunningServer.start({
      listeners: {
        mx: { host: '0.0.0.0' },
        submission: {},
        imap: { host: '0.0.0.0' },
        http: {},
      },
      settings: {
        smtp: { connectionsPerAddressMax: perAddressMax },
        imap: { plainTextLogin: true, connectionsPerAccountMax: perAccount },
        submission: { plainTextLogin: true },
      },
      accounts: users,
    });
    // A first login hashes the password, and no more than a few of one account may wait for that.
    const first = await openAll(users.length, (i) => idleImap(server.port('imap'), '127.0.0.1', users[i]!));
    for (const { socket } of first) socket.destroy();
    emptyMb = server.memoryMb();
    smtp = await openAll(half, (i) => idleSmtp(server.port('mx'), addressOf(1, i)));
    const smtpMb = server.memoryMb();
    imap = await openAll(half, (i) =>
      idleImap(server.port('imap'), addressOf(2, i), users[Math.floor(i / perAccount)]!),
    );
    const imapMb = server.memoryMb();
    const each = (mb: number): string => `${((mb * 1024) / half).toFixed(1)} KiB`;
    console.log(
      `${half} SMTP connections: ${each(smtpMb - emptyMb)} each; ${half} in IMAP IDLE: ${each(imapMb - smtpMb)} each; ${imapMb.toFixed(0)} MiB in all, ${emptyMb.toFixed(0)} MiB before`,
    );
  });

  after(async () => {
    for (const { socket } of [...smtp, ...imap]) socket.destroy();
    await server?.[Symbol.asyncDispose]();
  });

  test('all of them are open, and memory is bounded by their number', async () => {
    assert.equal(smtp.filter(({ socket }) => !socket.destroyed).length, half);
    assert.equal(imap.filter(({ socket }) => !socket.destroyed).length, half);
    assert.equal(await server.metric('hikyaku_imapd_sessions'), half);
    const perConnection = ((server.memoryMb() - emptyMb) * 1024 * 1024) / (2 * half);
    assert(perConnection < bytesPerConnectionMax, `${Math.round(perConnection)} bytes a connection`);
  });

  test('newcomers are served', async () => {
    const sender = await idleSmtp(server.port('mx'), '127.0.0.1');
    await exchange(sender, 'MAIL FROM:<a@there.test>', /^250 /);
    await exchange(sender, `RCPT TO:<${users[0]}>`, /^250 /);
    const reader = await idleImap(server.port('imap'), '127.0.0.1', users.at(-1)!);
    for (const { socket } of [sender, reader]) socket.destroy();
  });

  test('a mail is told to every connection that waits for it', async () => {
    const user = users[0]!;
    const waiting = imap.slice(0, Math.min(perAccount, half)).filter(({ socket }) => !socket.destroyed);
    const told = Promise.all(waiting.map((client) => exchange(client, '', /^\* 1 EXISTS\r\n/m)));
    const transport = createTransport({
      host: '127.0.0.1',
      port: server.port('submission'),
      secure: false,
      ignoreTLS: true,
      auth: { user, pass: password },
    });
    await transport.sendMail({ from: user, to: user, subject: 'New', text: 'Hello' });
    await told;
    assert(waiting.length >= Math.min(perAccount, half) - 1);
  });

  test('one address gets no more than its share, and hears why', async () => {
    const address = '127.3.0.1';
    const many = await openAll(perAddressMax, () => idleSmtp(server.port('mx'), address));
    const oneMore = open(server.port('mx'), address);
    await once(oneMore.socket, 'close');
    assert.match(oneMore.heard, /^421 4\.7\.0 .*\r\n$/);
    const readers = await openAll(perAddressMax, async () => {
      const client = open(server.port('imap'), address);
      await exchange(client, '', /^\* OK /);
      return client;
    });
    const oneReaderMore = open(server.port('imap'), address);
    await once(oneReaderMore.socket, 'close');
    assert.match(oneReaderMore.heard, /^\* BYE .*\r\n$/);
    many.pop()!.socket.destroy();
    await wait(50);
    // A place that was given up is taken by the next.
    const next = await idleSmtp(server.port('mx'), address);
    for (const { socket } of [...many, ...readers, next]) socket.destroy();
  });

  test('connections that close leave nothing behind', async () => {
    for (const { socket } of [...smtp, ...imap]) socket.destroy();
    for (let i = 0; i < 400 && (await server.metric('hikyaku_imapd_sessions')) > 0; i++) await wait(50);
    assert.equal(await server.metric('hikyaku_imapd_sessions'), 0);
    assert.equal(await server.metric('hikyaku_smtpd_sessions'), 0);
  });
});

/** Moving in from POP3 servers that break off, refuse, and send lines without an end in sight. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { type Clock, systemClock } from '../base/clock.ts';
import { LineLost } from './line.ts';
import { Pop3Source } from './pop3-source.ts';
import type { ReadMessage, SourceMailbox } from './source.ts';

const inbox: SourceMailbox = { label: 'POP3', name: 'INBOX', subscribed: true };
/** Pauses between tries are over at once; time limits are as they are. */
const impatient: Clock = {
  ...systemClock,
  after: (delayMs, run) =>
    systemClock.after([1000, 2000, 4000, 8000, 16_000].includes(delayMs) ? 1 : delayMs, run),
};

/** Pieces that go out one after the other, each when the one before has had time to arrive; undefined: the connection ends. */
type Answer = readonly (string | undefined)[];
type Answers = (command: string, connection: number) => Answer;

async function say(socket: Socket, pieces: Answer): Promise<void> {
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await later(30);
    if (piece === undefined) socket.destroy();
    else socket.write(piece);
  }
}

async function serve(answers: Answers): Promise<{ source: Pop3Source } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const number = ++connections;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write('+OK ready\r\n');
    socket.setEncoding('latin1').on('data', (text: string) => {
      for (const command of text.split('\r\n').filter(Boolean)) void say(socket, answers(command, number));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const place = { host: '127.0.0.1', port, tls: 'none', anyCertificate: false } as const;
  const resolver = { a: () => assert.fail(), aaaa: () => assert.fail() };
  const login = { user: 'u', password: 'p' };
  const source = new Pop3Source({ place, login }, { clock: impatient, resolver });
  return {
    source,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function usual(command: string): Answer {
  if (command === 'CAPA') return ['-ERR what?\r\n'];
  if (command === 'LIST') return ['+OK\r\n1 10\r\n2 20\r\n.\r\n'];
  if (command === 'UIDL') return ['+OK\r\n1 one\r\n2 two\r\n.\r\n'];
  return ['+OK\r\n'];
}

async function readAll(source: Pop3Source): Promise<ReadMessage[]> {
  const messages = await Array.fromAsync(source.messages());
  return Array.fromAsync(source.read(inbox, messages));
}
const texts = (read: readonly ReadMessage[]): string[] =>
  read.map((each) => (each.is === 'bytes' ? each.bytes.toString('latin1') : each.why));

test('a line of any length comes as it was, wherever it is cut on its way', async () => {
  const long = 'x'.repeat(100_000);
  await using server = await serve((command) => {
    if (command === 'RETR 1') return [`+OK\r\n${long}`, `.\r\n..dot\r\n`, '.\r\n'];
    if (command === 'RETR 2') return [`+OK\r\n..${long}`, '.more', `${long}\r\n.\r\n`];
    return usual(command);
  });
  assert.deepEqual(texts(await readAll(server.source)), [`${long}.\r\n.dot\r\n`, `.${long}.more${long}\r\n`]);
});

test('on a new connection messages are found by their unique ids, whatever their numbers', async () => {
  await using server = await serve((command, connection) => {
    if (command === 'RETR 2')
      return connection === 1 ? ['+OK\r\nbroken', undefined] : ['+OK\r\nfirst\r\n.\r\n'];
    if (command === 'RETR 1') return connection === 1 ? ['+OK\r\nfirst\r\n.\r\n'] : ['-ERR locked\r\n'];
    if (command === 'UIDL' && connection > 1) return ['+OK\r\n1 two\r\n2 one\r\n.\r\n'];
    return usual(command);
  });
  assert.deepEqual(texts(await readAll(server.source)), ['first\r\n', 'the server says: -ERR locked']);
});

test('a server that talks without an end where one line is due is given up', async () => {
  await using server = await serve((command) =>
    command === 'LIST' ? ['y'.repeat(100_000)] : usual(command),
  );
  await assert.rejects(
    readAll(server.source),
    (error) => error instanceof LineLost && /too long/.test(error.message),
  );
});

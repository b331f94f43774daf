/** Moving in from IMAP servers that break off, refuse, and say odd things. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { type Clock, systemClock } from '../base/clock.ts';
import { ImapSource } from './imap-source.ts';
import { LineLost, ServerRefusal } from './line.ts';
import type { SourceMailbox, SourceMessage } from './source.ts';

/** What the server answers to a command, by its words; the tagged OK follows unless the answer has one. */
type Answers = (command: string, connection: number) => string | undefined;

const bodies = new Map([
  [3, 'Subject: three\r\n\r\n'],
  [7, 'Subject: seven\r\n\r\nwith (a paren {5}\r\n'],
  [9, 'Subject: nine\r\n\r\n'],
]);

function usual(command: string): string | undefined {
  if (command === 'CAPABILITY') return '* CAPABILITY IMAP4rev1 NAMESPACE SPECIAL-USE LIST-EXTENDED\r\n';
  if (command === 'NAMESPACE') return '* NAMESPACE (("INBOX." ".")) (("user." ".")) NIL\r\n';
  if (command.startsWith('LSUB')) return '* LSUB () "." INBOX.&TtVOiw-\r\n';
  if (command.startsWith('LIST')) {
    return [
      '* LIST () "." INBOX',
      '* LIST (\\Noselect) "." INBOX.a',
      '* LIST () "." {16}\r\nINBOX.a."q\\uoted',
      '* LIST (\\Sent) "." "INBOX.&TtVOiw-"',
      '* LIST (\\All) "." INBOX.All',
      '* LIST () "." user.bob',
      '',
    ].join('\r\n');
  }
  if (command.startsWith('EXAMINE')) return '* 3 EXISTS\r\n* OK [UIDVALIDITY 5] fine\r\n';
  if (command === 'UID SEARCH ALL') return '* SEARCH 7 3\r\n* SEARCH 9\r\n';
  if (command.includes('RFC822.SIZE')) return [...bodies.keys()].toReversed().map(facts).join('');
  const asked = /^UID FETCH (\S+) \(UID BODY/.exec(command)?.[1];
  return asked && uidsIn(asked).map(body).join('');
}

const facts = (uid: number): string =>
  `* ${uid} FETCH (FLAGS (\\Seen \\Recent K${uid}) INTERNALDATE "01-Feb-2020 10:00:00 +0900" RFC822.SIZE ${bodies.get(uid)!.length} UID ${uid})\r\n* 1 FETCH (FLAGS ())\r\n`;
const body = (uid: number): string =>
  `* 1 FETCH (UID ${uid} BODY[] {${bodies.get(uid)!.length}}\r\n${bodies.get(uid)})\r\n`;
const uidsIn = (set: string): number[] =>
  set.split(',').flatMap((range) => {
    const [from, to = from] = range.split(':').map(Number);
    return [...bodies.keys()].filter((uid) => uid >= from! && uid <= to!);
  });

interface Server extends AsyncDisposable {
  readonly source: ImapSource;
  readonly commands: string[];
}

async function serve(answers: Answers, byToken = false): Promise<Server> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const number = ++connections;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write('* OK ready\r\n');
    let rest = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (/\{\d+\}$/.test(line)) socket.write('+ go on\r\n');
        const [, tag, command] = /^(h\d+) (.*)$/.exec(line) ?? [];
        if (tag === undefined || /\{\d+\}$/.test(line)) {
          if (!/\{\d+\}$/.test(line)) socket.write('h2 OK logged in\r\n');
          continue;
        }
        commands.push(command!);
        const answer = answers(command!, number) ?? usual(command!) ?? '';
        if (answer.endsWith('DROP')) {
          socket.end(answer.slice(0, -4));
          return;
        }
        socket.write(answer.includes('TAG ') ? answer.replace('TAG', tag) : `${answer}${tag} OK done\r\n`);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const place = { host: '127.0.0.1', port, tls: 'none', anyCertificate: false } as const;
  const login = { user: 'alice', password: 'se"cret', byToken };
  const source = new ImapSource(
    { place, login, withVirtual: false },
    { clock: impatient, resolver: noResolver },
  );
  return {
    source,
    commands,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Pauses between tries are over at once; time limits are as they are. */
const impatient: Clock = {
  ...systemClock,
  nowMs: () => systemClock.nowMs(),
  after: (delayMs, run) =>
    systemClock.after([1000, 2000, 4000, 8000, 16_000, 32_000].includes(delayMs) ? 1 : delayMs, run),
};
const noResolver = { a: () => assert.fail('asked DNS'), aaaa: () => assert.fail('asked DNS') };

async function readAll({ source }: Server): Promise<{ messages: SourceMessage[]; texts: string[] }> {
  const inbox = (await source.mailboxes()).find(({ name }) => name === 'INBOX') as SourceMailbox;
  const messages: SourceMessage[] = [];
  for await (const message of source.messages(inbox)) messages.push(message);
  const texts: string[] = [];
  for await (const read of source.read(inbox, messages))
    texts.push(read.is === 'bytes' ? read.bytes.toString() : read.why);
  return { messages, texts };
}

test('mailboxes have the names, roles and subscriptions that they are to have here; what is left out is said', async () => {
  await using server = await serve(() => undefined);
  const mailboxes = await server.source.mailboxes();
  assert.deepEqual(
    mailboxes.map(({ name, role, subscribed }) => [name, role, subscribed]),
    [
      ['INBOX', 'inbox', true],
      ['a/"q\\uoted', undefined, false],
      ['仕事', 'sent', true],
    ],
  );
  assert.equal(server.source.remarks.length, 2);
});

test('messages come in the order of their uids with flags, dates and contents, whatever else is said between', async () => {
  await using server = await serve(() => undefined);
  const { messages, texts } = await readAll(server);
  assert.deepEqual(texts, [...bodies.values()]);
  assert.deepEqual(
    messages.map(({ key }) => key),
    ['INBOX/5/3', 'INBOX/5/7', 'INBOX/5/9'],
  );
  assert.deepEqual(messages[0]!.flags, { system: ['seen'], keywords: ['K3'] });
  assert.equal(messages[0]!.receivedAtMs, Date.UTC(2020, 1, 1, 1));
});

test('a connection that breaks, also within a message, is made again and asked again', async () => {
  const dropped = new Set<string>();
  await using server = await serve((command) => {
    const kind = command.split(' ').slice(0, 2).join(' ');
    if (dropped.has(kind) || !/^(?:LIST|EXAMINE|UID)/.test(kind)) return undefined;
    dropped.add(kind);
    return `${(usual(command) ?? '').slice(0, 40)}DROP`;
  });
  const { texts } = await readAll(server);
  assert.deepEqual(texts, [...bodies.values()]);
  assert(dropped.size >= 4);
});

test('a message that the server cannot give out keeps no others away', async () => {
  await using server = await serve((command) =>
    /^UID FETCH (?:.*[,:].*|7) \(UID BODY/.test(command) ? 'TAG NO [SERVERBUG] broken\r\n' : undefined,
  );
  const { texts } = await readAll(server);
  assert.deepEqual(texts, [bodies.get(3), 'the server does not give it out', bodies.get(9)]);
});

test('a mailbox that was made anew meanwhile, and a server that does not come back, end it', async () => {
  let examined = 0;
  await using anew = await serve((command) => {
    if (command.startsWith('EXAMINE')) return `* 3 EXISTS\r\n* OK [UIDVALIDITY ${5 + examined++}] x\r\n`;
    return command.includes('RFC822.SIZE') && examined === 1 ? 'DROP' : undefined;
  });
  await assert.rejects(readAll(anew), ServerRefusal);
  await using gone = await serve((command) => (command === 'CAPABILITY' ? 'DROP' : undefined));
  await assert.rejects(readAll(gone), LineLost);
  await using refusing = await serve((command) => (command === 'NAMESPACE' ? 'TAG BAD what\r\n' : undefined));
  await assert.rejects(readAll(refusing), /the server says: BAD what/);
  await using noise = await serve((command) =>
    command === 'NAMESPACE' ? `* ${'('.repeat(100)}\r\n` : undefined,
  );
  await assert.rejects(readAll(noise), LineLost);
});

test('a token logs in, and one that is refused is said so', async () => {
  const capability = '* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\r\n';
  await using server = await serve((command) => (command === 'CAPABILITY' ? capability : undefined), true);
  assert.equal((await server.source.mailboxes()).length > 0, true);
  const shown = server.commands.find((command) => command.startsWith('AUTHENTICATE'));
  const [, , response] = shown!.split(' ');
  assert.equal(Buffer.from(response!, 'base64').toString(), 'user=alice\x01auth=Bearer se"cret\x01\x01');
  await using refusing = await serve((command) => {
    if (command === 'CAPABILITY') return capability;
    return command.startsWith('AUTHENTICATE') ? '+ eyJzdGF0dXMiOiI0MDEifQ==\r\nTAG NO no\r\n' : undefined;
  }, true);
  await assert.rejects(refusing.source.mailboxes(), /the server says: NO no/);
});

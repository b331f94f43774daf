/**
 * A message of 50 MiB all the way, by DATA and by BDAT: submission, transfer by SMTP, mailbox, IMAP. It arrives as it was sent, and no step holds it in memory.
 * `HIKYAKU_MESSAGE_MIB` sets its size.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { password, RunningServer } from '../running-server.ts';

const mebibyte = 1024 * 1024;
const sizeMib = Number(process.env['HIKYAKU_MESSAGE_MIB'] ?? 50);
/** What the server may grow by at the most, however large the message. */
const growthMaxMb = 60;

const sender = 'sender@here.test';
const reader = 'reader@far.test';
const farHost = '127.0.0.2';

const boundary = 'a-boundary-of-this-test';
const head = (subject: string): string =>
  [
    `From: ${sender}`,
    `To: ${reader}`,
    `Subject: ${subject}`,
    `Message-ID: <${subject}@here.test>`,
    'Date: Mon, 1 Jun 2026 10:00:00 +0000',
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    '',
  ].join('\r\n');
const opening = `--${boundary}\r\nContent-Type: text/plain\r\n\r\n..and a line with dots\r\n.\r\n--${boundary}\r\nContent-Type: application/octet-stream; name="large.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
const closing = `\r\n--${boundary}--\r\n`;

/** One line after another of base64, the same each time: the attachment has no end in memory. */
const block = Buffer.from(
  Array.from({ length: 800 }, () => `${randomBytes(57).toString('base64')}\r\n`).join(''),
);
const blocks = Math.floor((sizeMib * mebibyte - 4096) / block.length);

/** Smaller messages, of some MiB, that are sent before anything is measured. */
const warmUps = 4;

/** The body in pieces. */
function* pieces(count = blocks): Generator<Buffer> {
  yield Buffer.from(opening);
  for (let i = 0; i < count; i++) yield block;
  yield Buffer.from(closing);
}

const bodyBytes = (count = blocks): number => Buffer.byteLength(opening + closing) + count * block.length;
const bodyHash = (): string => {
  const hash = createHash('sha256');
  for (const piece of pieces()) hash.update(piece);
  return hash.digest('hex');
};

/** A client that reads lines and counts bytes, and writes as fast as the server takes. */
class Client {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(port: number, host = '127.0.0.1') {
    this.#socket = connect({ port, host });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      if (this.#rest.length > mebibyte) this.#socket.pause();
      this.#wake();
    });
    this.#socket.on('error', () => {}).on('close', () => this.#wake());
  }

  async write(bytes: string | Buffer): Promise<void> {
    if (!this.#socket.write(bytes)) await new Promise((resolve) => this.#socket.once('drain', resolve));
  }

  async #more(): Promise<void> {
    assert(!this.#socket.destroyed, 'closed by the server');
    this.#socket.resume();
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end !== -1) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      await this.#more();
    }
  }

  /** Hands `bytes` of what comes to `use`. */
  async take(bytes: number, use: (piece: Buffer) => void): Promise<void> {
    for (let left = bytes; left > 0; ) {
      if (this.#rest.length === 0) await this.#more();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      use(piece);
    }
  }

  /** Says something and waits for the line that begins like this. */
  async say(text: string, expected: string): Promise<string> {
    if (text !== '') await this.write(`${text}\r\n`);
    for (;;) {
      const line = await this.line();
      if (line.startsWith(expected)) return line;
      assert(!/^(?:[45]\d\d|\S+ (?:NO|BAD)) /.test(line), `${text}: ${line}`);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

interface Sent {
  readonly how: 'DATA' | 'BDAT';
  readonly count?: number;
  readonly to?: string;
}

async function submit(port: number, { how, count = blocks, to = reader }: Sent): Promise<void> {
  const client = new Client(port);
  await client.say('', '220 ');
  await client.say('EHLO large.test', '250 ');
  await client.say(`AUTH PLAIN ${Buffer.from(`\0${sender}\0${password}`).toString('base64')}`, '235 ');
  await client.say(`MAIL FROM:<${sender}> RET=FULL`, '250 ');
  await client.say(`RCPT TO:<${to}>`, '250 ');
  const first = Buffer.from(head(`large-${how}`));
  if (how === 'DATA') {
    await client.say('DATA', '354 ');
    await client.write(first);
    await client.write(opening.replaceAll('\r\n.', '\r\n..'));
    for (let i = 0; i < count; i++) await client.write(block);
    await client.write(closing);
    await client.say('.', '250 ');
  } else {
    await client.write(`BDAT ${first.length}\r\n`);
    await client.write(first);
    await client.say('', '250 ');
    // One chunk for all of it: nothing in the protocol gives the server a rest.
    await client.write(`BDAT ${bodyBytes(count)} LAST\r\n`);
    for (const piece of pieces(count)) await client.write(piece);
    await client.say('', '250 ');
  }
  await client.say('QUIT', '221 ');
  client.close();
}

async function signIn(port: number, user = reader): Promise<Client> {
  const client = new Client(port);
  await client.say('', '* OK');
  await client.say(`a LOGIN ${user} ${password}`, 'a OK');
  await client.say('b SELECT INBOX', 'b OK');
  return client;
}

/** The hash of what a FETCH of one literal brings, and its size. */
async function fetched(client: Client, item: string): Promise<{ hash: string; bytes: number }> {
  await client.write(`f UID FETCH * (${item})\r\n`);
  let line = await client.line();
  while (!/\{\d+\}$/.test(line)) {
    assert(!line.startsWith('f '), line);
    line = await client.line();
  }
  const bytes = Number(/\{(\d+)\}$/.exec(line)![1]);
  const hash = createHash('sha256');
  // Of a whole message the body alone is compared: the way adds fields to its header.
  let header: Buffer | undefined = item.startsWith('BODY.PEEK[]') ? Buffer.alloc(0) : undefined;
  await client.take(bytes, (piece) => {
    if (header === undefined) {
      hash.update(piece);
      return;
    }
    header = Buffer.concat([header, piece]);
    const end = header.indexOf('\r\n\r\n');
    if (end === -1) return;
    hash.update(header.subarray(end + 4));
    header = undefined;
  });
  await client.say('', 'f OK');
  return { hash: hash.digest('hex'), bytes };
}

describe(`a message of ${sizeMib} MiB`, { timeout: 300_000 }, () => {
  let server: RunningServer;

  before(async () => {
    server = await RunningServer.start({
      listeners: { submission: {}, mx: { host: farHost, hostname: 'mx.far.test' }, imap: {}, pop3: {} },
      settings: (portOf) => ({
        submission: { plainTextLogin: true },
        imap: { plainTextLogin: true },
        pop3: { plainTextLogin: true },
        smtp: { messageMiB: sizeMib + 5 },
        delivery: { ownNetworksAllowed: true, port: portOf('mx'), byMx: ['far.test'] },
        dns: {
          zone: [
            { name: 'far.test', type: 'MX', data: '10 mx.far.test' },
            { name: 'mx.far.test', type: 'A', data: farHost },
          ],
        },
      }),
      accounts: [sender, reader],
    });
    // What a small one needs, code and buffers, is not counted: what is asked is whether a large one needs more.
    const client = await signIn(server.port('imap'));
    for (let i = 0; i < warmUps; i++) {
      await submit(server.port('submission'), { how: i % 2 === 0 ? 'DATA' : 'BDAT', count: 20 });
      await untilThere(client, i + 1);
      await fetched(client, 'BODY.PEEK[]');
    }
    client.close();
  });

  after(() => server?.[Symbol.asyncDispose]());

  /** What the server's memory grew by at the most while `work` was done. */
  async function growth(what: string, work: () => Promise<void>): Promise<void> {
    const beforeMb = server.memoryMb();
    server.forgetPeak();
    await work();
    const grownMb = server.peakMb() - beforeMb;
    console.log(`${what}: ${grownMb.toFixed(0)} MiB more than before, at the most`);
    assert(grownMb < growthMaxMb, `${what}: ${grownMb.toFixed(0)} MiB`);
  }

  async function untilThere(client: Client, count: number): Promise<void> {
    for (let i = 0; i < 1200; i++) {
      const status = await client.say('s STATUS INBOX (MESSAGES)', '* STATUS');
      await client.say('', 's OK');
      if (status.includes(`(MESSAGES ${count})`)) return void (await client.say('n NOOP', 'n OK'));
      await wait(100);
    }
    assert.fail(`the message did not arrive:\n${server.log.join('\n')}`);
  }

  for (const [index, how] of (['DATA', 'BDAT'] as const).entries()) {
    test(`goes from submission by ${how} over SMTP into the mailbox`, async () => {
      const client = await signIn(server.port('imap'));
      await growth(`sent by ${how}, transferred, stored`, async () => {
        await submit(server.port('submission'), { how });
        await untilThere(client, warmUps + index + 1);
      });
      client.close();
    });

    test(`is read as it was sent by ${how}`, async () => {
      const client = await signIn(server.port('imap'));
      await growth(`fetched whole (${how})`, async () => {
        const whole = await fetched(client, 'BODY.PEEK[]');
        assert.equal(whole.hash, bodyHash());
        assert(whole.bytes > bodyBytes());
      });
      client.close();
    });
  }

  test('a part, the envelope and the structure are fetched without the whole', async () => {
    const client = await signIn(server.port('imap'));
    await growth('a part', async () => {
      const part = await fetched(client, 'BODY.PEEK[2]');
      assert.equal(part.bytes, blocks * block.length);
      const structure = await client.say('g UID FETCH * (ENVELOPE BODYSTRUCTURE RFC822.SIZE)', '* ');
      assert.match(structure, /"large\.bin"/);
      await client.say('', 'g OK');
    });
    client.close();
  });

  test('a part is decoded by BINARY', async () => {
    const client = await signIn(server.port('imap'));
    await growth('a part, decoded', async () => {
      const part = await fetched(client, 'BINARY.PEEK[2]');
      const hash = createHash('sha256');
      const decoded = Buffer.from(block.toString('latin1'), 'base64');
      for (let i = 0; i < blocks; i++) hash.update(decoded);
      assert.equal(part.bytes, blocks * decoded.length);
      assert.equal(part.hash, hash.digest('hex'));
    });
    client.close();
  });

  test('text is searched for in it', async () => {
    const client = await signIn(server.port('imap'));
    await growth('searched', async () => {
      const found = await client.say('f SEARCH BODY "a line with dots"', '* SEARCH');
      assert.equal(found.split(' ').length - 2, warmUps + 2);
      await client.say('', 'f OK');
    });
    client.close();
  });

  test('it is appended by IMAP', async () => {
    const client = await signIn(server.port('imap'));
    await client.say('c CREATE Copies', 'c OK');
    await growth('appended', async () => {
      const first = Buffer.from(head('appended'));
      await client.say(`p APPEND Copies {${first.length + bodyBytes()}}`, '+');
      await client.write(first);
      for (const piece of pieces()) await client.write(piece);
      await client.write('\r\n');
      await client.say('', 'p OK');
    });
    await client.say('d SELECT Copies', 'd OK');
    assert.equal((await fetched(client, 'BODY.PEEK[]')).hash, bodyHash());
    client.close();
  });

  test('a notice that it could not be delivered carries its header, although all was asked for', async () => {
    const client = await signIn(server.port('imap'), sender);
    await growth('returned', async () => {
      await submit(server.port('submission'), { how: 'BDAT', to: 'nobody@far.test' });
      await untilThere(client, 1);
    });
    const structure = await client.say('g UID FETCH * (BODYSTRUCTURE)', '* ');
    await client.say('', 'g OK');
    assert.match(structure, /"text" "rfc822-headers".*"report"/i);
    const notice = await fetched(client, 'BODY.PEEK[]');
    assert(notice.bytes < 16 * 1024, `${notice.bytes} bytes`);
    client.close();
  });

  test('POP3 gives it too', async () => {
    const client = new Client(server.port('pop3'));
    await client.say('', '+OK');
    await client.say(`USER ${reader}`, '+OK');
    await client.say(`PASS ${password}`, '+OK');
    await growth('retrieved by POP3', async () => {
      const first = await client.say(`RETR ${warmUps + 2}`, '+OK');
      assert.match(first, /\d/);
      const hash = createHash('sha256');
      let inBody = false;
      for (let line = await client.line(); line !== '.'; line = await client.line()) {
        if (inBody) hash.update(`${line.startsWith('.') ? line.slice(1) : line}\r\n`, 'latin1');
        else inBody = line === '';
      }
      assert.equal(hash.digest('hex'), bodyHash());
    });
    client.close();
  });
});

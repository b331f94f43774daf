/** A client that sends many mails over few connections, as fast as the server takes them: each mail is one write (PIPELINING and CHUNKING). */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Load {
  readonly port: number;
  readonly host?: string;
  readonly count: number;
  readonly connections?: number;
  /** Mails on their way on one connection before its first reply is in. */
  readonly ahead?: number;
  readonly sizeBytes?: number;
  readonly to: (index: number) => string;
  /** Unique: it is the subject, by which the mail is found again. */
  readonly token: (index: number) => string;
}

export interface Taken {
  /** Tokens that were answered with 250. */
  readonly accepted: string[];
  /** Replies to texts that were refused, and to whatever else was. */
  readonly refused: string[];
  readonly perSecond: number;
}

/** Servers end a connection after so many. */
const perConnectionMax = 5000;

/** Resolves when every mail is answered, or its connection is gone. */
export async function sendMails(load: Load): Promise<Taken> {
  const taken = { accepted: [] as string[], refused: [] as string[] };
  const share = { next: 0 };
  const startMs = performance.now();
  const count = Math.max(load.connections ?? 10, Math.ceil(load.count / perConnectionMax));
  await Promise.all(Array.from({ length: count }, () => new Sender(load, share, taken).run()));
  return { ...taken, perSecond: (taken.accepted.length * 1000) / (performance.now() - startMs) };
}

class Sender {
  readonly #load: Load;
  readonly #share: { next: number };
  readonly #taken: Pick<Taken, 'accepted' | 'refused'>;
  readonly #socket: Socket;
  readonly #filler: string;
  /** What each reply to come is about: a token for the text of a mail. */
  readonly #expected: (string | undefined)[] = [undefined, undefined];
  #underWay = 0;
  #rest = '';

  constructor(load: Load, share: { next: number }, taken: Pick<Taken, 'accepted' | 'refused'>) {
    this.#load = load;
    this.#share = share;
    this.#taken = taken;
    this.#filler = `${'x'.repeat(70)}\r\n`.repeat(Math.ceil((load.sizeBytes ?? 1000) / 72));
    this.#socket = connect({ port: load.port, host: load.host ?? '127.0.0.1', noDelay: true });
  }

  async run(): Promise<void> {
    const socket = this.#socket;
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    socket.setEncoding('latin1').on('data', (text: string) => this.#heard(text));
    socket.write('EHLO source.test\r\n');
    await closed;
  }

  #heard(text: string): void {
    const lines = (this.#rest + text).split('\r\n');
    this.#rest = lines.pop()!;
    for (const line of lines) if (line[3] !== '-') this.#reply(line);
    if (this.#expected.length === 0 || this.#underWay < (this.#load.ahead ?? 5)) this.#more();
  }

  #reply(line: string): void {
    const token = this.#expected.shift();
    if (token !== undefined) this.#underWay -= 1;
    if (!line.startsWith('2')) this.#taken.refused.push(line);
    else if (token !== undefined) this.#taken.accepted.push(token);
  }

  #more(): void {
    // Greeting and EHLO first.
    if (this.#expected.length > 0 && this.#underWay === 0) return;
    const { ahead = 5, count, to, token } = this.#load;
    let out = '';
    while (this.#underWay < ahead && this.#share.next < count) {
      const index = this.#share.next++;
      const name = token(index);
      const text = `From: source@source.test\r\nSubject: ${name}\r\nMessage-ID: <${name}@source.test>\r\n\r\n${this.#filler}`;
      out += `MAIL FROM:<source@source.test>\r\nRCPT TO:<${to(index)}>\r\nBDAT ${text.length} LAST\r\n${text}`;
      this.#expected.push(undefined, undefined, name);
      this.#underWay += 1;
    }
    if (out !== '') this.#socket.write(out, 'latin1');
    else if (this.#underWay === 0 && this.#socket.writable) this.#socket.end('QUIT\r\n');
  }
}

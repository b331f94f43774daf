/**
 * An SMTP server at the other end of a test: takes mail in constant memory, counts what came, and answers as it is told. Speaks PIPELINING, 8BITMIME, SIZE,
 * and CHUNKING and LIMITS when asked to.
 */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export interface SinkOptions {
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly chunking?: boolean;
  /** Told by LIMITS (RFC 9422), and kept: the next recipient hears 452. */
  readonly recipientsMax?: number;
  /** The reply to a recipient, when it is not 250. */
  readonly rcpt?: (address: string) => string | undefined;
}

/** A transaction that was accepted. */
export interface SunkMail {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly sizeBytes: number;
  /** SHA-256 of the text behind the header, dots unstuffed. */
  readonly bodyHash: string;
  readonly subject: string;
  readonly by: 'DATA' | 'BDAT';
}

export class MailSink implements AsyncDisposable {
  readonly mails: SunkMail[] = [];
  /** Transactions in which the sender went beyond `recipientsMax`. */
  overLimit = 0;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly options: SinkOptions;

  private constructor(options: SinkOptions) {
    this.options = options;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      new SinkSession(socket, this).begin();
    });
  }

  static async start(options: SinkOptions = {}): Promise<MailSink> {
    const sink = new MailSink(options);
    sink.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const endOfText = Buffer.from('\r\n.\r\n');

class SinkSession {
  readonly #socket: Socket;
  readonly #sink: MailSink;
  #rest: Buffer = Buffer.alloc(0);
  #sender = '';
  #recipients: string[] = [];
  #asked = 0;
  #text: SunkText | undefined;
  #mode: { at: 'line' } | { at: 'data' } | { at: 'chunk'; left: number; last: boolean } = { at: 'line' };

  constructor(socket: Socket, sink: MailSink) {
    this.#socket = socket;
    this.#sink = sink;
  }

  begin(): void {
    this.#say('220 sink.test ESMTP');
    this.#socket.on('data', (chunk: Buffer) => {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      while (this.#step());
    });
  }

  #say(line: string): void {
    this.#socket.write(`${line}\r\n`, 'latin1');
  }

  #step(): boolean {
    if (this.#mode.at === 'data') return this.#data();
    if (this.#mode.at === 'chunk') return this.#chunk(this.#mode);
    const end = this.#rest.indexOf('\r\n');
    if (end === -1) return false;
    const line = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    this.#command(line);
    return true;
  }

  /** All but what may be the beginning of the end goes into the text. */
  #data(): boolean {
    const found = this.#rest.indexOf(endOfText);
    const sure = found === -1 ? Math.max(0, this.#rest.length - endOfText.length + 1) : found + 2;
    this.#text!.push(this.#rest.subarray(0, sure), true);
    this.#rest = this.#rest.subarray(found === -1 ? sure : found + endOfText.length);
    if (found === -1) return false;
    this.#mode = { at: 'line' };
    this.#done('DATA');
    return true;
  }

  #chunk(mode: { left: number; last: boolean }): boolean {
    const part = this.#rest.subarray(0, mode.left);
    this.#text!.push(part, false);
    this.#rest = this.#rest.subarray(part.length);
    mode.left -= part.length;
    if (mode.left > 0) return false;
    this.#mode = { at: 'line' };
    if (mode.last) this.#done('BDAT');
    else this.#say('250 2.0.0 Chunk taken');
    return true;
  }

  #command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    const address = /<(.*?)>/.exec(line)?.[1] ?? '';
    const { chunking, recipientsMax } = this.#sink.options;
    if (verb === 'EHLO') {
      const more = [
        ...(chunking ? ['CHUNKING'] : []),
        ...(recipientsMax ? [`LIMITS RCPTMAX=${recipientsMax}`] : []),
      ];
      const lines = ['sink.test', 'PIPELINING', '8BITMIME', ...more, 'SIZE 1000000000'];
      this.#say(lines.map((text, i) => `250${i === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n'));
    } else if (verb === 'MAIL') {
      this.#begin(address);
      this.#say('250 2.1.0 OK');
    } else if (verb === 'RCPT') this.#say(this.#recipient(address));
    else if (verb === 'DATA') {
      this.#text = new SunkText();
      this.#mode = { at: 'data' };
      this.#say('354 Go ahead');
    } else if (verb === 'BDAT') {
      this.#text ??= new SunkText();
      this.#mode = { at: 'chunk', left: Number(line.split(' ')[1]), last: /LAST/i.test(line) };
    } else if (verb === 'QUIT') {
      this.#say('221 2.0.0 Bye');
      this.#socket.end();
    } else {
      if (verb === 'RSET') this.#begin('');
      this.#say('250 2.0.0 OK');
    }
  }

  #begin(sender: string): void {
    this.#sender = sender;
    this.#recipients = [];
    this.#asked = 0;
    this.#text = undefined;
  }

  #recipient(address: string): string {
    const { recipientsMax = Infinity, rcpt } = this.#sink.options;
    this.#asked += 1;
    if (this.#asked > recipientsMax) {
      this.#sink.overLimit += 1;
      return '452 4.5.3 Too many recipients';
    }
    const no = rcpt?.(address);
    if (no === undefined) this.#recipients.push(address);
    return no ?? '250 2.1.5 OK';
  }

  #done(by: SunkMail['by']): void {
    const text = this.#text!.end();
    this.#sink.mails.push({ sender: this.#sender, recipients: this.#recipients, by, ...text });
    this.#begin('');
    this.#say('250 2.0.0 Taken');
  }
}

const headerMax = 64 * 1024;

/** Hashes the body of a text as it comes. */
class SunkText {
  #header: Buffer | undefined = Buffer.alloc(0);
  #subject = '';
  readonly #hash: Hash = createHash('sha256');
  #sizeBytes = 0;
  /** The latest two octets before what comes: a dot behind CRLF is stuffed. */
  #tail = '\r\n';

  push(bytes: Buffer, stuffed: boolean): void {
    const text = stuffed ? this.#unstuffed(bytes) : bytes;
    this.#sizeBytes += text.length;
    if (this.#header === undefined) return void this.#hash.update(text);
    this.#header = Buffer.concat([this.#header, text]);
    const end = this.#header.indexOf('\r\n\r\n');
    if (end === -1 && this.#header.length < headerMax) return;
    this.#subject = /^Subject: (.*)$/m.exec(this.#header.toString('latin1', 0, end))?.[1]?.trim() ?? '';
    this.#hash.update(this.#header.subarray(end + 4));
    this.#header = undefined;
  }

  end(): Pick<SunkMail, 'sizeBytes' | 'bodyHash' | 'subject'> {
    return { sizeBytes: this.#sizeBytes, bodyHash: this.#hash.digest('hex'), subject: this.#subject };
  }

  #unstuffed(bytes: Buffer): Buffer {
    if (bytes.length === 0) return bytes;
    const pieces: Buffer[] = [];
    let from = this.#tail === '\r\n' && bytes[0] === 0x2e ? 1 : 0;
    const joined = this.#tail + bytes.toString('latin1', 0, 2);
    if (from === 0 && joined[1] === '\r' && joined.slice(2) === '\n.') {
      pieces.push(bytes.subarray(0, 1));
      from = 2;
    }
    for (let at = bytes.indexOf('\r\n.', from); at !== -1; at = bytes.indexOf('\r\n.', at + 3)) {
      pieces.push(bytes.subarray(from, at + 2));
      from = at + 3;
    }
    pieces.push(bytes.subarray(from));
    this.#tail = (this.#tail + bytes.toString('latin1', Math.max(0, bytes.length - 2))).slice(-2);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }
}

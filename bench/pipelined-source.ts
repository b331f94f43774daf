/**
 * Sends mails as fast as a server takes them: PIPELINING (RFC 2920), the text of one mail and the envelope of the next in one write, on kept connections.
 * In a process of its own, so that it can be on another core than what is measured; prints one line of JSON.
 *
 *   node bench/pipelined-source.ts PORT COUNT SIZE CONNECTIONS [HOST]
 */
import { connect, type Socket } from 'node:net';

const [port, count, sizeBytes, connections] = process.argv.slice(2, 6).map(Number) as [
  number,
  number,
  number,
  number,
];
const host = process.argv[6] ?? '127.0.0.1';

const line = `${'x'.repeat(76)}\r\n`;
const header = 'From: sender@example.org\r\nTo: b@example.test\r\nSubject: pipelined\r\n\r\n';
const text = header + line.repeat(Math.max(1, Math.round((sizeBytes - header.length) / line.length)));
const envelope = 'MAIL FROM:<sender@example.org>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n';
const textThenEnvelope = Buffer.from(`${text}.\r\n${envelope}`);
const lastText = Buffer.from(`${text}.\r\n`);

let begun = 0;
let done = 0;
let refused = 0;
const startMs = performance.now();

/** One connection. Replies to one mail in a pipeline: to the text before, MAIL, RCPT, DATA. */
class Sender {
  readonly #socket: Socket;
  readonly #over = Promise.withResolvers<void>();
  #rest = '';
  #at: 'greeting' | 'hello' | 'envelope' | 'text' | 'leaving' = 'greeting';
  #last = false;

  constructor() {
    this.#socket = connect({ port, host, noDelay: true });
    this.#socket.on('error', (error) => this.#over.reject(error)).on('close', () => this.#over.resolve());
    this.#socket.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString('latin1')).split('\r\n');
      this.#rest = lines.pop()!;
      for (const line of lines) if (line[3] === ' ') this.#heard(line);
    });
  }

  get over(): Promise<void> {
    return this.#over.promise;
  }

  #heard(reply: string): void {
    if (this.#at === 'leaving') return;
    if (!/^[23]/.test(reply)) {
      refused += 1;
      this.#leave();
    } else if (this.#at === 'greeting') this.#say('EHLO bench.example.org\r\n', 'hello');
    else if (this.#at === 'hello') this.#begin();
    else if (reply.startsWith('354')) {
      this.#last = begun >= count;
      if (!this.#last) begun += 1;
      this.#say(this.#last ? lastText : textThenEnvelope, 'text');
    } else if (this.#at === 'text') {
      done += 1;
      this.#at = 'envelope';
      if (this.#last) this.#leave();
    }
  }

  #begin(): void {
    if (begun >= count) return this.#leave();
    begun += 1;
    this.#say(envelope, 'envelope');
  }

  #leave(): void {
    this.#say('QUIT\r\n', 'leaving');
    this.#socket.end();
  }

  #say(words: string | Buffer, next: 'hello' | 'envelope' | 'text' | 'leaving'): void {
    this.#socket.write(words);
    this.#at = next;
  }
}

await Promise.all(Array.from({ length: connections }, () => new Sender().over));
const seconds = (performance.now() - startMs) / 1000;
console.log(JSON.stringify({ done, refused, seconds, perSecond: done / seconds }));

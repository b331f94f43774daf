/** As much of an IMAP client as benchmarks need: logs in, says commands one after another, waits in IDLE. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Timed {
  readonly ms: number;
  readonly bytes: number;
  /** How the answer begins. */
  readonly head: string;
}

export interface Where {
  readonly localAddress?: string;
  readonly tls?: boolean;
  /** Of the key exchange. */
  readonly groups?: string | undefined;
}

const headMax = 4000;
const tailMax = 2000;

export class ImapClient {
  readonly socket: Socket;
  #heard = '';
  #wake: () => void = () => {};
  #watch: ((piece: Buffer) => void) | undefined;
  #tag = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (piece: Buffer) => {
      if (this.#watch) return this.#watch(piece);
      this.#heard += piece.toString('latin1');
      this.#wake();
    });
    socket.on('error', () => {}).on('close', () => this.#wake());
  }

  static async signIn(
    port: number,
    user: string,
    password: string,
    { localAddress = '127.0.0.1', tls = false, groups }: Where = {},
  ): Promise<ImapClient> {
    const where = { host: '127.0.0.1', port, localAddress };
    const socket = tls
      ? connectTls({ ...where, rejectUnauthorized: false, ...(groups && { ecdhCurve: groups }) })
      : connect(where);
    const client = new ImapClient(socket.setNoDelay());
    await client.#until(/^\* OK.*\r\n/);
    await client.command(`LOGIN ${user} ${password}`);
    return client;
  }

  /** All that was answered. Rejects when it is not OK. */
  async command(text: string): Promise<string> {
    const tag = `a${++this.#tag}`;
    this.#heard = '';
    this.socket.write(`${tag} ${text}\r\n`);
    const answer = await this.#until(new RegExp(`^${tag} (OK|NO|BAD).*\\r\\n`, 'm'));
    if (!answer.includes(`${tag} OK`)) throw new Error(`${text}: ${answer}`);
    return answer;
  }

  /** How long a command takes until its last byte is here. Only the end of what comes is looked at, so that the client costs little. */
  timed(text: string): Promise<Timed> {
    const tag = `a${++this.#tag}`;
    const { promise, resolve, reject } = Promise.withResolvers<Timed>();
    const startMs = performance.now();
    let bytes = 0;
    let head = '';
    let tail = Buffer.from('\r\n');
    this.#watch = (piece) => {
      bytes += piece.length;
      if (head.length < headMax) head += piece.toString('latin1', 0, headMax);
      tail = Buffer.concat([tail, piece.subarray(-tailMax)]).subarray(-tailMax);
      const at = tail.lastIndexOf(`\r\n${tag} `);
      if (at === -1 || !tail.toString().endsWith('\r\n')) return;
      this.#watch = undefined;
      const ms = performance.now() - startMs;
      const status = tail.toString('latin1', at + 2);
      if (status.startsWith(`${tag} OK`)) resolve({ ms, bytes, head });
      else reject(new Error(`${text}: ${status}`));
    };
    this.socket.write(`${tag} ${text}\r\n`);
    return promise;
  }

  /** Puts messages into a mailbox with one command (MULTIAPPEND). */
  async appendAll(mailbox: string, messages: readonly Buffer[]): Promise<void> {
    const tag = `a${++this.#tag}`;
    this.#heard = '';
    const pieces = messages.flatMap((one) => [Buffer.from(` {${one.length}+}\r\n`), one]);
    this.socket.write(
      Buffer.concat([Buffer.from(`${tag} APPEND ${mailbox}`), ...pieces, Buffer.from('\r\n')]),
    );
    const answer = await this.#until(new RegExp(`^${tag} (OK|NO|BAD).*\r\n`, 'm'));
    if (!answer.includes(`${tag} OK`)) throw new Error(answer);
  }

  async idle(): Promise<void> {
    this.#heard = '';
    this.socket.write(`a${++this.#tag} IDLE\r\n`);
    await this.#until(/^\+ /m);
  }

  /** Puts a message into the INBOX. */
  async append(text: string): Promise<void> {
    const tag = `a${++this.#tag}`;
    this.#heard = '';
    this.socket.write(`${tag} APPEND INBOX {${text.length}}\r\n`);
    await this.#until(/^\+ /m);
    this.socket.write(`${text}\r\n`);
    await this.#until(new RegExp(`^${tag} OK`, 'm'));
  }

  /** Messages in the INBOX. */
  async messages(): Promise<number> {
    return Number(/MESSAGES (\d+)/.exec(await this.command('STATUS INBOX (MESSAGES)'))?.[1]);
  }

  close(): void {
    this.socket.destroy();
  }

  async #until(wanted: RegExp): Promise<string> {
    while (!wanted.test(this.#heard)) {
      if (this.socket.destroyed) throw new Error(`the server has closed: ${this.#heard}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#heard;
  }
}

/** As much of an IMAP client as benchmarks need: logs in, says commands one after another, waits in IDLE. */
import { connect, type Socket } from 'node:net';

export class ImapClient {
  readonly socket: Socket;
  #heard = '';
  #wake: () => void = () => {};
  #tag = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#heard += text;
      this.#wake();
    });
    socket.on('error', () => {}).on('close', () => this.#wake());
  }

  static async signIn(
    port: number,
    user: string,
    password: string,
    localAddress = '127.0.0.1',
  ): Promise<ImapClient> {
    const client = new ImapClient(connect({ host: '127.0.0.1', port, localAddress, noDelay: true }));
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

/** A bare IMAP client for tests that compare servers: it says what it is told, and gives answers as values, strings of any form alike. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An atom or string, NIL, or a list. */
export type Value = string | null | readonly Value[];

export interface Answer {
  /** `OK`, `NO` or `BAD`, and the response code without its values: `NO [TRYCREATE]`. */
  readonly status: string;
  /** Without the text for people. */
  readonly untagged: readonly (readonly Value[])[];
}

const answerWithinMs = 20_000;

export class ImapClient implements Disposable {
  readonly #socket: Socket;
  #input = Buffer.alloc(0);
  #tags = 0;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('no answer')));
    socket.on('error', () => {});
    socket.on('close', () => this.#wake());
    socket.on('data', (chunk: Buffer) => {
      this.#input = Buffer.concat([this.#input, chunk]);
      this.#wake();
    });
  }

  static async open(port: number, user: string, password: string): Promise<ImapClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new ImapClient(socket);
    await client.#response();
    const { status } = await client.say(`LOGIN ${user} "${password}"`);
    assert.match(status, /^OK/);
    return client;
  }

  /** Sends a command, with octets as non-synchronizing literals (RFC 7888), and waits for its end. */
  async say(...parts: readonly (string | Buffer)[]): Promise<Answer> {
    const tag = `t${++this.#tags}`;
    const pieces = parts.flatMap((part): Buffer[] =>
      typeof part === 'string' ? [Buffer.from(part)] : [Buffer.from(`{${part.length}+}\r\n`), part],
    );
    this.#socket.write(Buffer.concat([Buffer.from(`${tag} `), ...pieces, Buffer.from('\r\n')]));
    const untagged: Value[][] = [];
    for (;;) {
      const response = await this.#response();
      const [first, ...rest] = response;
      if (first === tag) return { status: rest.filter((word) => word !== '').join(' '), untagged };
      untagged.push(rest);
    }
  }

  /** One response, its literals within it. */
  async #response(): Promise<Value[]> {
    for (let from = 0; ; ) {
      const end = this.#input.indexOf('\r\n', from);
      if (end === -1) {
        await this.#more();
        continue;
      }
      const literal = /\{(\d+)\}$/.exec(this.#input.toString('latin1', from, end))?.[1];
      if (literal === undefined) {
        const text = this.#input.toString('latin1', 0, end);
        this.#input = this.#input.subarray(end + 2);
        return valuesOf(text);
      }
      const after = end + 2 + Number(literal);
      while (this.#input.length < after) await this.#more();
      from = after;
    }
  }

  async #more(): Promise<void> {
    assert(!this.#socket.closed && !this.#socket.readableEnded, 'the server closed the connection');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** `* OK [CODE …] text` keeps the name of the code only; everything else is read whole. */
function valuesOf(text: string): Value[] {
  const status = /^(\S+) (OK|NO|BAD|BYE|PREAUTH) ?(?:\[([^\] ]+)[^\]]*\])?/.exec(text);
  if (status !== null) return [status[1]!, status[2]!, status[3] === undefined ? '' : `[${status[3]}]`];
  const reader = new ValueReader(text);
  return reader.list('');
}

class ValueReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Up to `close`, or to the end. */
  list(close: string): Value[] {
    const values: Value[] = [];
    for (;;) {
      while (this.#text[this.#at] === ' ') this.#at += 1;
      const next = this.#text[this.#at];
      if (next === undefined || next === close) {
        assert.equal(next ?? '', close);
        this.#at += 1;
        return values;
      }
      values.push(this.#value(next));
    }
  }

  #value(first: string): Value {
    if (first === '(') {
      this.#at += 1;
      return this.list(')');
    }
    if (first === '"') return this.#take(/"((?:[^"\\]|\\.)*)"/y)[1]!.replaceAll(/\\(.)/g, '$1');
    if (first === '{' || this.#text.startsWith('~{', this.#at)) return this.#literal();
    // A section is part of its atom, blanks and lists in it too: BODY[HEADER.FIELDS (DATE)]<0>.
    const atom = this.#take(/[^\s()"{[]+(?:\[[^\]]*\])?[^\s()"{]*/y)[0];
    return atom.toUpperCase() === 'NIL' ? null : atom;
  }

  #literal(): string {
    const size = Number(this.#take(/~?\{(\d+)\}\r\n/y)[1]);
    const value = this.#text.slice(this.#at, this.#at + size);
    this.#at += size;
    return value;
  }

  #take(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    assert(match, `not an IMAP value: ${this.#text.slice(this.#at, this.#at + 40)}`);
    this.#at = pattern.lastIndex;
    return match;
  }
}

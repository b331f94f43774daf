/** An IMAP session as a client: one command at a time, its untagged responses as they come. */
import {
  listOf,
  type ResponseValue,
  type ServerResponse,
  ServerResponseReader,
} from '../../proto/imap/server-response.ts';
import type { Connection } from '../../net/connection.ts';
import {
  connectTo,
  encrypt,
  LineLost,
  type LineParts,
  plainResponse,
  type ServerLogin,
  type ServerPlace,
  ServerRefusal,
  tokenResponse,
} from '../line.ts';

export type Untagged = (values: readonly ResponseValue[], text: string) => void;

interface Pending {
  readonly tag: string;
  readonly untagged: Untagged;
  readonly goOn: () => void;
  readonly done: (text: string) => void;
  readonly failed: (error: Error) => void;
}

export class ImapLine {
  readonly #connection: Connection;
  #reader = new ServerResponseReader();
  #pending: Pending | undefined;
  #greeting: PromiseWithResolvers<string> | undefined = Promise.withResolvers<string>();
  #lost: Error | undefined;
  #tags = 0;
  capabilities: ReadonlySet<string> = new Set();

  private constructor(connection: Connection) {
    this.#connection = connection;
    connection.onData((chunk) => this.#heard(chunk));
    connection.onClose(({ reason, detail }) =>
      this.#end(new LineLost(`the connection is ${reason}: ${detail}`)),
    );
  }

  /** Logged in. Throws LineLost or ServerRefusal. */
  static async open(place: ServerPlace, login: ServerLogin, parts: LineParts): Promise<ImapLine> {
    const connection = await connectTo(place, parts);
    const line = new ImapLine(connection);
    try {
      const greeting = await line.#greeting!.promise;
      if (place.tls === 'starttls') {
        await line.command('STARTTLS');
        // What came without encryption behind the answer is nobody's word.
        line.#reader = new ServerResponseReader();
        await encrypt(connection, place);
      }
      await line.#readCapabilities();
      if (!/^PREAUTH/i.test(greeting)) await line.#login(login);
      await line.#readCapabilities();
      return line;
    } catch (error) {
      line.close();
      throw error;
    }
  }

  /** Rejects with ServerRefusal for NO and BAD. `text` has no literals, but for what is given as `literal` behind it. */
  command(text: string, untagged: Untagged = () => {}, literals: readonly Buffer[] = []): Promise<string> {
    const tag = `h${++this.#tags}`;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    if (this.#lost !== undefined) throw this.#lost;
    const waiting = [...literals];
    const goOn = (): void => {
      const literal = waiting.shift();
      if (literal === undefined) return;
      const next = waiting[0];
      this.#connection.write(literal);
      this.#connection.write(next === undefined ? '\r\n' : ` {${next.length}}\r\n`);
    };
    this.#pending = { tag, untagged, goOn, done: resolve, failed: reject };
    const first = waiting[0];
    this.#connection.write(`${tag} ${text}${first === undefined ? '' : ` {${first.length}}`}\r\n`);
    return promise;
  }

  close(): void {
    if (this.#lost === undefined && this.#connection.open) this.#connection.write('h0 LOGOUT\r\n');
    this.#connection.end();
  }

  async #login(login: ServerLogin): Promise<void> {
    if (login.byToken === true) {
      const mechanism = this.capabilities.has('AUTH=XOAUTH2') ? 'XOAUTH2' : 'OAUTHBEARER';
      return this.#authenticate(mechanism, tokenResponse(login, mechanism));
    }
    const plain = this.capabilities.has('AUTH=PLAIN');
    if (this.capabilities.has('LOGINDISABLED') && !plain)
      throw new ServerRefusal('the server takes no password without encryption');
    if (plain || login.as !== undefined) return this.#authenticate('PLAIN', plainResponse(login));
    await this.command('LOGIN', undefined, [Buffer.from(login.user), Buffer.from(login.password)]);
  }

  /** A server that refuses a token says why in a challenge, and waits for an answer to it (RFC 7628, 3.2.3). */
  async #authenticate(mechanism: string, response: string): Promise<void> {
    const initial = this.capabilities.has('SASL-IR');
    const done = this.command(`AUTHENTICATE ${mechanism}${initial ? ` ${response}` : ''}`);
    const answers = initial ? [] : [response];
    const goOn = (): void => void this.#connection.write(`${answers.shift() ?? ''}\r\n`);
    this.#pending = { ...this.#pending!, goOn };
    await done;
  }

  async #readCapabilities(): Promise<void> {
    await this.command('CAPABILITY', (values) => {
      if (values[0] !== 'CAPABILITY') return;
      this.capabilities = new Set(values.slice(1).map((value) => String(value).toUpperCase()));
    });
  }

  #heard(chunk: Buffer): void {
    try {
      for (const response of this.#reader.push(chunk)) this.#take(response);
    } catch (error) {
      this.#end(new LineLost((error as Error).message, { cause: error }));
      this.#connection.destroy('not IMAP');
    }
  }

  #take({ tag, text, values }: ServerResponse): void {
    if (this.#greeting !== undefined) {
      const greeting = this.#greeting;
      this.#greeting = undefined;
      if (/^(?:OK|PREAUTH)/i.test(text)) greeting.resolve(text);
      else greeting.reject(new ServerRefusal(`the server says: ${text}`));
      return;
    }
    const pending = this.#pending;
    if (pending === undefined) return;
    if (tag === '+') pending.goOn();
    else if (tag === '*') pending.untagged(values, text);
    else if (tag === pending.tag) {
      this.#pending = undefined;
      if (/^OK/i.test(text)) pending.done(text);
      else pending.failed(new ServerRefusal(`the server says: ${text}`));
    }
  }

  #end(error: Error): void {
    this.#lost ??= error;
    this.#greeting?.reject(this.#lost);
    this.#greeting = undefined;
    this.#pending?.failed(this.#lost);
    this.#pending = undefined;
  }
}

/** The data items of a FETCH response by name; undefined for other responses. */
export function fetchItems(values: readonly ResponseValue[]): ReadonlyMap<string, ResponseValue> | undefined {
  if (typeof values[1] !== 'string' || values[1].toUpperCase() !== 'FETCH') return undefined;
  const list = listOf(values[2]);
  const items = new Map<string, ResponseValue>();
  for (let i = 0; i + 1 < list.length; i += 2) items.set(String(list[i]).toUpperCase(), list[i + 1]!);
  return items;
}

/** A mailbox name as it is sent: modified UTF-7 is ASCII. */
export const quoted = (name: string): string => `"${name.replaceAll(/["\\]/g, '\\$&')}"`;

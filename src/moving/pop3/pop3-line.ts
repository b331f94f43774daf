/** A POP3 session as a client (RFC 1939): one command at a time, or several of a kind ahead where the server takes them (RFC 2449, 6.6). */
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

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
/** Of a message more may come in one line, as long as its sender liked: then in pieces. */
const lineMaxBytes = 64 * 1024;

interface Waiting {
  readonly multi: boolean;
  readonly done: (answer: Buffer) => void;
  readonly failed: (error: Error) => void;
}

export class Pop3Line {
  readonly #connection: Connection;
  #held: Buffer = Buffer.alloc(0);
  /** The lines of the answer that is coming, from behind its first. */
  #body: Buffer[] | undefined;
  /** What comes next goes on with a line whose beginning is in the body already. */
  #withinLine = false;
  readonly #waiting: Waiting[] = [];
  #lost: Error | undefined;
  capabilities: ReadonlySet<string> = new Set();

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Logged in. Throws LineLost or ServerRefusal. */
  static async open(place: ServerPlace, login: ServerLogin, parts: LineParts): Promise<Pop3Line> {
    const connection = await connectTo(place, parts);
    const line = new Pop3Line(connection);
    const greeting = line.#expect(false);
    connection.onData((chunk) => line.#heard(chunk));
    connection.onClose(({ reason, detail }) =>
      line.#end(new LineLost(`the connection is ${reason}: ${detail}`)),
    );
    try {
      await greeting;
      if (place.tls === 'starttls') {
        await line.command('STLS');
        // What came without encryption behind the answer is nobody's word.
        line.#held = Buffer.alloc(0);
        await encrypt(connection, place);
      }
      await line.#readCapabilities();
      await line.#login(login);
      await line.#readCapabilities();
      return line;
    } catch (error) {
      line.close();
      throw error;
    }
  }

  /** The rest of the `+OK` line. Rejects with ServerRefusal for `-ERR`. */
  async command(text: string): Promise<string> {
    return (await this.#send(text, false)).toString('latin1');
  }

  /** The lines behind `+OK`, dots undone, each with its line end. */
  lines(text: string): Promise<Buffer> {
    return this.#send(text, true);
  }

  close(): void {
    if (this.#lost === undefined && this.#connection.open) this.#connection.write('QUIT\r\n');
    this.#connection.end();
  }

  async #login(login: ServerLogin): Promise<void> {
    const { user, password, as, byToken } = login;
    if (byToken === true) await this.command(`AUTH XOAUTH2 ${tokenResponse(login, 'XOAUTH2')}`);
    else if (as === undefined) {
      await this.command(`USER ${user}`);
      await this.command(`PASS ${password}`);
    } else await this.command(`AUTH PLAIN ${plainResponse(login)}`);
  }

  async #readCapabilities(): Promise<void> {
    const found = await this.lines('CAPA').catch(noCapabilities);
    this.capabilities = new Set(found.toString('latin1').toUpperCase().split(/\r?\n/).filter(Boolean));
  }

  #send(text: string, multi: boolean): Promise<Buffer> {
    if (/[\r\n]/.test(text)) throw new ServerRefusal('a line end in a user name or password');
    if (this.#lost !== undefined) throw this.#lost;
    const answer = this.#expect(multi);
    this.#connection.write(Buffer.from(`${text}\r\n`));
    return answer;
  }

  #expect(multi: boolean): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#waiting.push({ multi, done: resolve, failed: reject });
    return promise;
  }

  #heard(chunk: Buffer): void {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF)) {
      this.#line(bytes.subarray(0, lf + 1));
      bytes = bytes.subarray(lf + 1);
    }
    if (bytes.length > lineMaxBytes) {
      if (this.#body === undefined) return this.#notPop3();
      this.#content(this.#body, bytes);
      this.#withinLine = true;
      bytes = bytes.subarray(bytes.length);
    }
    this.#held = Buffer.from(bytes);
  }

  #notPop3(): void {
    this.#end(new LineLost('an answer that is too long'));
    this.#connection.destroy('not POP3');
  }

  #line(line: Buffer): void {
    const body = this.#body;
    if (body === undefined) this.#status(line);
    else if (!this.#withinLine && isEnd(line)) {
      this.#body = undefined;
      this.#waiting.shift()?.done(Buffer.concat(body));
    } else {
      this.#content(body, line);
      this.#withinLine = false;
    }
  }

  /** A line of the body, or a piece of one: the first has a dot in front that the server put there. */
  #content(body: Buffer[], bytes: Buffer): void {
    const stuffed = !this.#withinLine && bytes[0] === DOT;
    body.push(Buffer.from(stuffed ? bytes.subarray(1) : bytes));
  }

  #status(line: Buffer): void {
    const text = line.toString('latin1').trimEnd();
    const waiting = this.#waiting[0];
    if (waiting === undefined) return;
    if (!text.startsWith('+OK')) {
      this.#waiting.shift();
      waiting.failed(new ServerRefusal(`the server says: ${text}`));
    } else if (waiting.multi) this.#body = [];
    else {
      this.#waiting.shift();
      waiting.done(Buffer.from(text.slice(4), 'latin1'));
    }
  }

  #end(error: Error): void {
    this.#lost ??= error;
    for (const { failed } of this.#waiting.splice(0)) failed(this.#lost);
  }
}

/** `.` alone, with whatever line end. */
const isEnd = (line: Buffer): boolean =>
  line[0] === DOT && (line.length === 2 || (line.length === 3 && line[1] === CR));

/** Old servers know no CAPA. */
function noCapabilities(error: unknown): Buffer {
  if (error instanceof ServerRefusal) return Buffer.alloc(0);
  throw error;
}

/**
 * Cuts the bytes of a client into commands: lines and literals (RFC 3501, 4.3; RFC 7888).
 *
 * Framing comes before meaning: a literal's bytes are never taken for a command, whatever was wrong with the line that announced it.
 * Memory: a line, plus the literals of one command up to a limit. Messages of APPEND are not gathered: they pass through as `bytes`.
 *
 * `push` is a lazy generator. Between two inputs the driver may change the mode: `expectLine` after "+" of AUTHENTICATE or IDLE, `refuse`
 * when it does not want the literal just announced. A synchronizing literal is wanted unless refused: the driver sends "+" and goes on.
 *
 *   command --{n} wanted--> literal --n bytes--> command     (gathered)
 *   command --{n} of APPEND--> message --n bytes--> command  (streamed; the command's further text has `after: true`)
 *   any --refuse, {n+}--> drain --n bytes, rest of the command--> command
 */
import { LineReader, type Token } from '../../base/line-reader.ts';
import type { CommandText } from './scanner.ts';

export interface ReaderLimits {
  /** Octets of a line with its CRLF. */
  readonly lineMaxBytes: number;
  /** Octets of one gathered literal. */
  readonly literalMaxBytes: number;
  /** Octets of all gathered literals of a command, and of its lines after the first. */
  readonly commandMaxBytes: number;
  /** Octets of a refused non-synchronizing literal that are read and thrown away; above it the session ends. */
  readonly drainMaxBytes: number;
  /** Octets of a literal that the client does not wait with: LITERAL- allows 4,096. */
  readonly waitlessMaxBytes: number;
}

export interface TooLarge {
  readonly is: 'tooLarge';
  readonly text: CommandText;
  /** The client should have waited with it (RFC 7888, 5). */
  readonly forbidden: boolean;
}

export type Input =
  /** The end of a command. `after` says that it belongs to an APPEND whose message came before. */
  | { readonly is: 'command'; readonly text: CommandText; readonly after: boolean }
  /** The line asked for by `expectLine`. */
  | { readonly is: 'line'; readonly bytes: Uint8Array }
  /** A literal of the command starts. */
  | { readonly is: 'literal'; readonly text: CommandText; readonly synchronizing: boolean }
  /** A message of APPEND starts: `sizeBytes` will come as `bytes`. */
  | {
      readonly is: 'message';
      readonly text: CommandText;
      readonly after: boolean;
      readonly sizeBytes: number;
      readonly synchronizing: boolean;
    }
  /** Bytes of the message: valid until the next input is asked for. */
  | { readonly is: 'bytes'; readonly bytes: Uint8Array; readonly last: boolean }
  /** The command was too large and is thrown away. */
  | TooLarge;

/** Too much to drain, or a count that is no number: the session cannot go on. */
export class ReaderError extends Error {
  override readonly name = 'ReaderError';
}

const marker = /(~?)\{(\d{1,20})(\+?)\}$/;
const appendStart = /^[^ ]+ (?:APPEND |(?:UID )?REPLACE [^ ]+ )/i;
const appendMailbox = /^[^ ]+ (?:APPEND |(?:UID )?REPLACE [^ ]+ )$/i;
const urlNext = /[( ]URL $/i;
const none = new Uint8Array(0);

export class CommandReader {
  readonly #reader: LineReader;
  #limits: ReaderLimits;
  #lines: string[] = [];
  #literals: Uint8Array[] = [];
  #heldBytes = 0;
  /** What the next body bytes are. */
  #body: 'literal' | 'message' | 'drain' = 'literal';
  #gathered = 0;
  /** In an APPEND after its first message. */
  #after = false;
  #rawLine = false;
  /** The driver has an announcement in hand and may still refuse it. */
  #announced = false;
  #refused = false;
  #draining = false;
  #drainedBytes = 0;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
    this.#reader = new LineReader(limits.lineMaxBytes);
  }

  /** Other limits from the next line on, as after login. */
  setLimits(limits: ReaderLimits): void {
    this.#limits = limits;
    this.#reader.setLineMax(limits.lineMaxBytes);
  }

  /** The client has already sent more than the input in hand: it pipelines. */
  get more(): boolean {
    return this.#reader.unreadBytes > 0;
  }

  /** Between two commands: nothing of one is held. */
  get idle(): boolean {
    return this.#lines.length === 0 && !this.#after && !this.#draining && this.#reader.empty;
  }

  /** The next line is an answer to "+", not a command. */
  expectLine(): void {
    this.#rawLine = true;
  }

  /** The literal just announced, or the rest of the message that comes, is not wanted; the driver has answered the command. */
  refuse(): void {
    if (this.#announced) this.#refused = true;
    else if (this.#after) this.#startDraining();
  }

  *push(chunk: Uint8Array): Generator<Input, void, void> {
    for (const token of this.#reader.push(chunk)) {
      if (token.is === 'body') yield* this.#onBody(token);
      else if (this.#rawLine) {
        this.#rawLine = false;
        yield { is: 'line', bytes: token.bytes };
      } else yield* this.#onLine(token.bytes);
    }
  }

  *#onLine(bytes: Uint8Array): Generator<Input, void, void> {
    const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const found = line.endsWith('}') ? marker.exec(line) : null;
    if (found === null) {
      if (this.#draining) this.#reset();
      // A stray empty line between commands is passed over: old mailers and iOS send them.
      else if (line !== '' || this.#lines.length > 0 || this.#after) yield this.#finish(line);
      return;
    }
    const size = Number(found[2]);
    const synchronizing = found[3] === '';
    if (this.#draining) {
      this.#drain(size, synchronizing);
      return;
    }
    this.#lines.push(line.slice(0, found.index));
    if (this.#lines.length > 1 || this.#after) this.#heldBytes += line.length;
    if (!synchronizing && size > this.#limits.waitlessMaxBytes)
      yield* this.#tooLarge({ text: this.#text(), forbidden: true }, size, synchronizing);
    else if (this.#isMessage()) yield* this.#startMessage(size, synchronizing);
    else yield* this.#startLiteral(size, synchronizing);
  }

  #finish(line: string): Input {
    this.#lines.push(line);
    const after = this.#after;
    const text = this.#text();
    this.#reset();
    return { is: 'command', text, after };
  }

  /** Is the literal that the line announced the message of an APPEND? Its mailbox name and a URL of CATENATE are not. */
  #isMessage(): boolean {
    const line = this.#lines.at(-1)!;
    if (!this.#after && !appendStart.test(this.#lines[0]!)) return false;
    if (!this.#after && this.#lines.length === 1 && appendMailbox.test(line)) return false;
    return !urlNext.test(line);
  }

  *#startMessage(sizeBytes: number, synchronizing: boolean): Generator<Input, void, void> {
    const after = this.#after;
    const text = this.#text();
    if (this.#heldBytes > this.#limits.commandMaxBytes) {
      yield* this.#tooLarge({ text, forbidden: false }, sizeBytes, synchronizing);
      return;
    }
    this.#announced = true;
    yield { is: 'message', text, after, sizeBytes, synchronizing };
    this.#announced = false;
    if (this.#refused) {
      this.#drain(sizeBytes, synchronizing);
      return;
    }
    this.#lines = [];
    this.#literals = [];
    this.#after = true;
    if (sizeBytes === 0) yield { is: 'bytes', bytes: none, last: true };
    else this.#expect('message', sizeBytes);
  }

  *#startLiteral(size: number, synchronizing: boolean): Generator<Input, void, void> {
    const text = this.#text();
    this.#heldBytes += size;
    if (size > this.#limits.literalMaxBytes || this.#heldBytes > this.#limits.commandMaxBytes) {
      yield* this.#tooLarge({ text, forbidden: false }, size, synchronizing);
      return;
    }
    this.#announced = true;
    yield { is: 'literal', text, synchronizing };
    this.#announced = false;
    if (this.#refused) {
      this.#drain(size, synchronizing);
      return;
    }
    this.#literals.push(size === 0 ? none : new Uint8Array(size));
    this.#gathered = 0;
    if (size > 0) this.#expect('literal', size);
  }

  *#tooLarge(told: Omit<TooLarge, 'is'>, size: number, synchronizing: boolean): Generator<Input, void, void> {
    yield { is: 'tooLarge', ...told };
    this.#drain(size, synchronizing);
  }

  *#onBody(token: Extract<Token, { is: 'body' }>): Generator<Input, void, void> {
    if (this.#body === 'literal') {
      this.#literals.at(-1)!.set(token.bytes, this.#gathered);
      this.#gathered += token.bytes.length;
    } else if (this.#body === 'message') {
      yield { is: 'bytes', bytes: token.bytes, last: token.last };
    }
  }

  /** After a refusal: a client that waits for "+" goes on with its next command; one that does not must be read past. */
  #drain(size: number, synchronizing: boolean): void {
    if (synchronizing) return this.#reset();
    this.#startDraining();
    this.#drainedBytes += size;
    if (!(this.#drainedBytes <= this.#limits.drainMaxBytes))
      throw new ReaderError('Refused literal is too large to skip');
    if (size > 0) this.#expect('drain', size);
  }

  /** What is left of the literal and of its command is thrown away. */
  #startDraining(): void {
    this.#lines = [];
    this.#literals = [];
    this.#refused = false;
    this.#draining = true;
    if (this.#body === 'message') this.#body = 'drain';
  }

  #expect(body: 'literal' | 'message' | 'drain', size: number): void {
    if (!Number.isSafeInteger(size)) throw new ReaderError('Literal is too large');
    this.#body = body;
    this.#reader.expectBody(size);
  }

  #text(): CommandText {
    return { lines: [...this.#lines], literals: [...this.#literals] };
  }

  #reset(): void {
    this.#lines = [];
    this.#literals = [];
    this.#heldBytes = 0;
    this.#after = false;
    this.#refused = false;
    this.#draining = false;
    this.#drainedBytes = 0;
  }
}

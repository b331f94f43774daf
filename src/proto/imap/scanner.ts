/**
 * A cursor over one gathered command: the primitives of the formal syntax (RFC 3501, 9), from which the parsers of commands are made.
 *
 * Text is kept as it came, one character for each byte (latin1): what the bytes mean is for whoever knows the charset. Whatever does not fit throws
 * a CommandError, whose message is sent to the client: it never quotes what the client sent.
 */
import { decodeModifiedUtf7 } from './modified-utf7.ts';
import { parseSequenceSet, type SequenceSet } from './sequence-set.ts';

/** A command without its line ends and literal markers: `lines[i]`, then `literals[i]`, then `lines[i + 1]`, … */
export interface CommandText {
  readonly lines: readonly string[];
  readonly literals: readonly Uint8Array[];
}

/** The command is not taken. `BAD` for syntax, `NO` where the words are right and the value is not. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: 'BAD' | 'NO';
  /** Response code without brackets, as `CANNOT`. */
  readonly code: string | undefined;
  constructor(message: string, status: 'BAD' | 'NO' = 'BAD', code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Octets of a mailbox name on the wire: RFC 3501 sets none; others allow 255 to 1,024. */
export const mailboxNameMaxBytes = 1_024;

const atomChars = /[^\x00-\x20\x7f-\xff(){%*"\\\]]+/y;
const astringChars = /[^\x00-\x20\x7f-\xff(){%*"\\]+/y;
const listChars = /[^\x00-\x20\x7f-\xff(){"\\]+/y;
const tagChars = /[^\x00-\x20\x7f-\xff(){%*"\\+]+/y;
const setChars = /[0-9:,*]+|\$/y;
const digits = /[0-9]+/y;
const quotedChars = /[^"\\\r\n\x00]*/y;

export class Scanner {
  readonly #text: CommandText;
  #line: string;
  #index = 0;
  #at = 0;
  /** True once UTF8=ACCEPT is on: mailbox names are UTF-8, not modified UTF-7 (RFC 6855). */
  readonly utf8: boolean;

  constructor(text: CommandText, utf8 = false) {
    this.#text = text;
    this.#line = text.lines[0] ?? '';
    this.utf8 = utf8;
  }

  /** True at the end of all text, with no literal to come. */
  get atEnd(): boolean {
    return this.#at === this.#line.length && this.#index >= this.#text.literals.length;
  }

  /** True at the end of the line, whether or not a literal follows. */
  get atTextEnd(): boolean {
    return this.#at === this.#line.length;
  }

  get atLiteral(): boolean {
    return this.#at === this.#line.length && this.#index < this.#text.literals.length;
  }

  /** The next character, or an empty string at the end of a line. */
  peek(): string {
    return this.#line[this.#at] ?? '';
  }

  /** Takes the character if it is next. */
  take(char: string): boolean {
    if (this.#line[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  expect(char: string): void {
    if (!this.take(char)) throw new CommandError(char === ' ' ? 'Missing argument' : `Expected "${char}"`);
  }

  space(): void {
    this.expect(' ');
  }

  end(): void {
    // A space before the line end is forgiven: several old mailers send one.
    while (this.#at === this.#line.length - 1 && this.take(' '));
    if (!this.atEnd) throw new CommandError('Unexpected text after the arguments');
  }

  tag(): string {
    return this.match(tagChars, 'tag');
  }

  atom(what = 'atom'): string {
    return this.match(atomChars, what);
  }

  /** An atom in upper case, for names of commands, items and options. */
  word(what = 'word'): string {
    return this.atom(what).toUpperCase();
  }

  /** Takes the word if it is next and ends there. In upper case. */
  takeWord(word: string): boolean {
    const end = this.#at + word.length;
    if (this.#line.slice(this.#at, end).toUpperCase() !== word) return false;
    const next = this.#line[end] ?? ' ';
    if (next !== ' ' && next !== ')' && next !== '(') return false;
    this.#at = end;
    return true;
  }

  /** Takes the text, in any case, if it is next. */
  takeText(text: string): boolean {
    const end = this.#at + text.length;
    if (this.#line.slice(this.#at, end).toUpperCase() !== text) return false;
    this.#at = end;
    return true;
  }

  astring(what = 'string'): string {
    return this.#string() ?? this.match(astringChars, what);
  }

  string(what = 'string'): string {
    const found = this.#string();
    if (found === undefined) throw new CommandError(`Expected a quoted string or literal for ${what}`);
    return found;
  }

  nstring(what = 'string'): string | null {
    return this.#string() ?? (this.takeWord('NIL') ? null : fail(`Expected a string or NIL for ${what}`));
  }

  /** Bytes of a string, literal or literal8, or null for NIL (RFC 5464; RFC 3516). */
  nbytes(what = 'value'): Uint8Array | null {
    if (this.atLiteral) {
      const bytes = this.#text.literals[this.#index]!;
      this.#nextLine();
      return bytes;
    }
    const text = this.nstring(what);
    return text === null ? null : Buffer.from(text, 'latin1');
  }

  /** True if the sticky pattern would match here. Takes nothing. */
  ahead(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#line);
  }

  /** A LIST pattern: as an astring, but "%" and "*" need no quotes. */
  listMailbox(): string {
    return this.#decodeName(this.#string() ?? this.match(listChars, 'mailbox pattern'));
  }

  mailbox(): string {
    return canonicalName(this.mailboxAsGiven());
  }

  /** In the spelling of the client, which may not be the canonical one. */
  mailboxAsGiven(): string {
    return this.#decodeName(this.astring('mailbox'));
  }

  number(what = 'number'): number {
    const text = this.match(digits, what);
    if (text.length > 15) throw new CommandError(`${what} is too large`);
    return Number(text);
  }

  nzNumber(what = 'number'): number {
    const value = this.number(what);
    if (value < 1 || value > 0xffff_ffff) throw new CommandError(`${what} is out of range`);
    return value;
  }

  /**
   * A number below 2^63 (RFC 7162, 7: mod-sequence). Above 2^53 it is clipped to that: our own never get there, so comparisons come out the
   * same.
   */
  number64(what = 'number'): number {
    const text = this.match(digits, what);
    if (text.length <= 15) return Number(text);
    if (text.length > 19 || BigInt(text) >= 2n ** 63n) throw new CommandError(`${what} is too large`);
    return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  }

  sequenceSet(): SequenceSet {
    const set = parseSequenceSet(this.match(setChars, 'message set'));
    if (set === undefined) throw new CommandError('Invalid message set');
    return set;
  }

  /** `(` items `)`, each read by `item`. Items are separated by one space; the list may be empty. */
  list(item: () => void, itemsMax = 1_000): void {
    this.expect('(');
    if (this.take(')')) return;
    for (let count = 1; ; count++) {
      if (count > itemsMax) throw new CommandError('Too many items in a list');
      item();
      if (this.take(')')) return;
      this.space();
      // "(a b )": forgiven, seen from several mailers.
      if (this.take(')')) return;
    }
  }

  /** A flag: `\Seen`, or a keyword. */
  flag(): string {
    return this.take('\\') ? `\\${this.atom('flag')}` : this.atom('flag');
  }

  /** Text without structure up to the character, which is taken too. */
  until(char: string): string {
    const end = this.#line.indexOf(char, this.#at);
    if (end === -1) throw new CommandError(`Expected "${char}"`);
    const text = this.#line.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  rest(): string {
    const text = this.#line.slice(this.#at);
    this.#at = this.#line.length;
    return text;
  }

  #decodeName(wire: string): string {
    if (wire.length > mailboxNameMaxBytes) throw new CommandError('Mailbox name is too long', 'NO', 'CANNOT');
    const name = this.utf8 ? decodeUtf8(wire) : decodeModifiedUtf7(wire);
    if (name === undefined) {
      const form = this.utf8 ? 'UTF-8' : 'modified UTF-7';
      throw new CommandError(`Mailbox name is not valid ${form}`, 'NO', 'CANNOT');
    }
    return name;
  }

  /** A quoted string or a literal, or undefined if neither is next. */
  #string(): string | undefined {
    if (this.take('"')) return this.#quoted();
    if (!this.atLiteral) return undefined;
    const bytes = this.#text.literals[this.#index]!;
    this.#nextLine();
    if (bytes.includes(0)) throw new CommandError('NUL is not allowed in a literal');
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }

  #nextLine(): void {
    this.#index += 1;
    this.#line = this.#text.lines[this.#index] ?? '';
    this.#at = 0;
  }

  #quoted(): string {
    let out = '';
    for (;;) {
      quotedChars.lastIndex = this.#at;
      const part = quotedChars.exec(this.#line)![0];
      out += part;
      this.#at += part.length;
      if (this.take('"')) return out;
      if (!this.take('\\')) throw new CommandError('Quoted string is not closed');
      const escaped = this.#line[this.#at];
      if (escaped !== '"' && escaped !== '\\')
        throw new CommandError('Only \\ and " may follow \\ in a quoted string');
      out += escaped;
      this.#at++;
    }
  }

  /** What the sticky pattern finds here; it must find something. */
  match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line);
    if (found === null) throw new CommandError(this.atEnd ? `Missing ${what}` : `Invalid ${what}`);
    this.#at = pattern.lastIndex;
    return found[0];
  }
}

function fail(message: string): never {
  throw new CommandError(message);
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text that bytes (one character each) stand for in UTF-8, or undefined if they are not UTF-8. */
export function decodeUtf8(wire: string): string | undefined {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(wire)) return wire;
  try {
    return utf8Decoder.decode(Buffer.from(wire, 'latin1'));
  } catch {
    return undefined;
  }
}

/** One spelling for a name: NFC, and INBOX in upper case, also as the first part of a path. */
export function canonicalName(name: string): string {
  const composed = name.normalize('NFC');
  const first = composed.slice(0, 5);
  if (first.toUpperCase() !== 'INBOX' || first === 'INBOX') return composed;
  return composed.length === 5 || composed[5] === '/' ? `INBOX${composed.slice(5)}` : composed;
}

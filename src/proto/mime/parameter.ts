/**
 * Content-Type, Content-Disposition and their parameters (RFC 2045, 5.1; RFC 2183; RFC 2231), read as mail has them.
 *
 * Two steps: `parseParameterized` takes the syntax apart and keeps what the message says (IMAP BODYSTRUCTURE shows that);
 * `parameter` gives the decoded value of one name: RFC 2231 pieces in any order, characters split over pieces, encoded
 * words inside values (forbidden, and what most senders in Japan write), and the extended form wins over the plain one.
 *
 * Tolerated: no semicolon between parameters, unquoted blanks and specials in a value, a quote that never ends, comments,
 * blanks around `=` and `/`, a value without a type. Never throws; linear time.
 */
import { decodeCharset } from './charset.ts';
import { decodeWords, hexPair } from './encoded-word.ts';

/** Parameters of one field that are kept. */
const paramsMax = 200;
/** RFC 2231 pieces of one parameter that are joined. */
const piecesMax = 100;

/** Parameters as they came, names in lower case, quoting removed, RFC 2231 pieces not yet joined: `[name, value]`. */
export type Parameters = readonly (readonly [name: string, value: string])[];

/** `value; name=value; ...`: Content-Type, Content-Disposition. */
export interface ParameterizedValue {
  /** In lower case: `text/plain`, `attachment`; `''` when there was none. */
  readonly value: string;
  readonly params: Parameters;
}

export function parseParameterized(text: string): ParameterizedValue {
  const scanner = new Scanner(text);
  const value = scanner.head();
  const params: [string, string][] = [];
  while (!scanner.atEnd && params.length < paramsMax) {
    const param = scanner.param();
    if (param !== undefined) params.push(param);
  }
  return { value: value.toLowerCase(), params };
}

/** One parameter, decoded. Name in lower case. The first of two of the same name counts. */
export function parameter(params: Parameters, name: string): string | undefined {
  return extended(params, name) ?? plain(params, name);
}

function plain(params: Parameters, name: string): string | undefined {
  for (const [key, value] of params) if (key === name) return decodeWords(value);
  return undefined;
}

/** `name*=charset'language'value` or pieces `name*0*=`, `name*1=`. */
function extended(params: Parameters, name: string): string | undefined {
  const pieces: { index: number; encoded: boolean; value: string }[] = [];
  for (const [key, value] of params) {
    if (key.length <= name.length || !key.startsWith(name) || key[name.length] !== '*') continue;
    const match = /^\*(?:(\d{1,4})(\*)?)?$/.exec(key.slice(name.length));
    if (match === null || pieces.length === piecesMax) continue;
    const single = match[1] === undefined;
    pieces.push({ index: single ? -1 : Number(match[1]), encoded: single || match[2] !== undefined, value });
  }
  if (pieces.length === 0) return undefined;
  const single = pieces.find((piece) => piece.index === -1);
  return joined(single ? [single] : pieces.sort((a, b) => a.index - b.index));
}

/** Pieces are joined before they are decoded: a character, and even a `%XX`, may be split over them. */
function joined(pieces: readonly { index: number; encoded: boolean; value: string }[]): string {
  const first = pieces[0]!;
  const head = first.encoded ? /^([^']*)'([^']*)'/.exec(first.value) : null;
  if (!pieces.some((piece) => piece.encoded)) return decodeWords(pieces.map((piece) => piece.value).join(''));
  const label = head?.[1] ?? '';
  const octets: Buffer[] = [];
  let encoded = '';
  pieces.forEach((piece, i) => {
    const value = i === 0 && head ? piece.value.slice(head[0].length) : piece.value;
    if (piece.encoded) {
      encoded += value;
      return;
    }
    octets.push(percentDecoded(encoded), Buffer.from(value, 'utf8'));
    encoded = '';
  });
  octets.push(percentDecoded(encoded));
  const text = decodeCharset(Buffer.concat(octets), label === '' ? undefined : label).text;
  return head ? text : decodeWords(text);
}

function percentDecoded(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  let size = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const decoded = byte === 0x25 ? hexPair(bytes[i + 1], bytes[i + 2]) : -1;
    if (decoded !== -1) i += 2;
    bytes[size++] = decoded === -1 ? byte : decoded;
  }
  return bytes.subarray(0, size);
}

/** A cursor over the field. Each method moves forward, so that the whole is linear. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** What stands before the first semicolon, blanks and comments removed; a parameter that comes too early ends it. */
  head(): string {
    this.#skip();
    const start = this.#at;
    let out = '';
    while (!this.atEnd && this.#text[this.#at] !== ';') {
      const word = this.#token();
      if (this.#peek() === '=' && (out.includes('/') || !word.includes('/'))) {
        // No semicolon in front of the first parameter, or no value at all.
        this.#at -= out === '' ? this.#at - start : word.length;
        return out;
      }
      const join = out === '' || out.endsWith('/') || word.startsWith('/');
      if (join) out += word;
      if (word === '') this.#at++;
      const before = this.#at;
      this.#skip();
      if (before !== this.#at && out.includes('/') && !out.endsWith('/') && this.#startsParam()) return out;
    }
    return out;
  }

  param(): [string, string] | undefined {
    this.#skip();
    while (this.#peek() === ';' || this.#peek() === ',') {
      this.#at++;
      this.#skip();
    }
    const name = this.#token().toLowerCase();
    this.#skip();
    if (this.#peek() !== '=') {
      if (name === '') this.#at++;
      return undefined;
    }
    this.#at++;
    this.#skip();
    return name === '' ? undefined : [name, this.#value()];
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  /** Blanks and comments (nested; an unclosed one goes to the end). */
  #skip(): void {
    const text = this.#text;
    let depth = 0;
    for (; this.#at < text.length; this.#at++) {
      const character = text[this.#at];
      if (character === '(') depth++;
      else if (character === ')' && depth > 0) depth--;
      else if (character === '\\' && depth > 0) this.#at++;
      else if (depth === 0 && character !== ' ' && character !== '\t') return;
    }
  }

  #token(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !' \t;=(),"'.includes(this.#text[this.#at]!)) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #startsParam(): boolean {
    const at = this.#at;
    const name = this.#token();
    this.#skip();
    const found = name !== '' && this.#peek() === '=';
    this.#at = at;
    return found;
  }

  #value(): string {
    if (this.#peek() === '"') return this.#quoted();
    const start = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== ';') {
      const character = this.#text[this.#at]!;
      if (character === ' ' || character === '\t') {
        const before = this.#at;
        this.#skip();
        // A blank ends a token; but people write `name=a file.txt`, and others forget the semicolon.
        if (this.#at >= this.#text.length || this.#text[this.#at] === ';' || this.#startsParam()) {
          return this.#text.slice(start, before);
        }
      } else if (character === '(' && this.#at > start && this.#text[this.#at - 1] === ' ') {
        this.#skip();
      } else {
        this.#at++;
      }
    }
    return this.#text.slice(start, this.#at);
  }

  /** RFC 5322, 3.2.4: a backslash quotes the next character, whatever it is. */
  #quoted(): string {
    const text = this.#text;
    let out = '';
    let from = ++this.#at;
    for (; this.#at < text.length && text[this.#at] !== '"'; this.#at++) {
      if (text[this.#at] !== '\\' || this.#at + 1 >= text.length) continue;
      out += text.slice(from, this.#at);
      from = ++this.#at;
    }
    out += text.slice(from, this.#at++);
    return out;
  }
}

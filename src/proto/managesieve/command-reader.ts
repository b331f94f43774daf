/**
 * ManageSieve commands from a byte stream (RFC 5804, 4): words and strings up to the end of a line, with the literals within.
 *
 * Memory: a line of `lineMax`, literals of `literalMax` together, and `wordsMax` words. Longer literals are read past and come as `tooLarge`, so that the command
 * gets an answer and the session goes on; above `skipMax` together the session ends, and with more words the line is none. Strict about CRLF.
 */
import { LineReader } from '../../base/line-reader.ts';

export type Word =
  /** A word or number without quotes, as it was written. */
  | { readonly is: 'atom'; readonly text: string }
  | { readonly is: 'string'; readonly bytes: Buffer }
  | { readonly is: 'tooLarge'; readonly sizeBytes: number };

/** One line with its literals, or why it is none. */
export type Line = { readonly is: 'words'; readonly words: readonly Word[] } | { readonly is: 'malformed' };

export interface ReaderLimits {
  readonly lineMax: number;
  readonly literalMax: number;
  readonly skipMax: number;
}

/** A literal that nobody would send in earnest. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
}

/** No command has so many (RFC 5804, 2), and none that we do not know would. */
const wordsMax = 32;

/** `{12+}` at the end of a line; without the plus as some clients write it. */
const literalMark = /\{(\d{1,10})\+?\}$/;

export class CommandReader {
  readonly #lines: LineReader;
  #limits: ReaderLimits;
  #words: Word[] = [];
  /** Something in the command at hand is no word: the rest is read past, its literals too. */
  #malformed = false;
  /** Of the literals of the command at hand. */
  #literalBytes = 0;
  #literal: { readonly sizeBytes: number; readonly pieces: Buffer[]; readonly kept: boolean } | undefined;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
    this.#lines = new LineReader(limits.lineMax);
  }

  /** Other limits from now on, as after a login. */
  setLimits(limits: ReaderLimits): void {
    this.#limits = limits;
    this.#lines.setLineMax(limits.lineMax);
  }

  /** Throws WireError for what is no line, and LiteralError. */
  *push(chunk: Uint8Array): Generator<Line, void, void> {
    for (const token of this.#lines.push(chunk)) {
      if (token.is === 'body') this.#body(Buffer.from(token.bytes), token.last);
      else {
        const line = this.#line(Buffer.from(token.bytes).toString('utf8'));
        if (line !== undefined) yield line;
      }
    }
  }

  #line(text: string): Line | undefined {
    const mark = literalMark.exec(text);
    // A mark within quotes is none: then the quotes are still open in front of it.
    const before = mark ? text.slice(0, mark.index) : text;
    const words = wordsIn(before);
    if (words === undefined || this.#words.length + words.length >= wordsMax) this.#malformed = true;
    else if (!this.#malformed) this.#words.push(...words);
    if (mark === null || inQuotes(before)) return this.#end();
    this.#expect(Number(mark[1]));
    return undefined;
  }

  #end(): Line {
    const line: Line = this.#malformed ? { is: 'malformed' } : { is: 'words', words: this.#words };
    this.#words = [];
    this.#malformed = false;
    this.#literalBytes = 0;
    return line;
  }

  #expect(sizeBytes: number): void {
    this.#literalBytes += sizeBytes;
    if (this.#literalBytes > this.#limits.skipMax)
      throw new LiteralError(`literals of ${this.#literalBytes} octets`);
    if (sizeBytes === 0) return this.#string({ is: 'string', bytes: Buffer.alloc(0) });
    const kept = !this.#malformed && this.#literalBytes <= this.#limits.literalMax;
    this.#literal = { sizeBytes, pieces: [], kept };
    this.#lines.expectBody(sizeBytes);
  }

  #body(bytes: Buffer, last: boolean): void {
    const { sizeBytes, pieces, kept } = this.#literal!;
    if (kept) pieces.push(bytes);
    if (!last) return;
    this.#literal = undefined;
    this.#string(kept ? { is: 'string', bytes: Buffer.concat(pieces) } : { is: 'tooLarge', sizeBytes });
  }

  #string(word: Word): void {
    if (!this.#malformed) this.#words.push(word);
  }
}

const word = /[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#-'*-[\]-z|-~]+))(?=[ \t]|$)/gy;

const inQuotes = (text: string): boolean => (text.replaceAll(/\\./g, '').split('"').length - 1) % 2 === 1;

/** Undefined when something is no word. */
function wordsIn(text: string): readonly Word[] | undefined {
  const words: Word[] = [];
  const end = text.trimEnd().length;
  word.lastIndex = 0;
  while (word.lastIndex < end) {
    const found = word.exec(text);
    if (found === null) return undefined;
    const [, quoted, atom] = found;
    if (quoted === undefined) words.push({ is: 'atom', text: atom! });
    else words.push({ is: 'string', bytes: Buffer.from(quoted.replaceAll(/\\(.)/g, '$1')) });
  }
  return words;
}

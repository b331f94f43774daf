/**
 * A script cut into tokens (RFC 5228, 8.1).
 *
 * Tolerant of line ends: a bare LF counts as CRLF, as every editor writes it. What is no token becomes a problem and is passed over, so that the parser sees
 * the rest. Linear: each character is looked at once.
 */
import type { Position, ProblemCode } from '../problem.ts';

export type Token =
  | { readonly is: 'identifier' | 'tag'; readonly text: string; readonly at: Position }
  | { readonly is: 'string'; readonly text: string; readonly at: Position }
  | { readonly is: 'number'; readonly value: number; readonly at: Position }
  | { readonly is: Punctuation; readonly at: Position }
  | { readonly is: 'end'; readonly at: Position };

export type Punctuation = ';' | ',' | '(' | ')' | '[' | ']' | '{' | '}';
export type Report = (at: Position, code: ProblemCode, ...fill: readonly string[]) => void;

const punctuation = new Set([';', ',', '(', ')', '[', ']', '{', '}']);
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const digits = /[0-9]+/y;
const blanks = /[ \t\r\n]+/y;
const multiLineStart = /[ \t]*(?:#[^\n]*|\r?)\n/y;
const quantifiers = new Map([
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
]);

export class Lexer {
  readonly #source: string;
  readonly #report: Report;
  #at = 0;
  #line = 1;
  /** Where the line of `#at` begins. */
  #lineStart = 0;
  #comment = '';

  constructor(source: string, report: Report) {
    this.#source = source;
    this.#report = report;
  }

  /** The comment since the token before, the last lines of it joined. */
  takeComment(): string {
    const comment = this.#comment;
    this.#comment = '';
    return comment;
  }

  next(): Token {
    for (;;) {
      this.#skipSpace();
      const at = this.#position();
      const character = this.#source[this.#at];
      if (character === undefined) return { is: 'end', at };
      const token = this.#token(character, at);
      if (token !== undefined) return token;
    }
  }

  #token(character: string, at: Position): Token | undefined {
    if (punctuation.has(character)) {
      this.#at++;
      return { is: character as Punctuation, at };
    }
    if (character === '"') return this.#quoted(at);
    if (character === ':') return this.#tag(at);
    if (character >= '0' && character <= '9') return this.#number(at);
    const name = this.#match(identifier);
    if (name === undefined) return this.#stray(at);
    if (name.toLowerCase() === 'text' && this.#source[this.#at] === ':') return this.#multiLine(at);
    return { is: 'identifier', text: name.toLowerCase(), at };
  }

  #tag(at: Position): Token | undefined {
    this.#at++;
    const name = this.#match(identifier);
    if (name !== undefined) return { is: 'tag', text: name.toLowerCase(), at };
    this.#report(at, 'tagWithoutName');
    return undefined;
  }

  #number(at: Position): Token {
    const text = this.#match(digits)!;
    const quantifier = quantifiers.get(this.#source[this.#at]?.toLowerCase() ?? '');
    if (quantifier !== undefined) this.#at++;
    const tail = this.#match(identifier);
    if (tail !== undefined) this.#report(at, 'badNumber', text + tail);
    const value = Number(text) * (quantifier ?? 1);
    if (value > Number.MAX_SAFE_INTEGER) {
      this.#report(at, 'numberTooLarge', text);
      return { is: 'number', value: 0, at };
    }
    return { is: 'number', value, at };
  }

  #quoted(at: Position): Token {
    const source = this.#source;
    let text = '';
    let from = ++this.#at;
    for (; this.#at < source.length; this.#at++) {
      const character = source[this.#at];
      if (character === '"') {
        text += source.slice(from, this.#at++);
        return { is: 'string', text: this.#checked(text, at), at };
      }
      if (character === '\\') {
        text += source.slice(from, this.#at++);
        from = this.#at;
        if (source[this.#at] === '\n' || source[this.#at] === '\r') this.#at--;
      } else if (character === '\n') this.#newLine(this.#at + 1);
    }
    this.#report(at, 'stringNotClosed');
    return { is: 'string', text: text + source.slice(from), at };
  }

  /** Lines up to one that is a dot; doubled dots at their start are one (RFC 5228, 2.4.2). */
  #multiLine(at: Position): Token | undefined {
    const source = this.#source;
    this.#at++;
    if (this.#match(multiLineStart) === undefined) {
      this.#report(at, 'multiLineStart');
      return undefined;
    }
    this.#newLine(this.#at);
    let text = '';
    while (this.#at < source.length) {
      const lf = source.indexOf('\n', this.#at);
      const end = lf === -1 ? source.length : lf;
      const line = source.slice(this.#at, source[end - 1] === '\r' ? end - 1 : end);
      this.#at = lf === -1 ? end : end + 1;
      if (lf !== -1) this.#newLine(this.#at);
      if (line === '.') return { is: 'string', text: this.#checked(text, at), at };
      text += `${line.startsWith('..') ? line.slice(1) : line}\r\n`;
    }
    this.#report(at, 'multiLineNotClosed');
    return { is: 'string', text, at };
  }

  /** Line ends inside a string are CRLF whatever the script's own are. */
  #checked(text: string, at: Position): string {
    if (text.includes('\0')) this.#report(at, 'nul');
    return text.includes('\n') ? text.replaceAll(/\r?\n/g, '\r\n') : text;
  }

  #stray(at: Position): undefined {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    this.#at += character.length;
    this.#report(at, 'strayCharacter', character < ' ' ? `U+${hex(character)}` : character.toWellFormed());
  }

  #skipSpace(): void {
    for (;;) {
      const from = this.#at;
      const space = this.#match(blanks);
      if (space !== undefined) {
        for (let lf = space.indexOf('\n'); lf !== -1; lf = space.indexOf('\n', lf + 1))
          this.#newLine(from + lf + 1);
      } else if (this.#source[from] === '#') this.#hashComment();
      else if (this.#source.startsWith('/*', from)) this.#bracketComment();
      else return;
    }
  }

  #hashComment(): void {
    const lf = this.#source.indexOf('\n', this.#at);
    const end = lf === -1 ? this.#source.length : lf;
    this.#addComment(this.#source.slice(this.#at + 1, end));
    this.#at = end;
  }

  #bracketComment(): void {
    const close = this.#source.indexOf('*/', this.#at + 2);
    const from = this.#at;
    if (close === -1) this.#report(this.#position(), 'commentNotClosed');
    const end = close === -1 ? this.#source.length : close;
    this.#addComment(this.#source.slice(from + 2, end));
    for (
      let lf = this.#source.indexOf('\n', from);
      lf !== -1 && lf < end;
      lf = this.#source.indexOf('\n', lf + 1)
    )
      this.#newLine(lf + 1);
    this.#at = Math.min(end + 2, this.#source.length);
  }

  #addComment(text: string): void {
    const line = text.trim();
    this.#comment = this.#comment === '' ? line : `${this.#comment}\n${line}`;
  }

  #newLine(start: number): void {
    this.#line++;
    this.#lineStart = start;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  #position(): Position {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }
}

const hex = (character: string): string =>
  character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');

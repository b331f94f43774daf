/**
 * What an IMAP server says, as a client reads it (RFC 9051, 7 and 9): responses out of a stream, literals within them, as values.
 *
 * Bounded: a line without its literals, the literals of one response, nesting. What does not fit throws ResponseError: the connection is of no use then.
 */
export class ResponseError extends Error {
  override readonly name = 'ResponseError';
}

/** An atom or quoted string, a literal, NIL, a list. */
export type ResponseValue = string | Buffer | null | readonly ResponseValue[];

export interface ServerResponse {
  /** `*`, `+`, or the tag of a command. */
  readonly tag: string;
  /** The line behind the tag, literals left out. */
  readonly text: string;
  /** The same as values. Not of `+` and of OK, NO, BAD, BYE and PREAUTH, whose text is for people. */
  readonly values: readonly ResponseValue[];
}

const lineMaxBytes = 8 * 1024 * 1024;
const literalsMaxBytes = 1024 ** 3;
const depthMax = 50;
const LF = 0x0a;

export class ServerResponseReader {
  #held: Buffer = Buffer.alloc(0);
  /** Lines and literals, by turns, of the response that is coming. */
  #parts: (string | Buffer)[] = [];
  #literal: { left: number; readonly pieces: Buffer[] } | undefined;
  #lineBytes = 0;
  #literalBytes = 0;

  push(chunk: Buffer): ServerResponse[] {
    const found: ServerResponse[] = [];
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (rest.length > 0) {
      if (this.#literal !== undefined) {
        rest = this.#takeLiteral(rest);
        continue;
      }
      const lf = rest.indexOf(LF);
      if (lf === -1) break;
      const response = this.#takeLine(rest.toString('latin1', 0, rest[lf - 1] === 0x0d ? lf - 1 : lf));
      if (response !== undefined) found.push(response);
      rest = rest.subarray(lf + 1);
    }
    if (rest.length > lineMaxBytes) throw new ResponseError('a line that is too long');
    // A copy, so that a few bytes do not hold a large chunk.
    this.#held = Buffer.from(rest);
    return found;
  }

  #takeLiteral(bytes: Buffer): Buffer {
    const literal = this.#literal!;
    const piece = bytes.subarray(0, literal.left);
    literal.pieces.push(piece);
    literal.left -= piece.length;
    if (literal.left === 0) {
      this.#parts.push(Buffer.concat(literal.pieces));
      this.#literal = undefined;
    }
    return bytes.subarray(piece.length);
  }

  #takeLine(line: string): ServerResponse | undefined {
    this.#lineBytes += line.length;
    if (this.#lineBytes > lineMaxBytes) throw new ResponseError('a response that is too long');
    const literal = /~?\{(\d{1,12})\+?\}$/.exec(line);
    if (literal === null) {
      const parts = [...this.#parts, line];
      this.#parts = [];
      this.#lineBytes = this.#literalBytes = 0;
      return responseOf(parts);
    }
    const size = Number(literal[1]);
    this.#literalBytes += size;
    if (this.#literalBytes > literalsMaxBytes) throw new ResponseError('literals that are too large');
    this.#parts.push(line.slice(0, literal.index));
    if (size === 0) this.#parts.push(Buffer.alloc(0));
    else this.#literal = { left: size, pieces: [] };
    return undefined;
  }
}

const forPeople = /^(?:OK|NO|BAD|BYE|PREAUTH)(?: |$)/i;

function responseOf(parts: readonly (string | Buffer)[]): ServerResponse {
  const first = parts[0] as string;
  const space = first.indexOf(' ');
  const tag = space === -1 ? first : first.slice(0, space);
  const start = space === -1 ? '' : first.slice(space + 1);
  const text = [start, ...parts.slice(1)].filter((part) => typeof part === 'string').join('');
  const plain = tag === '+' || forPeople.test(start);
  return { tag, text, values: plain ? [] : valuesOf([start, ...parts.slice(1)]) };
}

function valuesOf(parts: readonly (string | Buffer)[]): readonly ResponseValue[] {
  const root: ResponseValue[] = [];
  const open: ResponseValue[][] = [root];
  for (const part of parts) {
    if (typeof part !== 'string') {
      open.at(-1)!.push(part);
      continue;
    }
    token.lastIndex = 0;
    for (let match = token.exec(part); match !== null; match = token.exec(part)) take(match[0], open);
  }
  return root;
}

/** A quoted string, a parenthesis, or an atom with its section in brackets (`BODY[HEADER.FIELDS (TO)]<0>`). */
const token = /"(?:[^"\\]|\\.)*"?|[()]|(?:[^\s()"[]|\[[^\]]*\]?)+/g;

function take(text: string, open: ResponseValue[][]): void {
  const now = open.at(-1)!;
  if (text === '(') {
    if (open.length > depthMax) throw new ResponseError('lists within lists');
    const list: ResponseValue[] = [];
    now.push(list);
    open.push(list);
  } else if (text === ')') {
    if (open.length > 1) open.pop();
  } else if (text.startsWith('"'))
    now.push(text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined).replace(/\\(.)/g, '$1'));
  else now.push(text.toUpperCase() === 'NIL' ? null : text);
}

/** A string in whatever form, as Unicode: octets beyond ASCII are UTF-8 (RFC 9755). */
export function textOf(value: ResponseValue | undefined): string | undefined {
  if (typeof value === 'string') return Buffer.from(value, 'latin1').toString('utf8');
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
}

export const listOf = (value: ResponseValue | undefined): readonly ResponseValue[] =>
  Array.isArray(value) && !Buffer.isBuffer(value) ? (value as readonly ResponseValue[]) : [];

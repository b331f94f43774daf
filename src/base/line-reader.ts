/**
 * Cuts a byte stream into CRLF lines and counted bodies (IMAP literals, SMTP BDAT).
 *
 * Memory: one buffer of `lineMax` bytes, used only for a line that is split over chunks. Bodies are never gathered here.
 * Strictness: CR and LF occur only as CRLF; anything else is a WireError and ends the session (a bare LF read as a line
 * end is how SMTP smuggling works).
 *
 * Invariants: 0 <= used <= line.length; body > 0 implies used === 0.
 */
import assert from 'node:assert/strict';

const CR = 0x0d;
const LF = 0x0a;

/** What the bytes were. `bytes` is a view that is valid only until the next token is asked for. */
export type Token =
  | { readonly is: 'line'; readonly bytes: Uint8Array }
  | { readonly is: 'body'; readonly bytes: Uint8Array; readonly last: boolean };

export type WireFault = 'lineTooLong' | 'bareLineEnd';

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly fault: WireFault;
  constructor(fault: WireFault) {
    super(fault === 'lineTooLong' ? 'line too long' : 'CR and LF must come as CRLF');
    this.fault = fault;
  }
}

export class LineReader {
  readonly #line: Uint8Array;
  #used = 0;
  #body = 0;

  /** `lineMax` counts the CRLF. */
  constructor(lineMax: number) {
    assert(lineMax >= 2, 'a line is at least its CRLF');
    this.#line = new Uint8Array(lineMax);
  }

  /** True between two tokens: nothing of an unfinished line is held. */
  get empty(): boolean {
    return this.#used === 0 && this.#body === 0;
  }

  /** The next `size` bytes are a body. Call between two tokens; the generator below is lazy for this. */
  expectBody(size: number): void {
    assert(size > 0 && this.#body === 0 && this.#used === 0);
    this.#body = size;
  }

  *push(chunk: Uint8Array): Generator<Token, void, void> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body > 0) {
        const bytes = chunk.subarray(at, at + this.#body);
        at += bytes.length;
        this.#body -= bytes.length;
        yield { is: 'body', bytes, last: this.#body === 0 };
        continue;
      }
      const lf = chunk.indexOf(LF, at);
      const end = lf === -1 ? chunk.length : lf + 1;
      if (lf !== -1 && this.#used === 0) {
        const start = at;
        at = end;
        yield { is: 'line', bytes: this.#whole(chunk, start, end) };
        continue;
      }
      this.#gather(chunk.subarray(at, end));
      at = end;
      if (lf !== -1) yield { is: 'line', bytes: this.#take() };
    }
  }

  /** The line lies wholly in the chunk: no copy. */
  #whole(chunk: Uint8Array, start: number, end: number): Uint8Array {
    if (end - start > this.#line.length) throw new WireError('lineTooLong');
    return withoutLineEnd(chunk.subarray(start, end));
  }

  #gather(part: Uint8Array): void {
    if (this.#used + part.length > this.#line.length) throw new WireError('lineTooLong');
    this.#line.set(part, this.#used);
    this.#used += part.length;
  }

  #take(): Uint8Array {
    const line = this.#line.slice(0, this.#used);
    this.#line.fill(0, 0, this.#used);
    this.#used = 0;
    return withoutLineEnd(line);
  }
}

function withoutLineEnd(line: Uint8Array): Uint8Array {
  const end = line.length - 2;
  if (end < 0 || line.indexOf(CR) !== end) throw new WireError('bareLineEnd');
  return line.subarray(0, end);
}

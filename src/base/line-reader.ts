/**
 * Cuts a byte stream into CRLF lines and counted bodies (IMAP literals, SMTP BDAT).
 *
 * Memory: nothing but while a line is split over chunks; then a buffer that grows with it up to `lineMax`. Bodies are never gathered here.
 * Strictness: CR and LF occur only as CRLF; anything else is a WireError and ends the session (a bare LF read as a line
 * end is how SMTP smuggling works).
 *
 * Invariants: 0 <= used <= line.length <= lineMax; body > 0 implies used === 0.
 */
import assert from 'node:assert/strict';

const CR = 0x0d;
const LF = 0x0a;
const nothing = new Uint8Array(0);

/** What is taken first for a line that is split over chunks. */
const firstBufferBytes = 256;

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
  #lineMax: number;
  #line = nothing;
  #used = 0;
  #body = 0;
  #unread = 0;

  /** `lineMax` counts the CRLF. */
  constructor(lineMax: number) {
    assert(lineMax >= 2, 'a line is at least its CRLF');
    this.#lineMax = lineMax;
  }

  /** Another limit from now on, as after a login. */
  setLineMax(lineMax: number): void {
    assert(lineMax >= 2, 'a line is at least its CRLF');
    this.#lineMax = lineMax;
  }

  /** True between two tokens: nothing of an unfinished line is held. */
  get empty(): boolean {
    return this.#used === 0 && this.#body === 0;
  }

  /** Octets of the chunk in hand that no token has covered yet: the peer has already sent more. */
  get unreadBytes(): number {
    return this.#unread;
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
        this.#unread = chunk.length - at;
        yield { is: 'body', bytes, last: this.#body === 0 };
        continue;
      }
      const lf = chunk.indexOf(LF, at);
      const end = lf === -1 ? chunk.length : lf + 1;
      if (lf !== -1 && this.#used === 0) {
        const start = at;
        at = end;
        this.#unread = chunk.length - at;
        yield { is: 'line', bytes: this.#whole(chunk, start, end) };
        continue;
      }
      this.#gather(chunk.subarray(at, end));
      at = end;
      this.#unread = chunk.length - at;
      if (lf !== -1) yield { is: 'line', bytes: this.#take() };
    }
  }

  /** The line lies wholly in the chunk: no copy. */
  #whole(chunk: Uint8Array, start: number, end: number): Uint8Array {
    if (end - start > this.#lineMax) throw new WireError('lineTooLong');
    return withoutLineEnd(chunk.subarray(start, end));
  }

  #gather(part: Uint8Array): void {
    const used = this.#used + part.length;
    if (used > this.#lineMax) throw new WireError('lineTooLong');
    if (used > this.#line.length) {
      const larger = new Uint8Array(
        Math.min(Math.max(used, this.#line.length * 2, firstBufferBytes), this.#lineMax),
      );
      larger.set(this.#line.subarray(0, this.#used));
      this.#line = larger;
    }
    this.#line.set(part, this.#used);
    this.#used = used;
  }

  #take(): Uint8Array {
    const line = this.#line.subarray(0, this.#used);
    this.#line = nothing;
    this.#used = 0;
    return withoutLineEnd(line);
  }
}

function withoutLineEnd(line: Uint8Array): Uint8Array {
  const end = line.length - 2;
  if (end < 0 || line.indexOf(CR) !== end) throw new WireError('bareLineEnd');
  return line.subarray(0, end);
}

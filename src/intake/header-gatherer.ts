/**
 * Gathers the header of a message that comes in chunks: everything before the first blank line. When the first chunk holds it all, as with
 * most mail, nothing is copied. Memory: one buffer of at most `headerMaxBytes`.
 */

const blankLine = Buffer.from('\r\n\r\n');
const firstRoomBytes = 8 * 1024;

export interface Gathered {
  /** Whole lines with their CRLF, without the blank line. */
  readonly header: Buffer;
  /** From the blank line on; empty when the text ended without one. */
  readonly rest: Buffer;
}

export class HeaderGatherer {
  readonly #max: number;
  #buffer: Buffer | undefined;
  #used = 0;

  constructor(headerMaxBytes: number) {
    this.#max = headerMaxBytes;
  }

  /** The header, once it is whole; `tooLarge` when it outgrew the limit; undefined while it goes on. */
  push(chunk: Buffer): Gathered | 'tooLarge' | undefined {
    if (this.#buffer === undefined) {
      const end = headerEnd(chunk, 0);
      if (end > this.#max) return 'tooLarge';
      if (end !== -1) return { header: chunk.subarray(0, end), rest: chunk.subarray(end) };
    }
    const room = this.#max + blankLine.length - this.#used;
    const before = this.#used;
    this.#append(chunk.length > room ? chunk.subarray(0, room) : chunk);
    const whole = this.#buffer!.subarray(0, this.#used);
    const end = headerEnd(whole, Math.max(0, before - blankLine.length + 1));
    if (end === -1) return this.#used > this.#max ? 'tooLarge' : undefined;
    if (end > this.#max) return 'tooLarge';
    const header = whole.subarray(0, end);
    // The rest lies in this chunk, but for a CRLF that may have begun in the one before.
    const blank = end - before;
    if (blank >= 0) return { header, rest: chunk.subarray(blank) };
    return { header, rest: Buffer.concat([whole.subarray(end, before), chunk]) };
  }

  /** The text ended: all of it is header. */
  end(): Gathered {
    return { header: this.#buffer?.subarray(0, this.#used) ?? Buffer.alloc(0), rest: Buffer.alloc(0) };
  }

  #append(bytes: Buffer): void {
    this.#buffer ??= Buffer.allocUnsafe(firstRoomBytes);
    if (this.#used + bytes.length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + bytes.length));
      this.#buffer.copy(larger, 0, 0, this.#used);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.#used);
    this.#used += bytes.length;
  }
}

/** Where the blank line begins, or -1. A text that begins with CRLF has no header. */
function headerEnd(bytes: Buffer, from: number): number {
  if (from === 0 && bytes[0] === 0x0d && bytes[1] === 0x0a) return 0;
  const at = bytes.indexOf(blankLine, from);
  return at === -1 ? -1 : at + 2;
}

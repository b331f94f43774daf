/** Reads ranges of a segment's postings; ranges that follow one another in one strip cost one read. */
import type { Transaction } from '../../store/transaction.ts';
import { readAhead } from './bits.ts';
import { stripBytes } from './segment.ts';
import type { OpenSegment } from './sheets.ts';

export class Strips {
  readonly #segment: OpenSegment;
  /** Strips [#first, #last] in one buffer, with room to read ahead. */
  #first = 0;
  #last = -1;
  #buffer = Buffer.alloc(0);

  constructor(segment: OpenSegment) {
    this.#segment = segment;
  }

  /** Good until the next call. */
  *range(offset: number, length: number): Transaction<Uint8Array> {
    const first = Math.floor(offset / stripBytes);
    const last = Math.floor((offset + Math.max(1, length) - 1) / stripBytes);
    if (first < this.#first || last > this.#last) yield* this.#load(first, last);
    const from = offset - this.#first * stripBytes;
    return this.#buffer.subarray(from, from + length + readAhead);
  }

  /** What was loaded before; undefined when this is not all of it. */
  within(offset: number, length: number): Uint8Array | undefined {
    const from = offset - this.#first * stripBytes;
    const room = (this.#last - this.#first + 1) * stripBytes;
    if (from < 0 || from + length > room || this.#last < this.#first) return undefined;
    return this.#buffer.subarray(from, from + length + readAhead);
  }

  *#load(first: number, last: number): Transaction<void> {
    const pieces = yield* this.#segment.pieces('strip', first, last);
    const buffer = Buffer.alloc((last - first + 1) * stripBytes + readAhead);
    for (const [i, piece] of pieces.entries()) buffer.set(piece, i * stripBytes);
    this.#buffer = buffer;
    this.#first = first;
    this.#last = last;
  }
}

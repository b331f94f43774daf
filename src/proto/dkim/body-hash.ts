/**
 * Hashes of a body as DKIM and ARC see it (RFC 6376, 3.4.3, 3.4.4, 3.7), over any split of chunks and without keeping the body.
 *
 * Both canonicalisations leave empty lines at the end out; `relaxed` also takes blanks at the end of a line away and makes one space of several.
 * So line ends and blanks are held back until something follows them. A CR without its LF is an octet like any other.
 *
 * Cost: octets are copied once into a buffer that is hashed when it is full. A body that fits the buffer is hashed in one call, which costs
 * a third of making a hash object; and buffers are used again, as making one costs as much as hashing what it holds.
 */
import { createHash, hash, type Hash } from 'node:crypto';

export type Canonicalization = 'simple' | 'relaxed';
export type HashName = 'sha256' | 'sha1';

export interface BodyHashOptions {
  readonly canonicalization: Canonicalization;
  readonly hash: HashName;
  /** `l=`: octets of the canonical body that count; all when absent. */
  readonly length?: number | undefined;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;

const bufferBytes = 8 * 1024;
/** Buffers that wait for their next use. */
const spare: Buffer[] = [];
const spareMax = 64;
/** Octets that are read at a time. What they become has room in the buffer beforehand. */
const pieceBytes = 4 * 1024;
/** A CR and a blank that were held back, and the last line end. */
const carriedBytes = 4;

const nothing = Buffer.alloc(0);

export class BodyHash {
  readonly #relaxed: boolean;
  readonly #name: HashName;
  readonly #limit: number;
  #out: Buffer = nothing;
  #used = 0;
  #hash: Hash | undefined;
  /** Octets of the canonical body that have left the buffer. */
  #drained = 0;
  /** Line ends that are written when something follows them. */
  #lineEnds = 0;
  #blank = false;
  #cr = false;
  /** Something stands in the present line. */
  #inLine = false;

  constructor({ canonicalization, hash: name, length = Number.POSITIVE_INFINITY }: BodyHashOptions) {
    this.#relaxed = canonicalization === 'relaxed';
    this.#name = name;
    this.#limit = length;
  }

  /** Octets of the canonical body, whether they count or not: right once `digest` was called. */
  get bodyBytes(): number {
    return this.#drained + this.#used;
  }

  write(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      this.#piece(chunk, at, Math.min(chunk.length, at + pieceBytes));
    }
  }

  /** Base64, as in `bh=`. Ends the body. */
  digest(): string {
    this.#reserve(carriedBytes);
    if (this.#cr) this.#octet(CR);
    // A last line without a line end gets one; empty lines at the end are one line end, if anything stands before them.
    if (this.#inLine || this.bodyBytes > 0 || !this.#relaxed) {
      this.#reserve(carriedBytes);
      this.#out[this.#used++] = CR;
      this.#out[this.#used++] = LF;
    }
    const counted = this.#counted();
    const digest =
      this.#hash === undefined
        ? hash(this.#name, counted, 'base64')
        : this.#hash.update(counted).digest('base64');
    if (this.#out !== nothing && spare.length < spareMax) spare.push(this.#out);
    this.#out = nothing;
    return digest;
  }

  #piece(chunk: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from + carriedBytes);
    let at = from;
    while (at < to) {
      if (this.#cr || this.#blank || this.#lineEnds > 0) {
        this.#octet(chunk[at++]!);
        continue;
      }
      const end = this.#plainEnd(chunk, at, to);
      if (end > at) {
        this.#out.set(chunk.subarray(at, end), this.#used);
        this.#used += end - at;
        this.#inLine = true;
      }
      if (end < to) this.#hold(chunk[end]!);
      at = end + 1;
    }
  }

  /** Up to where the octets stand in the canonical body as they are: nearly always all of a text but its last line end. */
  #plainEnd(chunk: Uint8Array, from: number, to: number): number {
    const relaxed = this.#relaxed;
    // Two octets back: whatever begins before the end of a block is looked at again.
    for (let at = Math.max(from, skipPlain(chunk, from, to) - 2); at < to; at++) {
      const octet = chunk[at]!;
      if (octet > SP) continue;
      if (octet === CR) {
        if (at + 2 >= to || chunk[at + 1] !== LF || chunk[at + 2]! <= SP) return at;
        at += 1;
      } else if (relaxed && (octet === SP || octet === TAB)) {
        if (octet === TAB || at + 1 >= to || chunk[at + 1]! <= SP) return at;
      }
    }
    return to;
  }

  /** Takes a CR or a blank that nothing is held back before. */
  #hold(octet: number): void {
    if (octet === CR) this.#cr = true;
    else this.#blank = true;
  }

  #octet(octet: number): void {
    if (this.#cr) {
      this.#cr = false;
      if (octet === LF) {
        this.#lineEnds += 1;
        this.#blank = false;
        this.#inLine = false;
        return;
      }
      this.#put(CR);
    }
    if (octet === CR) this.#cr = true;
    else if (this.#relaxed && (octet === SP || octet === TAB)) this.#blank = true;
    else this.#put(octet);
  }

  #put(octet: number): void {
    for (; this.#lineEnds > 0; this.#lineEnds--) {
      // A body of a million empty lines has them all held back at once.
      this.#reserve(pieceBytes + carriedBytes);
      this.#out[this.#used++] = CR;
      this.#out[this.#used++] = LF;
    }
    if (this.#blank) this.#out[this.#used++] = SP;
    this.#blank = false;
    this.#out[this.#used++] = octet;
    this.#inLine = true;
  }

  /** Makes room for so many octets. */
  #reserve(octets: number): void {
    if (this.#out === nothing) this.#out = spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
    if (this.#used + octets > bufferBytes) this.#drain();
  }

  #drain(): void {
    this.#hash ??= createHash(this.#name);
    this.#hash.update(this.#counted());
    this.#drained += this.#used;
    this.#used = 0;
  }

  /** What of the buffer lies within `l=`. */
  #counted(): Buffer {
    return this.#out.subarray(0, Math.max(0, Math.min(this.#used, this.#limit - this.#drained)));
  }
}

const blockBytes = 256;
const ends = 2;
const follows = 1;
const always = 4;
/** Which octets need a look: one that `follows` one that `ends` (blanks, line ends), and any that does `always`. */
const classes = new Uint8Array(256);
classes[SP] = ends | follows;
classes[TAB] = ends | follows | always;
classes[CR] = follows;
classes[LF] = ends;

/**
 * Passes over blocks in which nothing needs a look. No branch hangs on an octet: with one at each blank between words the processor guesses wrong so
 * often that this takes three times as long.
 */
function skipPlain(chunk: Uint8Array, from: number, to: number): number {
  let before = 0;
  let at = from;
  for (let end = at + blockBytes; end <= to; end += blockBytes) {
    let found = 0;
    for (let i = at; i < end; i++) {
      const now = classes[chunk[i]!]!;
      found |= ((before >> 1) & now) | (now & always);
      before = now;
    }
    if (found !== 0) return at;
    at = end;
  }
  return at;
}

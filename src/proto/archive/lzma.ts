/**
 * LZMA, unpacked (LZMA SDK, "lzma-specification"): the lists of 7z archives are packed with it. For small things: what comes out is as large as is told before, and
 * is held whole.
 */
import { ArchiveError } from './zip-directory.ts';

const bitsTotal = 11;
const half = 1 << (bitsTotal - 1);
const moveBits = 5;
const top = 2 ** 24;
const endMark = 0xffffffff;

/** Probabilities of a tree of bits. */
const probabilities = (count: number): Uint16Array => new Uint16Array(count).fill(half);

/** `properties`: five octets, of which the size of the dictionary is not needed here. */
export function unpackLzma(properties: Buffer, packed: Buffer, sizeBytes: number): Buffer {
  const first = properties[0] ?? 255;
  if (first >= 9 * 5 * 5) throw new ArchiveError('LZMA with properties that do not exist');
  return new Lzma(first, packed, sizeBytes).unpack();
}

class Lzma {
  readonly #in: RangeDecoder;
  readonly #out: Buffer;
  readonly #lc: number;
  readonly #lpMask: number;
  readonly #pbMask: number;
  readonly #literals: Uint16Array;
  readonly #isMatch = probabilities(12 << 4);
  readonly #isRep = probabilities(12);
  readonly #isRepG0 = probabilities(12);
  readonly #isRepG1 = probabilities(12);
  readonly #isRepG2 = probabilities(12);
  readonly #isRep0Long = probabilities(12 << 4);
  readonly #slots = [0, 1, 2, 3].map(() => probabilities(64));
  readonly #distances = probabilities(115);
  readonly #align = probabilities(16);
  readonly #lengths = new Lengths();
  readonly #repLengths = new Lengths();
  #reps: [number, number, number, number] = [0, 0, 0, 0];
  #state = 0;
  #at = 0;

  constructor(first: number, packed: Buffer, sizeBytes: number) {
    this.#in = new RangeDecoder(packed);
    this.#out = Buffer.alloc(sizeBytes);
    this.#lc = first % 9;
    const rest = Math.floor(first / 9);
    const lp = rest % 5;
    this.#lpMask = (1 << lp) - 1;
    this.#pbMask = (1 << Math.floor(rest / 5)) - 1;
    this.#literals = probabilities(0x300 << (this.#lc + lp));
  }

  unpack(): Buffer {
    while (this.#at < this.#out.length) {
      const position = this.#at & this.#pbMask;
      if (this.#in.bit(this.#isMatch, (this.#state << 4) + position) === 0) this.#literal();
      else if (this.#in.bit(this.#isRep, this.#state) === 0) {
        if (!this.#match(position)) break;
      } else this.#repeated(position);
    }
    if (this.#at < this.#out.length) throw new ArchiveError('LZMA that ends early');
    return this.#out;
  }

  #literal(): void {
    const before = this.#at === 0 ? 0 : this.#out[this.#at - 1]!;
    const base = 0x300 * (((this.#at & this.#lpMask) << this.#lc) + (before >> (8 - this.#lc)));
    let symbol = 1;
    if (this.#state >= 7) {
      let match = this.#back(this.#reps[0]);
      do {
        const expected = (match >> 7) & 1;
        match = (match << 1) & 0xff;
        const bit = this.#in.bit(this.#literals, base + ((1 + expected) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== expected) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#in.bit(this.#literals, base + symbol);
    this.#out[this.#at++] = symbol & 0xff;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** False at the end mark. */
  #match(position: number): boolean {
    const length = this.#lengths.read(this.#in, position);
    const [a, b, c] = this.#reps;
    const distance = this.#distance(length);
    if (distance === endMark) return false;
    this.#reps = [distance, a, b, c];
    this.#state = this.#state < 7 ? 7 : 10;
    this.#copy(length + 2);
    return true;
  }

  #repeated(position: number): void {
    const state = this.#state;
    const [a, b, c, d] = this.#reps;
    if (this.#in.bit(this.#isRepG0, state) === 0) {
      if (this.#in.bit(this.#isRep0Long, (state << 4) + position) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return this.#copy(1);
      }
    } else if (this.#in.bit(this.#isRepG1, state) === 0) this.#reps = [b, a, c, d];
    else if (this.#in.bit(this.#isRepG2, state) === 0) this.#reps = [c, a, b, d];
    else this.#reps = [d, a, b, c];
    const length = this.#repLengths.read(this.#in, position);
    this.#state = state < 7 ? 8 : 11;
    this.#copy(length + 2);
  }

  #distance(length: number): number {
    const slot = this.#in.tree(this.#slots[Math.min(length, 3)]!, 0, 6);
    if (slot < 4) return slot;
    const direct = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) << direct) >>> 0;
    if (slot < 14) return base + this.#in.reversed(this.#distances, base - slot, direct);
    const high = this.#in.direct(direct - 4);
    return (base + high * 16 + this.#in.reversed(this.#align, 0, 4)) >>> 0;
  }

  #back(distance: number): number {
    if (distance >= this.#at) throw new ArchiveError('LZMA that is broken');
    return this.#out[this.#at - distance - 1]!;
  }

  #copy(length: number): void {
    for (let i = 0; i < length && this.#at < this.#out.length; i++) {
      this.#out[this.#at] = this.#back(this.#reps[0]);
      this.#at += 1;
    }
  }
}

class Lengths {
  readonly #choice = probabilities(2);
  readonly #low = probabilities(16 << 3);
  readonly #middle = probabilities(16 << 3);
  readonly #high = probabilities(256);

  read(from: RangeDecoder, position: number): number {
    if (from.bit(this.#choice, 0) === 0) return from.tree(this.#low, position << 3, 3);
    if (from.bit(this.#choice, 1) === 0) return 8 + from.tree(this.#middle, position << 3, 3);
    return 16 + from.tree(this.#high, 0, 8);
  }
}

class RangeDecoder {
  readonly #bytes: Buffer;
  #at = 5;
  #range = 0xffffffff;
  #code: number;

  constructor(bytes: Buffer) {
    if (bytes.length < 5 || bytes[0] !== 0) throw new ArchiveError('LZMA that is broken');
    this.#bytes = bytes;
    this.#code = bytes.readUInt32BE(1);
  }

  bit(probs: Uint16Array, index: number): 0 | 1 {
    const prob = probs[index]!;
    const bound = (this.#range >>> bitsTotal) * prob;
    if (this.#code < bound) {
      this.#range = bound;
      probs[index] = prob + (((1 << bitsTotal) - prob) >> moveBits);
      this.#normalize();
      return 0;
    }
    this.#range = (this.#range - bound) >>> 0;
    this.#code = (this.#code - bound) >>> 0;
    probs[index] = prob - (prob >> moveBits);
    this.#normalize();
    return 1;
  }

  /** The highest bit first. `base`: where the tree begins, whose root is at 1. */
  tree(probs: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.bit(probs, base + symbol);
    return symbol - (1 << bits);
  }

  /** The lowest bit first. */
  reversed(probs: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(probs, base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code = (this.#code - this.#range) >>> 0;
      value = value * 2 + bit;
      this.#normalize();
    }
    return value;
  }

  #normalize(): void {
    if (this.#range >= top) return;
    if (this.#at > this.#bytes.length) throw new ArchiveError('LZMA cut short');
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#bytes[this.#at++] ?? 0)) >>> 0;
  }
}

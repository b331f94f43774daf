/**
 * Numbers written bit by bit: Rice codes, whose length suits gaps of which only the mean is known. High bits come first.
 *
 * What is written can be read back with the same parameters; nothing in the stream tells them.
 */

/** Quotients from here on are written as such a row of ones and 32 plain bits: a stray large number stays short. */
const quotientMax = 20;

export class BitWriter {
  #bytes = new Uint8Array(1 << 12);
  #length = 0;
  #pending = 0;
  #count = 0;

  /** At most 24 bits at once. */
  bits(value: number, count: number): void {
    this.#pending = (this.#pending << count) | value;
    this.#count += count;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#put((this.#pending >>> this.#count) & 0xff);
    }
    this.#pending &= (1 << this.#count) - 1;
  }

  rice(value: number, parameter: number): void {
    const quotient = value >>> parameter;
    if (quotient < quotientMax) {
      this.bits((1 << (quotient + 1)) - 2, quotient + 1);
      if (parameter > 0) this.bits(value & ((1 << parameter) - 1), parameter);
      return;
    }
    this.bits((1 << quotientMax) - 1, quotientMax);
    this.bits(value >>> 16, 16);
    this.bits(value & 0xffff, 16);
  }

  /** The bytes since the last call, the last one filled up; good until the next write. */
  take(): Uint8Array {
    if (this.#count > 0) this.bits(0, 8 - this.#count);
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Bytes that a buffer must have behind what is read of it. */
export const readAhead = 8;

export class BitReader {
  #bytes: Uint8Array = new Uint8Array(readAhead);
  /** Position in bits. */
  #at = 0;

  /** The buffer must have `readAhead` bytes behind the last that is read. */
  open(bytes: Uint8Array, start: number): void {
    this.#bytes = bytes;
    this.#at = start * 8;
  }

  /** At least 25 bits, at the high end. */
  #peek(): number {
    const i = this.#at >>> 3;
    const b = this.#bytes;
    return ((b[i]! << 24) | (b[i + 1]! << 16) | (b[i + 2]! << 8) | b[i + 3]!) << (this.#at & 7);
  }

  bits(count: number): number {
    const value = count === 0 ? 0 : this.#peek() >>> (32 - count);
    this.#at += count;
    return value;
  }

  rice(parameter: number): number {
    const quotient = Math.clz32(~this.#peek());
    if (quotient < quotientMax) {
      this.#at += quotient + 1;
      return parameter === 0 ? quotient : (quotient << parameter) | this.bits(parameter);
    }
    this.#at += quotientMax;
    const high = this.bits(16);
    return high * 0x1_0000 + this.bits(16);
  }
}

/** The parameter for numbers of this mean. */
export function riceParameter(mean: number): number {
  return mean <= 1.5 ? 0 : Math.min(22, Math.floor(Math.log2(mean * 0.69)) + (mean * 0.69 < 1 ? 1 : 0));
}

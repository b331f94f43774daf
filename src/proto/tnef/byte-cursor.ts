/** A cursor over little-endian bytes that never reads behind their end: what is missing is undefined, and then the cursor stands at the end. */
export class ByteCursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of the next bytes. */
  take(size: number): Buffer | undefined {
    if (size > this.left) {
      this.#at = this.#bytes.length;
      return undefined;
    }
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** What is there of the next bytes. */
  takeUpTo(size: number): Buffer {
    return this.take(Math.min(size, this.left))!;
  }

  u8(): number | undefined {
    return this.take(1)?.[0];
  }

  u16(): number | undefined {
    return this.take(2)?.readUInt16LE();
  }

  u32(): number | undefined {
    return this.take(4)?.readUInt32LE();
  }
}

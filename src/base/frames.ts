/**
 * Values with bytes behind them, one after another in one stream: what carries many messages through one request.
 *
 *   frame = length of the head (4 bytes, big-endian), head (JSON), length of the bytes (6 bytes, big-endian), bytes
 *
 * Reading holds one head, and of the bytes no more than a chunk. What does not fit the form throws FrameError.
 */
export const headMaxBytes = 64 * 1024;
const headLengthBytes = 4;
const bodyLengthBytes = 6;

export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** What goes before the bytes of a frame. */
export function frameStart(head: unknown, sizeBytes: number): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  if (text.length > headMaxBytes) throw new FrameError('a head that is too long');
  const start = Buffer.alloc(headLengthBytes + text.length + bodyLengthBytes);
  start.writeUInt32BE(text.length);
  text.copy(start, headLengthBytes);
  start.writeUIntBE(sizeBytes, headLengthBytes + text.length, bodyLengthBytes);
  return start;
}

export interface Frame {
  readonly head: unknown;
  readonly sizeBytes: number;
}

export class FrameReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #bodyLeft = 0;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next frame, or undefined at the end. What was not read of the bytes of the last one is passed over. */
  async next(): Promise<Frame | undefined> {
    for await (const _ of this.body());
    if (this.#held.length === 0 && !(await this.#more())) return undefined;
    const length = (await this.#take(headLengthBytes)).readUInt32BE();
    if (length > headMaxBytes) throw new FrameError('a head that is too long');
    const head = parsed(await this.#take(length));
    this.#bodyLeft = (await this.#take(bodyLengthBytes)).readUIntBE(0, bodyLengthBytes);
    return { head, sizeBytes: this.#bodyLeft };
  }

  /** The bytes of the frame that was read last, in chunks. */
  async *body(): AsyncGenerator<Buffer, void, void> {
    while (this.#bodyLeft > 0) {
      if (this.#held.length === 0 && !(await this.#more())) throw new FrameError('cut off');
      const piece = this.#held.subarray(0, this.#bodyLeft);
      this.#held = this.#held.subarray(piece.length);
      this.#bodyLeft -= piece.length;
      yield piece;
    }
  }

  async #take(size: number): Promise<Buffer> {
    while (this.#held.length < size) if (!(await this.#more())) throw new FrameError('cut off');
    const taken = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size);
    return taken;
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      if (value.length === 0) continue;
      const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
      return true;
    }
  }
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString()) as unknown;
  } catch (cause) {
    throw new FrameError('a head that is no JSON', { cause });
  }
}

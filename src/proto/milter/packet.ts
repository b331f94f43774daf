/**
 * Packets of the milter protocol: four octets of length, one of kind, and data. A length that no packet may have ends the conversation as soon as it is
 * read, before memory is taken for it.
 */

export class MilterError extends Error {
  override readonly name = 'MilterError';
}

export interface Packet {
  /** One ASCII character. */
  readonly kind: string;
  readonly data: Buffer;
}

/**
 * The largest packet a filter may send: a piece of a new body is 64 KiB, and so are header fields in practice. Filters of rspamd send all of a body in
 * one packet, so the caller sets the limit.
 */
export const packetMaxDefaultBytes = 1024 * 1024;

const lengthBytes = 4;

export function packet(kind: string, data: Uint8Array | string = ''): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  const whole = Buffer.allocUnsafe(lengthBytes + 1 + bytes.length);
  whole.writeUInt32BE(bytes.length + 1, 0);
  whole[lengthBytes] = kind.charCodeAt(0);
  whole.set(bytes, lengthBytes + 1);
  return whole;
}

/** Cuts a stream into packets. Memory: one packet of at most `packetMaxBytes`. Throws a MilterError and is of no use afterwards. */
export class PacketReader {
  readonly #max: number;
  #pieces: Buffer[] = [];
  #held = 0;

  constructor(packetMaxBytes = packetMaxDefaultBytes) {
    this.#max = packetMaxBytes;
  }

  /** Nothing of a packet is held. */
  get empty(): boolean {
    return this.#held === 0;
  }

  *push(chunk: Buffer): Generator<Packet, void, void> {
    this.#pieces.push(chunk);
    this.#held += chunk.length;
    for (let whole = this.#whole(); whole !== undefined; whole = this.#whole()) yield whole;
  }

  #whole(): Packet | undefined {
    if (this.#held < lengthBytes) return undefined;
    const length = this.#join(lengthBytes).readUInt32BE(0);
    if (length === 0 || length > this.#max) throw new MilterError(`a packet of ${length} bytes`);
    if (this.#held < lengthBytes + length) return undefined;
    const bytes = this.#join(lengthBytes + length);
    const end = lengthBytes + length;
    this.#pieces[0] = bytes.subarray(end);
    this.#held -= end;
    return { kind: String.fromCharCode(bytes[lengthBytes]!), data: bytes.subarray(lengthBytes + 1, end) };
  }

  /** The first piece, made to hold so many octets at least: pieces are joined once for each packet, not for each chunk. */
  #join(size: number): Buffer {
    if (this.#pieces[0]!.length < size) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0]!;
  }
}

/** Text that ends with NUL, as most data of packets. Throws where the NUL is missing. */
export class PacketText {
  readonly #data: Buffer;
  #at: number;

  constructor(data: Buffer, from = 0) {
    this.#data = data;
    this.#at = from;
  }

  get atEnd(): boolean {
    return this.#at >= this.#data.length;
  }

  /** Octets as they are, one character each. */
  next(): string {
    const end = this.#data.indexOf(0, this.#at);
    if (end === -1) throw new MilterError('text without an end');
    const text = this.#data.toString('latin1', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** The rest must be empty. */
  end(): void {
    if (!this.atEnd) throw new MilterError('more data than expected');
  }
}

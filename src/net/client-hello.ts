/**
 * The first message of a TLS client, read before anybody answers it (RFC 8446, 4.1.2): which host it wants, and which protocols it offers.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';

export interface ClientHello {
  /** SNI, in lower case; `''` when it names none. */
  readonly servername: string;
  readonly alpn: readonly string[];
}

const recordHeaderBytes = 5;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;

/**
 * Leaves every byte unread for the handshake. Undefined when these are not the first bytes of TLS, or the client is silent: whoever
 * answers next finds out by itself.
 */
export function peekClientHello(
  socket: Socket,
  clock: Clock,
  timeoutMs: number,
): Promise<ClientHello | undefined> {
  const { promise, resolve } = Promise.withResolvers<ClientHello | undefined>();
  let seen: Buffer = Buffer.alloc(0);
  const read = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null)
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const hello = parseClientHello(seen);
    if (hello !== 'partial') resolve(hello);
  };
  const over = (): void => resolve(undefined);
  const timer = clock.after(timeoutMs, over);
  socket.on('readable', read).on('end', over).on('close', over);
  return promise.finally(() => {
    timer[Symbol.dispose]();
    socket.off('readable', read).off('end', over).off('close', over);
    if (seen.length > 0 && !socket.destroyed) socket.unshift(seen);
  });
}

/** A hello that is cut over several records is left to the handshake: clients that do that ask for nothing special. */
export function parseClientHello(bytes: Buffer): ClientHello | 'partial' | undefined {
  if (bytes.length < recordHeaderBytes)
    return bytes.length > 0 && bytes[0] !== HANDSHAKE ? undefined : 'partial';
  if (bytes[0] !== HANDSHAKE || bytes[1] !== 3) return undefined;
  const end = recordHeaderBytes + bytes.readUInt16BE(3);
  if (bytes.length < end) return 'partial';
  try {
    return helloOf(new Reader(bytes.subarray(recordHeaderBytes, end)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function helloOf(reader: Reader): ClientHello | undefined {
  if (reader.number(1) !== CLIENT_HELLO) return undefined;
  const body = new Reader(reader.block(3));
  body.take(2 + 32);
  body.block(1);
  body.block(2);
  body.block(1);
  let servername = '';
  const alpn: string[] = [];
  if (body.left === 0) return { servername, alpn };
  const extensions = new Reader(body.block(2));
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const data = new Reader(extensions.block(2));
    if (type === SERVER_NAME && data.left > 0) servername = hostIn(new Reader(data.block(2)));
    if (type !== ALPN) continue;
    const names = new Reader(data.block(2));
    while (names.left > 0) alpn.push(names.block(1).toString('latin1'));
  }
  return { servername, alpn };
}

function hostIn(names: Reader): string {
  while (names.left > 0) {
    const type = names.number(1);
    const name = names.block(2);
    if (type === 0) return name.toString('latin1').toLowerCase();
  }
  return '';
}

/** Reads in order; a RangeError when there is less than was promised. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): Buffer {
    if (count > this.left) throw new RangeError('cut short');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(size: number): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** What its own length, of `size` bytes, says. */
  block(size: number): Buffer {
    return this.take(this.number(size));
  }
}

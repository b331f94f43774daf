/**
 * A socket whose bytes are compressed both ways (raw DEFLATE, RFC 1951), as COMPRESS of IMAP wants it (RFC 4978).
 *
 * What is written in one call leaves whole, and after each call the compressor forgets what it has seen (a full flush): the length of an answer then tells nothing of
 * what stood in others before (CRIME). What is read is made as fast as the reader takes it: a small input that stands for a huge output waits
 * its turn in pieces of `pieceBytes`, and memory stays bounded whatever the ratio.
 *
 * Invariant: at most one write is in the compressor.
 */
import { Duplex } from 'node:stream';
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib';

const pieceBytes = 16 * 1024;
/** 8 KiB of window and small tables: 48 KiB for each connection in place of 256, for a little more to send. */
const windowBits = 13;
const memLevel = 5;

export class DeflateSocket extends Duplex {
  readonly #raw: Duplex;
  readonly #deflate: DeflateRaw;
  readonly #inflate: InflateRaw;

  constructor(raw: Duplex) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
    this.#deflate = createDeflateRaw({ windowBits, memLevel, chunkSize: pieceBytes });
    this.#inflate = createInflateRaw({ chunkSize: pieceBytes });
    this.#deflate.on('data', (piece: Buffer) => void raw.write(piece));
    this.#inflate.on('data', (piece: Buffer) => {
      if (!this.push(piece)) this.#inflate.pause();
    });
    this.#inflate.on('end', () => this.push(null));
    raw.on('data', this.#take).on('end', this.#ended).on('close', this.#closed);
    for (const part of [raw, this.#deflate, this.#inflate]) part.on('error', this.#broke);
    this.#inflate.on('drain', () => raw.resume());
    raw.resume();
  }

  override _read(): void {
    this.#inflate.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#deflate.write(chunk);
    this.#deflate.flush(constants.Z_FULL_FLUSH, () => {
      if (this.#raw.writableNeedDrain) this.#raw.once('drain', () => done());
      else done();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#deflate.once('end', () => this.#raw.end());
    this.#deflate.end();
    this.#raw.once('finish', () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#deflate.close();
    this.#inflate.close();
    this.#raw.destroy();
    done(error);
  }

  readonly #take = (chunk: Buffer): void => {
    if (!this.#inflate.write(chunk)) this.#raw.pause();
  };

  /** A peer that just closes does not end its stream in order: what it sent is read all the same. */
  readonly #ended = (): void => {
    this.#inflate.flush(constants.Z_SYNC_FLUSH, () => this.push(null));
  };

  readonly #closed = (): void => {
    this.destroy();
  };

  readonly #broke = (error: Error): void => {
    this.destroy(error);
  };
}

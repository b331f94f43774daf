/** Writes a segment, run by run in the order of the dictionary: in constant memory but for the headings, however large it becomes. */
import { zstdCompressSync } from 'node:zlib';
import { BlockWriter, type RunKey } from './dictionary.ts';
import { type Occurrences, PostingWriter, smallMax } from './postings.ts';
import { type BlockPlace, encodeHeading, type Heading, lengthsOf, stripBytes } from './segment.ts';

/** Units of text after which a block, and a sheet, is full. */
const blockUnits = 32 * 1024;
const sheetBytes = 64 * 1024;

/** A piece of a segment, to be stored. */
export interface Piece {
  readonly kind: 'sheet' | 'strip';
  readonly number: number;
  readonly bytes: Uint8Array;
}

export type SegmentShape = Omit<Heading, 'blocks'>;

export class SegmentWriter {
  readonly #shape: Heading;
  readonly #pieces: Piece[] = [];
  readonly #postings = new PostingWriter();
  readonly #block = new BlockWriter();
  readonly #blocks: BlockPlace[] = [];
  #key: { field: number; partition: number } | undefined;
  #sheet: Buffer[] = [];
  #sheetUsed = 0;
  #sheets = 0;
  #strip = Buffer.alloc(stripBytes);
  #stripUsed = 0;
  #strips = 0;
  /** Bytes of postings so far. */
  #offset = 0;
  #pieceBytes = 0;

  constructor(shape: SegmentShape) {
    this.#shape = { ...shape, blocks: [] };
  }

  /** Keys ascend. */
  add({ field, partition, run }: RunKey, occurrences: Occurrences): void {
    const key = this.#key;
    if (key?.field !== field || key.partition !== partition || this.#block.textUnits > blockUnits) {
      this.#endBlock();
      this.#key = { field, partition };
    }
    const offset = this.#offset;
    const { documentBytes, placeBytes } = this.#postings.write(
      occurrences,
      lengthsOf(this.#shape, field),
      (bytes) => this.#put(bytes),
    );
    const { count } = occurrences;
    this.#block.add(run, { count, offset, documentBytes, placeBytes }, count <= smallMax);
  }

  /** Pieces that are ready to be stored, and no longer held here. */
  takePieces(): Piece[] {
    this.#pieceBytes = 0;
    return this.#pieces.splice(0);
  }

  get pieceBytes(): number {
    return this.#pieceBytes;
  }

  /** The heading; the last pieces are to be taken after this. */
  finish(): Uint8Array {
    this.#endBlock();
    this.#endSheet();
    if (this.#stripUsed > 0) this.#endStrip();
    return encodeHeading({ ...this.#shape, blocks: this.#blocks });
  }

  #put(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + stripBytes - this.#stripUsed);
      this.#strip.set(part, this.#stripUsed);
      this.#stripUsed += part.length;
      at += part.length;
      if (this.#stripUsed === stripBytes) this.#endStrip();
    }
  }

  #endStrip(): void {
    this.#piece('strip', this.#strips++, Buffer.from(this.#strip.subarray(0, this.#stripUsed)));
    this.#stripUsed = 0;
  }

  #endBlock(): void {
    if (this.#key === undefined || this.#block.count === 0) return;
    this.#blocks.push({ ...this.#key, sheet: this.#sheets, offset: this.#sheetUsed });
    const block = this.#block.take();
    this.#sheet.push(block);
    this.#sheetUsed += block.length;
    if (this.#sheetUsed >= sheetBytes) this.#endSheet();
  }

  #endSheet(): void {
    if (this.#sheetUsed === 0) return;
    this.#piece('sheet', this.#sheets++, zstdCompressSync(Buffer.concat(this.#sheet)));
    this.#sheet = [];
    this.#sheetUsed = 0;
  }

  #piece(kind: Piece['kind'], number: number, bytes: Uint8Array): void {
    this.#pieces.push({ kind, number, bytes });
    this.#pieceBytes += bytes.length;
  }
}

/**
 * Blocks of the dictionary: runs between line feeds, so that looking for a text in all of them is one pass over bytes, and the numbers of each.
 *
 *   runs | bytes of numbers | offset of the first one's postings (low, high) | bytes of text | numbers … | LF run LF run LF …
 */
import type { CharacterClass } from '../character-class.ts';
import type { QueryTerm } from '../query.ts';

/** A run and where its postings are. */
export interface Entry {
  readonly field: number;
  /** Documents that have it. */
  readonly count: number;
  /** Of its streams in the segment's postings. */
  readonly offset: number;
  readonly documentBytes: number;
  readonly placeBytes: number;
}

const headBytes = 20;
const lineFeed = 0x0a;
const twoTo32 = 2 ** 32;

export class BlockWriter {
  readonly #runs: string[] = [];
  #numbers = Buffer.alloc(1 << 14);
  #used = 0;
  #textUnits = 0;
  #first = 0;

  get count(): number {
    return this.#runs.length;
  }
  get textUnits(): number {
    return this.#textUnits;
  }

  add(run: string, { count, offset, documentBytes, placeBytes }: Omit<Entry, 'field'>, small: boolean): void {
    if (this.#runs.length === 0) this.#first = offset;
    this.#runs.push(run);
    this.#textUnits += run.length + 1;
    if (this.#used + 20 > this.#numbers.length)
      this.#numbers = Buffer.concat([this.#numbers], 2 * this.#numbers.length);
    this.#number(count);
    this.#number(documentBytes);
    if (!small) this.#number(placeBytes);
  }

  take(): Buffer {
    const text = Buffer.from(`\n${this.#runs.join('\n')}\n`);
    const head = Buffer.alloc(headBytes);
    head.writeUInt32LE(this.#runs.length, 0);
    head.writeUInt32LE(this.#used, 4);
    head.writeUInt32LE(this.#first % twoTo32, 8);
    head.writeUInt32LE(Math.floor(this.#first / twoTo32), 12);
    head.writeUInt32LE(text.length, 16);
    const block = Buffer.concat([head, this.#numbers.subarray(0, this.#used), text]);
    this.#runs.length = 0;
    this.#used = 0;
    this.#textUnits = 0;
    return block;
  }

  #number(value: number): void {
    let left = value;
    while (left >= 0x80) {
      this.#numbers[this.#used++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.#numbers[this.#used++] = left;
  }
}

export class Block {
  readonly #field: number;
  readonly #count: number;
  readonly #first: number;
  readonly #numbers: Buffer;
  readonly #text: Buffer;
  readonly #smallMax: number;

  constructor(sheet: Buffer, at: number, field: number, smallMax: number) {
    this.#field = field;
    this.#smallMax = smallMax;
    this.#count = sheet.readUInt32LE(at);
    const numbers = at + headBytes;
    const text = numbers + sheet.readUInt32LE(at + 4);
    this.#first = sheet.readUInt32LE(at + 8) + sheet.readUInt32LE(at + 12) * twoTo32;
    this.#numbers = sheet.subarray(numbers, text);
    this.#text = sheet.subarray(text, text + sheet.readUInt32LE(at + 16));
  }

  get runs(): readonly string[] {
    const text = this.#text.toString();
    return text.slice(1, -1).split('\n');
  }

  /** All entries, in order. */
  get entries(): Entry[] {
    const found: Entry[] = [];
    this.#walk(undefined, found);
    return found;
  }

  /** Entries of the runs that a term of a query may stand for. */
  matching(term: QueryTerm, into: Entry[]): void {
    const hits = this.#hits(term);
    if (hits.length > 0) this.#walk(hits, into);
  }

  /** Positions among the runs, ascending. */
  #hits({ text, openStart, openEnd }: QueryTerm): number[] {
    const wanted = Buffer.from(`${openStart ? '' : '\n'}${text}${openEnd ? '' : '\n'}`);
    const hits: number[] = [];
    const bytes = this.#text;
    let position = -1;
    let counted = 0;
    for (let at = bytes.indexOf(wanted); at !== -1; ) {
      // The run begins behind the last line feed up to here; which one it is, is the number of those.
      const inside = openStart ? at : at + 1;
      position += lineFeeds(bytes, counted, inside);
      counted = inside;
      hits.push(position);
      // On to the next run: it is enough that one has it.
      const end = bytes.indexOf(lineFeed, inside);
      at = end === -1 ? -1 : bytes.indexOf(wanted, end);
    }
    return hits;
  }

  #walk(hits: readonly number[] | undefined, into: Entry[]): void {
    const numbers = this.#numbers;
    let at = 0;
    let offset = this.#first;
    let next = 0;
    const last = hits === undefined ? this.#count - 1 : hits[hits.length - 1]!;
    const read = (): number => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = numbers[at++]!;
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) return value;
      }
    };
    for (let position = 0; position <= last; position++) {
      const count = read();
      const documentBytes = read();
      const placeBytes = count > this.#smallMax ? read() : 0;
      if (hits === undefined || hits[next] === position) {
        into.push({ field: this.#field, count, offset, documentBytes, placeBytes });
        next += 1;
      }
      offset += documentBytes + placeBytes;
    }
  }
}

function lineFeeds(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (bytes[at] === lineFeed) count += 1;
  return count;
}

/** What a run is called in the order of a dictionary. */
export interface RunKey {
  readonly field: number;
  readonly partition: number;
  readonly run: string;
  readonly kind?: CharacterClass;
}

export function compareKeys(a: RunKey, b: RunKey): number {
  if (a.field !== b.field) return a.field - b.field;
  if (a.partition !== b.partition) return a.partition - b.partition;
  return a.run < b.run ? -1 : a.run > b.run ? 1 : 0;
}

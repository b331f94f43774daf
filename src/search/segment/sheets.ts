/** Headings and sheets of segments, read once and kept while there is room: segments never change, and their numbers do not come again. */
import { zstdDecompressSync } from 'node:zlib';
import type { AccountId } from '../../base/ids.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import { SegmentGone } from '../segment-gone.ts';
import { Block } from './dictionary.ts';
import { smallMax } from './postings.ts';
import { type BlockPlace, decodeHeading, type Heading } from './segment.ts';

/** Of each thread that searches. The dictionary of an account with a million messages takes some ten megabytes. */
const keptMaxBytes = 96 * 1024 * 1024;

interface Kept {
  readonly value: Heading | Buffer;
  readonly bytes: number;
}

const kept = new Map<string, Kept>();
let keptBytes = 0;

function keep(key: string, value: Heading | Buffer, bytes: number): void {
  kept.set(key, { value, bytes });
  keptBytes += bytes;
  for (const [oldest, each] of kept) {
    if (keptBytes <= keptMaxBytes || oldest === key) return;
    kept.delete(oldest);
    keptBytes -= each.bytes;
  }
}

function used(key: string): Kept['value'] | undefined {
  const found = kept.get(key);
  if (found === undefined) return undefined;
  kept.delete(key);
  kept.set(key, found);
  return found.value;
}

export interface SegmentName {
  readonly id: number;
  readonly stamp: string;
}

/** One segment as a search reads it. */
export class OpenSegment {
  readonly account: AccountId;
  readonly id: number;
  readonly #stamp: string;
  readonly heading: Heading;

  private constructor(account: AccountId, { id, stamp }: SegmentName, heading: Heading) {
    this.account = account;
    this.id = id;
    this.#stamp = stamp;
    this.heading = heading;
  }

  static *open(account: AccountId, name: SegmentName): Transaction<OpenSegment> {
    const { id, stamp: key } = name;
    let heading = used(key) as Heading | undefined;
    if (heading === undefined) {
      const found = yield* maybe<{ heading: Uint8Array }>(
        'select heading from search.segment where account = ? and id = ?',
        account,
        id,
      );
      if (found === undefined) throw new SegmentGone(`${account}/${id}`);
      heading = decodeHeading(found.heading);
      keep(key, heading, heading.emails.byteLength * 2 + heading.blocks.length * 60);
    }
    return new OpenSegment(account, name, heading);
  }

  *block(place: BlockPlace): Transaction<Block> {
    const sheet = yield* this.#sheet(place.sheet);
    return new Block(sheet, place.offset, place.field, smallMax);
  }

  *#sheet(number: number): Transaction<Buffer> {
    const key = `${this.#stamp}/${number}`;
    const before = used(key) as Buffer | undefined;
    if (before !== undefined) return before;
    const [data] = yield* this.pieces('sheet', number, number);
    const sheet = zstdDecompressSync(data!);
    keep(key, sheet, sheet.length);
    return sheet;
  }

  /** All of them, or SegmentGone. */
  *pieces(kind: 'sheet' | 'strip', first: number, last: number): Transaction<readonly Uint8Array[]> {
    const found = yield* rows<{ data: Uint8Array }>(
      'select data from search.piece where account = ? and segment = ? and kind = ? and number between ? and ? order by number',
      this.account,
      this.id,
      kind,
      first,
      last,
    );
    if (found.length !== last - first + 1) throw new SegmentGone(`${this.account}/${this.id}`);
    return found.map(({ data }) => data);
  }
}

/**
 * The messages of a mailbox as typed arrays, sorted by uid: about 50 bytes each.
 *
 * Appending and changing happen in place; the uid array alone is replaced, never changed, when messages go, since sessions keep the one they have told
 * their client about. Keyword lists are few and repeat: each message has the number of its list.
 */
import assert from 'node:assert/strict';
import { splitKeywords } from '../flags.ts';
import type { MembershipRow } from '../rules/uid-rows.ts';

export interface ColumnData {
  readonly count: number;
  readonly uids: Uint32Array;
  readonly flags: Uint8Array;
  readonly keywords: Uint32Array;
  readonly modseqs: Float64Array;
  readonly sizes: Uint32Array;
  readonly emails: Uint32Array;
  readonly threads: Uint32Array;
  readonly received: Float64Array;
  readonly saved: Float64Array;
  /** Stored forms; number 0 is the empty list. */
  readonly keywordLists: readonly string[];
}

const roomAtLeast = 16;

export class Columns {
  #data: Mutable<ColumnData>;
  #lists: (readonly string[])[];
  readonly #numberOf = new Map<string, number>();

  constructor(data: ColumnData) {
    this.#data = { ...data, keywordLists: [...data.keywordLists] };
    this.#lists = data.keywordLists.map(splitKeywords);
    data.keywordLists.forEach((list, number) => this.#numberOf.set(list, number));
  }

  get count(): number {
    return this.#data.count;
  }
  /** May be longer than `count`. Once handed out it is only appended to. */
  get uids(): Uint32Array {
    return this.#data.uids;
  }
  get data(): ColumnData {
    return this.#data;
  }
  get keywordLists(): readonly (readonly string[])[] {
    return this.#lists;
  }

  /** First position whose uid is at least this one; `count` when there is none. */
  positionFrom(uid: number): number {
    return lowerBound(this.#data.uids, this.#data.count, uid);
  }

  positionOf(uid: number): number {
    const position = this.positionFrom(uid);
    return position < this.#data.count && this.#data.uids[position] === uid ? position : -1;
  }

  /** A row that changed, or that is new: then above every uid so far, since uids only rise. */
  put(row: MembershipRow): void {
    const position = this.positionFrom(row.uid);
    if (position === this.#data.count) {
      if (position === this.#data.uids.length) this.#grow();
      this.#data.uids[position] = row.uid;
      this.#data.count += 1;
    }
    assert(this.#data.uids[position] === row.uid, 'a new uid is above all others');
    fill(this.#data, position, row, this.#listNumber(row.keywords));
  }

  /** Takes positions (ascending) away. */
  remove(positions: readonly number[]): void {
    if (positions.length === 0) return;
    const data = this.#data;
    // All columns have the same room.
    const uids = new Uint32Array(data.flags.length);
    compact(data.uids, uids, positions, data.count);
    data.uids = uids;
    for (const column of columnsOf(data).slice(1)) compact(column, column, positions, data.count);
    data.count -= positions.length;
  }

  #grow(): void {
    this.#data = resized(this.#data, Math.max(roomAtLeast, Math.ceil(this.#data.count * 1.5)));
  }

  #listNumber(keywords: string): number {
    const known = this.#numberOf.get(keywords);
    if (known !== undefined) return known;
    const number = this.#lists.length;
    this.#lists.push(splitKeywords(keywords));
    (this.#data.keywordLists as string[]).push(keywords);
    this.#numberOf.set(keywords, number);
    return number;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The columns, uids first, in the order of a snapshot. */
export const columnTypes = [
  ['uids', Uint32Array],
  ['flags', Uint8Array],
  ['keywords', Uint32Array],
  ['modseqs', Float64Array],
  ['sizes', Uint32Array],
  ['emails', Uint32Array],
  ['threads', Uint32Array],
  ['received', Float64Array],
  ['saved', Float64Array],
] as const;

export function emptyColumns(room: number): ColumnData {
  return {
    count: 0,
    uids: new Uint32Array(room),
    flags: new Uint8Array(room),
    keywords: new Uint32Array(room),
    modseqs: new Float64Array(room),
    sizes: new Uint32Array(room),
    emails: new Uint32Array(room),
    threads: new Uint32Array(room),
    received: new Float64Array(room),
    saved: new Float64Array(room),
    keywordLists: [''],
  };
}

/** Columns of rows that come sorted by uid. */
export function columnsOfRows(rows: readonly MembershipRow[]): ColumnData {
  const data = emptyColumns(rows.length + roomAtLeast) as Mutable<ColumnData>;
  const lists = [''];
  const numbers = new Map([['', 0]]);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    let number = numbers.get(row.keywords);
    if (number === undefined) {
      number = lists.length;
      numbers.set(row.keywords, number);
      lists.push(row.keywords);
    }
    data.uids[i] = row.uid;
    fill(data, i, row, number);
  }
  data.count = rows.length;
  data.keywordLists = lists;
  return data;
}

function fill(data: ColumnData, position: number, row: MembershipRow, list: number): void {
  data.flags[position] = row.flags;
  data.keywords[position] = list;
  data.modseqs[position] = row.modseq;
  data.sizes[position] = row.size;
  data.emails[position] = row.email;
  data.threads[position] = row.thread;
  data.received[position] = row.received;
  data.saved[position] = row.saved;
}

export function lowerBound(sorted: Uint32Array, count: number, wanted: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Column = Uint8Array | Uint32Array | Float64Array;

const columnsOf = (data: ColumnData): Column[] => columnTypes.map(([name]) => data[name]);

/** Copies all but `positions` from one column to another (or itself), in runs. */
function compact(from: Column, to: Column, positions: readonly number[], count: number): void {
  let at = positions[0]!;
  if (from !== to) to.set(from.subarray(0, at));
  for (let i = 0; i < positions.length; i++) {
    const start = positions[i]! + 1;
    const end = positions[i + 1] ?? count;
    to.set(from.subarray(start, end), at);
    at += end - start;
  }
}

function resized(data: ColumnData, room: number): Mutable<ColumnData> {
  const grown = { ...emptyColumns(room), keywordLists: data.keywordLists } as Mutable<ColumnData>;
  const into = columnsOf(grown);
  columnsOf(data).forEach((column, i) => into[i]!.set(column.subarray(0, data.count)));
  grown.count = data.count;
  return grown;
}

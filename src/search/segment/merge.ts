/**
 * Joins neighbouring segments to one: their dictionaries are gone through side by side, and the postings of each run written anew, a segment after the other. Documents that are gone are left out.
 */
import type { AccountId } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import { compareKeys, type Entry, type RunKey } from './dictionary.ts';
import { type Occurrences, readPlaces } from './postings.ts';
import { type Heading, lengthsOf } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import { OpenSegment, type SegmentName } from './sheets.ts';
import { Strips } from './strips.ts';

/** Occurrences after which the caller may do other things. */
const pauseEvery = 200_000;

export interface MergeParts {
  readonly store: Pick<Store, 'read'>;
  readonly account: AccountId;
  /** In the order of their emails. */
  readonly segments: readonly SegmentName[];
  /** Emails that are still there; all when undefined. */
  readonly living: ReadonlySet<number> | undefined;
  /** Called now and then: pieces may be taken, and an error ends the merge. */
  readonly pause: (writer: SegmentWriter) => Promise<void>;
}

export interface Merged {
  readonly writer: SegmentWriter;
  readonly heading: Uint8Array;
  readonly documents: number;
}

const gone = 0xffff_ffff;

export async function mergeSegments(parts: MergeParts): Promise<Merged> {
  const { store, account, segments, living, pause } = parts;
  const shape = newShape();
  const sources: Source[] = [];
  for (const name of segments) {
    const segment = await store.read(() => OpenSegment.open(account, name));
    sources.push(new Source(store, segment, addDocuments(shape, segment.heading, living)));
  }
  const writer = new SegmentWriter({
    emails: Uint32Array.from(shape.emails),
    lengths: shape.lengths.map((list) => Uint8Array.from(list)),
    unsure: Uint32Array.from(shape.unsure),
  });
  const target = new Target();
  let worked = 0;
  for (const source of sources) await source.next();
  for (;;) {
    const key = leastKey(sources);
    if (key === undefined) break;
    target.clear();
    for (const source of sources) {
      if (source.key === undefined || compareKeys(source.key, key) !== 0) continue;
      await source.copy(target);
      await source.next();
    }
    if (target.count > 0) writer.add(key, target.occurrences());
    worked += target.used + 10;
    if (worked >= pauseEvery) {
      worked = 0;
      await pause(writer);
    }
  }
  return { heading: writer.finish(), writer, documents: shape.emails.length };
}

interface Shape {
  readonly emails: number[];
  readonly lengths: readonly number[][];
  readonly unsure: number[];
}

const newShape = (): Shape => ({ emails: [], lengths: [[], [], []], unsure: [] });

/** Gives the new number of each document. */
function addDocuments(
  { emails, lengths, unsure }: Shape,
  heading: Heading,
  living: ReadonlySet<number> | undefined,
): Uint32Array {
  const unsureBefore = new Set(heading.unsure);
  return heading.emails.map((email, document) => {
    if (living !== undefined && !living.has(email)) return gone;
    const number = emails.length;
    emails.push(email);
    lengths.forEach((list, i) => list.push(heading.lengths[i]![document]!));
    if (unsureBefore.has(document)) unsure.push(number);
    return number;
  });
}

function leastKey(sources: readonly Source[]): RunKey | undefined {
  let least: RunKey | undefined;
  for (const { key } of sources)
    if (key !== undefined && (least === undefined || compareKeys(key, least) < 0)) least = key;
  return least;
}

/** One of the segments, gone through run by run. */
class Source {
  readonly #store: Pick<Store, 'read'>;
  readonly #segment: OpenSegment;
  readonly #newNumber: Uint32Array;
  readonly #strips: Strips;
  #block = 0;
  #runs: readonly string[] = [];
  #entries: readonly Entry[] = [];
  #at = 0;
  key: RunKey | undefined;

  constructor(store: Pick<Store, 'read'>, segment: OpenSegment, newNumber: Uint32Array) {
    this.#store = store;
    this.#segment = segment;
    this.#newNumber = newNumber;
    this.#strips = new Strips(segment);
  }

  async next(): Promise<void> {
    const { blocks } = this.#segment.heading;
    if (this.#at === this.#runs.length) {
      const place = blocks[this.#block++];
      if (place === undefined) {
        this.key = undefined;
        return;
      }
      const block = await this.#store.read(() => this.#segment.block(place));
      this.#runs = block.runs;
      this.#entries = block.entries;
      this.#at = 0;
    }
    const { field, partition } = blocks[this.#block - 1]!;
    this.key = { field, partition, run: this.#runs[this.#at++]! };
  }

  async copy(target: Target): Promise<void> {
    const entry = this.#entries[this.#at - 1]!;
    const length = entry.documentBytes + entry.placeBytes;
    const bytes =
      this.#strips.within(entry.offset, length) ??
      (await this.#store.read(() => this.#strips.range(entry.offset, length)));
    readPlaces(bytes, entry, lengthsOf(this.#segment.heading, entry.field), (document, places, count) => {
      const number = this.#newNumber[document]!;
      if (number !== gone) target.add(number, places, count);
    });
  }
}

/** Occurrences of one run, gathered. */
class Target {
  #documents = new Uint32Array(1 << 12);
  #starts = new Uint32Array(1 << 12);
  #places = new Uint32Array(1 << 14);
  count = 0;
  used = 0;

  clear(): void {
    this.count = 0;
    this.used = 0;
  }

  add(document: number, places: Uint32Array, count: number): void {
    if (this.count + 1 >= this.#documents.length) {
      this.#documents = grown(this.#documents, 2 * this.#documents.length);
      this.#starts = grown(this.#starts, 2 * this.#starts.length);
    }
    if (this.used + count > this.#places.length) this.#places = grown(this.#places, 2 * (this.used + count));
    this.#documents[this.count] = document;
    this.#starts[this.count] = this.used;
    this.count += 1;
    for (let i = 0; i < count; i++) this.#places[this.used + i] = places[i]!;
    this.used += count;
  }

  occurrences(): Occurrences {
    this.#starts[this.count] = this.used;
    return { count: this.count, documents: this.#documents, starts: this.#starts, places: this.#places };
  }
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}

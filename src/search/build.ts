/**
 * Builds the index of one account: segments from the texts of messages, and larger ones from smaller ones.
 *
 * Memory is bounded by `occurrencesMax`; a merge reads and writes strip by strip. Both give way to other work of the thread now and then, and may be stopped at any moment: what is complete stays.
 */
import { setImmediate } from 'node:timers/promises';
import { type AccountId, newSecret } from '../base/ids.ts';
import type { IndexStore } from '../store/open-index.ts';
import type { Store } from '../store/store.ts';
import type { Unit } from './field.ts';
import { Gatherer } from './segment/gatherer.ts';
import { mergeSegments } from './segment/merge.ts';
import type { SegmentWriter } from './segment/segment-writer.ts';
import {
  beginSegment,
  endSegment,
  putPieces,
  type SegmentRow,
  segmentsOf,
  sweepPieces,
} from './index-operations.ts';

/** Occurrences gathered for one segment: 8 bytes each, and the same again while it is written. */
const occurrencesMax = 6_000_000;
const documentsMax = 50_000;
/** Bytes of pieces in one transaction. */
const flushBytes = 2 * 1024 * 1024;

export interface BuilderParts {
  /** Where segments are read. */
  readonly store: Pick<Store, 'read'>;
  readonly index: IndexStore;
  readonly account: AccountId;
  readonly signal?: AbortSignal;
  /** Which emails of a range of numbers are still there; all when absent. */
  readonly living?: (first: number, last: number) => Promise<ReadonlySet<number>>;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

export class SegmentBuilder {
  readonly #parts: BuilderParts;
  #gatherer = new Gatherer();
  #range: Range | undefined;
  #textBytes = 0;

  constructor(parts: BuilderParts) {
    this.#parts = parts;
  }

  get full(): boolean {
    return this.#gatherer.occurrences >= occurrencesMax || this.#gatherer.documents >= documentsMax;
  }
  get documents(): number {
    return this.#gatherer.documents;
  }

  /** Numbers ascend. `unsure`: there is more to the message than these texts. */
  add(email: number, units: readonly Unit[], unsure = false): void {
    this.#gatherer.add(email, units, unsure);
    this.#range = { first: this.#range?.first ?? email, last: email };
    for (const { text } of units) this.#textBytes += Buffer.byteLength(text);
  }

  /** Makes a segment of what was added since the last one; every email up to `watermark` is in one from now on. */
  async end(watermark: number): Promise<void> {
    const gatherer = this.#gatherer;
    const range = this.#range ?? { first: 0, last: 0 };
    const text_bytes = this.#textBytes;
    this.#gatherer = new Gatherer();
    this.#range = undefined;
    this.#textBytes = 0;
    const { index, account } = this.#parts;
    const { documents } = gatherer;
    if (documents === 0) {
      const nothing = { id: 0, documents: 0, stamp: '', text_bytes: 0, bytes: 0, heading: new Uint8Array(0) };
      await index.write(endSegment, { account, ...nothing, ...range, replaces: [], watermark });
      return;
    }
    const id = await index.write(beginSegment, { account });
    const writer = gatherer.write();
    const heading = writer.finish();
    const bytes = heading.length + (await this.#store(id, writer));
    const row = { account, id, stamp: newSecret(16), ...range, documents, text_bytes, bytes, heading };
    await index.write(endSegment, { ...row, replaces: [], watermark });
  }

  async #store(segment: number, writer: SegmentWriter): Promise<number> {
    const { index, account } = this.#parts;
    let bytes = 0;
    const pieces = writer.takePieces();
    while (pieces.length > 0) {
      let size = 0;
      let count = 0;
      while (count < pieces.length && size < flushBytes) size += pieces[count++]!.bytes.length;
      await index.write(putPieces, { account, segment, pieces: pieces.splice(0, count) });
      bytes += size;
    }
    return bytes;
  }

  /** Joins neighbours while there are more than `segmentsMax` of about one size, so that there are few at any time and each occurrence is written a few times only. */
  async merge(segmentsMax: number): Promise<void> {
    for (;;) {
      const segments = await this.#segments();
      const chosen = neighbours(segments, segmentsMax);
      if (chosen.length < 2) return;
      await this.#join(chosen);
    }
  }

  /** All in one. */
  async settle(): Promise<void> {
    const segments = await this.#segments();
    if (segments.length > 1) await this.#join(segments);
  }

  /** Writes segments anew of which more than one in `part` messages are gone. */
  async purge(part: number): Promise<void> {
    const { living } = this.#parts;
    if (living === undefined) return;
    for (const segment of await this.#segments()) {
      const left = await living(segment.first, segment.last);
      if ((segment.documents - left.size) * part > segment.documents) await this.#join([segment]);
    }
  }

  #segments(): Promise<readonly SegmentRow[]> {
    return this.#parts.store.read(() => segmentsOf(this.#parts.account));
  }

  async #join(segments: readonly SegmentRow[]): Promise<void> {
    const { store, index, account, signal, living } = this.#parts;
    const id = await index.write(beginSegment, { account });
    let bytes = 0;
    const merged = await mergeSegments({
      store,
      account,
      segments,
      living: living && (await living(segments[0]!.first, segments.at(-1)!.last)),
      pause: async (writer) => {
        signal?.throwIfAborted();
        if (writer.pieceBytes >= flushBytes) bytes += await this.#store(id, writer);
        await setImmediate();
      },
    });
    bytes += merged.heading.length + (await this.#store(id, merged.writer));
    const before = segments.reduce((sum, each) => sum + each.documents, 0);
    const text = segments.reduce((sum, each) => sum + each.text_bytes, 0);
    const { documents } = merged;
    await index.write(endSegment, {
      account,
      id,
      stamp: newSecret(16),
      first: segments[0]!.first,
      last: segments.at(-1)!.last,
      documents,
      text_bytes: Math.round((text * documents) / Math.max(1, before)),
      bytes,
      heading: merged.heading,
      replaces: segments.map((segment) => segment.id),
      watermark: 0,
    });
    await this.sweep();
  }

  /** Removes what no segment has any more, or what a crash left. */
  async sweep(): Promise<void> {
    const { index, account } = this.#parts;
    while (await index.write(sweepPieces, { account })) await setImmediate();
    index.shrink();
  }
}

/** Segments of one size are those with up to this many times as many messages as the smallest. */
const sizeStep = 4;

/** The newest run of more than `max` neighbours of about one size. */
function neighbours(segments: readonly SegmentRow[], max: number): readonly SegmentRow[] {
  for (let end = segments.length; end > 0; end--) {
    let start = end;
    let largest = 0;
    let sum = 0;
    while (start > 0) {
      const { documents } = segments[start - 1]!;
      // A much larger one is left alone; those before it are looked at by themselves.
      if (start < end && documents > sizeStep * Math.max(largest, 1) && documents > sum) break;
      largest = Math.max(largest, documents);
      sum += documents;
      start -= 1;
    }
    if (end - start > max) return segments.slice(start, end);
  }
  return [];
}

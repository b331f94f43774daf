/**
 * Looks a text up in one segment: which documents have it for sure, and which must be read to know.
 *
 * Runs that are in few documents come first; the others only narrow down what is left. Where reading the documents that are left costs less than
 * going through long postings, it is left at that.
 */
import type { Transaction } from '../../store/transaction.ts';
import type { Query, QueryTerm } from '../query.ts';
import type { Entry } from './dictionary.ts';
import { add, addAll, countOf, has, keepCommon, newSet } from './document-set.ts';
import { partitionsWith } from './partition.ts';
import { readDocuments, readPlaces } from './postings.ts';
import { lengthsOf } from './segment.ts';
import type { OpenSegment } from './sheets.ts';
import { Strips } from './strips.ts';

/** What reading a message costs, in bytes of postings that take as long to go through. */
const messageWorthBytes = 15_000;
/** More places than any document has: keys of places are documents times this, plus the place. */
const placesBase = 2 ** 21;

export interface LookedUp {
  readonly sure: Uint8Array;
  readonly open: Uint8Array;
}

/** `fields` by number. A crossing text may run over what is kept in several of them: then places say nothing, and the index is never sure. */
export function* lookUp(
  segment: OpenSegment,
  query: Query & { readonly crossing?: boolean },
  fields: ReadonlySet<number>,
): Transaction<LookedUp> {
  const { heading } = segment;
  const found = { sure: newSet(heading.emails.length), open: newSet(heading.emails.length) };
  for (const document of heading.unsure) add(found.open, document);
  const reader = new PostingReader(segment);
  const groups = yield* entriesOf(segment, query.terms, fields);
  // Where places tell all there is to know, documents found by them are sure.
  const target = query.exact ? found.sure : found.open;
  if (query.terms.length === 1) {
    for (const { entries } of groups[0]!) yield* reader.addDocuments(entries, target);
    return found;
  }
  if (query.crossing) {
    const all = groups.map((group) => group.flatMap(({ entries }) => entries));
    const { documents } = yield* reader.inAll(all);
    addAll(found.open, documents);
    return found;
  }
  for (const field of fields) {
    const own = groups.map((group) => group.find((each) => each.field === field)?.entries ?? []);
    if (own.every((entries) => entries.length > 0))
      yield* reader.phrase(own, query.terms, { target, open: found.open });
  }
  return found;
}

interface FieldEntries {
  readonly field: number;
  readonly entries: Entry[];
}

/** For each term, its entries by field. */
export function* entriesOf(
  segment: OpenSegment,
  terms: readonly QueryTerm[],
  fields: ReadonlySet<number>,
): Transaction<FieldEntries[][]> {
  const groups: FieldEntries[][] = [];
  for (const term of terms) {
    const partitions = new Set(partitionsWith(term.text, term.kind));
    const byField = new Map<number, Entry[]>();
    for (const place of segment.heading.blocks) {
      if (!fields.has(place.field) || !partitions.has(place.partition)) continue;
      const entries = byField.get(place.field) ?? [];
      byField.set(place.field, entries);
      (yield* segment.block(place)).matching(term, entries);
    }
    groups.push(Array.from(byField, ([field, entries]) => ({ field, entries })));
  }
  return groups;
}

const bytesOf = (entries: readonly Entry[], of: 'documentBytes' | 'placeBytes'): number =>
  entries.reduce((sum, entry) => sum + entry[of], 0);

export class PostingReader {
  readonly #segment: OpenSegment;
  readonly #strips: Strips;

  constructor(segment: OpenSegment) {
    this.#segment = segment;
    this.#strips = new Strips(segment);
  }

  *addDocuments(entries: readonly Entry[], into: Uint8Array): Transaction<void> {
    for (const { field, count, offset, documentBytes } of entries) {
      const bytes = yield* this.#strips.range(offset, documentBytes);
      readDocuments(bytes, count, lengthsOf(this.#segment.heading, field), into);
    }
  }

  /** Documents that have something of every group. Not all groups may have been asked, when few documents are left: then `whole` is false. */
  *inAll(groups: readonly (readonly Entry[])[]): Transaction<{ documents: Uint8Array; whole: boolean }> {
    const order = groups
      .map((entries) => ({ entries, bytes: bytesOf(entries, 'documentBytes') }))
      .sort((a, b) => a.bytes - b.bytes);
    const size = this.#segment.heading.emails.length;
    let documents: Uint8Array | undefined;
    let left = order.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { entries, bytes } of order) {
      if (documents !== undefined) {
        const count = countOf(documents);
        if (count === 0 || count * messageWorthBytes < left) return { documents, whole: count === 0 };
      }
      const own = newSet(size);
      yield* this.addDocuments(entries, own);
      left -= bytes;
      if (documents === undefined) documents = own;
      else keepCommon(documents, own);
    }
    return { documents: documents ?? newSet(size), whole: true };
  }

  /** Entries of one field; a document has the phrase when their places stand as those of the terms do. */
  *phrase(
    groups: readonly (readonly Entry[])[],
    terms: readonly QueryTerm[],
    found: { readonly target: Uint8Array; readonly open: Uint8Array },
  ): Transaction<void> {
    const { documents, whole } = yield* this.inAll(groups);
    const count = countOf(documents);
    const places = groups.reduce((sum, entries) => sum + bytesOf(entries, 'placeBytes'), 0);
    if (!whole || count * messageWorthBytes < places) {
      addAll(found.open, documents);
      return;
    }
    const order = groups
      .map((entries, i) => ({ entries, term: terms[i]!, bytes: bytesOf(entries, 'placeBytes') }))
      .sort((a, b) => a.bytes - b.bytes);
    let starts: Set<number> | undefined;
    for (const { entries, term } of order) {
      const next = new Set<number>();
      yield* this.#eachPlace(entries, documents, (document, place) => {
        const start = document * placesBase + place - term.offset;
        if (starts === undefined || starts.has(start)) next.add(start);
      });
      starts = next;
    }
    for (const start of starts ?? []) add(found.target, Math.floor(start / placesBase));
  }

  *#eachPlace(
    entries: readonly Entry[],
    documents: Uint8Array,
    run: (document: number, place: number) => void,
  ): Transaction<void> {
    for (const entry of entries) {
      const bytes = yield* this.#strips.range(entry.offset, entry.documentBytes + entry.placeBytes);
      readPlaces(bytes, entry, lengthsOf(this.#segment.heading, entry.field), (document, places, count) => {
        if (!has(documents, document)) return;
        for (let i = 0; i < count; i++) run(document, places[i]!);
      });
    }
  }

  /** How often each document has something of these entries. */
  *counts(entries: readonly Entry[], run: (document: number, count: number) => void): Transaction<void> {
    for (const entry of entries) {
      const bytes = yield* this.#strips.range(entry.offset, entry.documentBytes + entry.placeBytes);
      readPlaces(bytes, entry, lengthsOf(this.#segment.heading, entry.field), (document, _places, count) =>
        run(document, count),
      );
    }
  }
}

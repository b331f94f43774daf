/**
 * The occurrences of one run in the documents of a segment: which documents, how often, where.
 *
 * Two streams: documents (gaps, or a bitmap of all when most have it), and places (for each document the count less one, then gaps). Runs of few documents have both in
 * one. Parameters of the codes follow from what is known at reading: the number of documents, and of each its length in a field, as a power of two.
 */
import { BitReader, BitWriter, riceParameter } from './bits.ts';

/** Up to so many documents both streams are one. */
export const smallMax = 6;

/** All occurrences of one run, documents ascending; the places of document `i` are [starts[i], starts[i + 1]). */
export interface Occurrences {
  readonly count: number;
  readonly documents: Uint32Array;
  readonly starts: Uint32Array;
  readonly places: Uint32Array;
}

/** What must be known of a segment to write or read its postings. */
export interface Lengths {
  readonly documents: number;
  /** Of a document: its last place in the field at hand is below 2 to the power of this. */
  readonly bits: Uint8Array;
}

export interface Written {
  readonly documentBytes: number;
  readonly placeBytes: number;
}

/** Most documents have it: a bit for each is no longer, and read faster. */
const isDense = (count: number, documents: number): boolean => count > smallMax && count * 3 > documents;

const gapParameter = (count: number, documents: number): number => riceParameter(documents / count);

const placeParameter = (lengthBits: number, count: number): number =>
  Math.max(0, lengthBits - 1 - (31 - Math.clz32(count)));

export class PostingWriter {
  readonly #bits = new BitWriter();

  /** Gives the streams to `put`, documents first. */
  write(
    { count, documents, starts, places }: Occurrences,
    lengths: Lengths,
    put: (bytes: Uint8Array) => void,
  ): Written {
    const small = count <= smallMax;
    const dense = isDense(count, lengths.documents);
    if (dense) {
      const map = new Uint8Array((lengths.documents + 7) >>> 3);
      for (let i = 0; i < count; i++) map[documents[i]! >>> 3]! |= 1 << (documents[i]! & 7);
      put(map);
    } else {
      const parameter = gapParameter(count, lengths.documents);
      let before = -1;
      for (let i = 0; i < count; i++) {
        this.#bits.rice(documents[i]! - before - 1, parameter);
        before = documents[i]!;
        if (small) this.#places(places, starts[i]!, starts[i + 1]!, lengths.bits[documents[i]!]!);
      }
    }
    const documentBytes = dense ? (lengths.documents + 7) >>> 3 : this.#flush(put);
    if (small) return { documentBytes, placeBytes: 0 };
    for (let i = 0; i < count; i++)
      this.#places(places, starts[i]!, starts[i + 1]!, lengths.bits[documents[i]!]!);
    return { documentBytes, placeBytes: this.#flush(put) };
  }

  #places(places: Uint32Array, start: number, end: number, lengthBits: number): void {
    this.#bits.rice(end - start - 1, 0);
    const parameter = placeParameter(lengthBits, end - start);
    let before = 0;
    for (let at = start; at < end; at++) {
      this.#bits.rice(places[at]! - before - 1, parameter);
      before = places[at]!;
    }
  }

  #flush(put: (bytes: Uint8Array) => void): number {
    const bytes = this.#bits.take();
    put(bytes);
    return bytes.length;
  }
}

const reader = new BitReader();
const placeReader = new BitReader();

/** Adds the documents to a set of bits. `bytes` begin with the documents' stream. */
export function readDocuments(bytes: Uint8Array, count: number, lengths: Lengths, into: Uint8Array): void {
  if (isDense(count, lengths.documents)) {
    const size = (lengths.documents + 7) >>> 3;
    for (let i = 0; i < size; i++) into[i]! |= bytes[i]!;
    return;
  }
  const small = count <= smallMax;
  const parameter = gapParameter(count, lengths.documents);
  reader.open(bytes, 0);
  let document = -1;
  for (let i = 0; i < count; i++) {
    document += reader.rice(parameter) + 1;
    into[document >>> 3]! |= 1 << (document & 7);
    if (small) skipPlaces(reader, lengths.bits[document]!);
  }
}

function skipPlaces(from: BitReader, lengthBits: number): void {
  const occurrences = from.rice(0) + 1;
  const parameter = placeParameter(lengthBits, occurrences);
  for (let i = 0; i < occurrences; i++) from.rice(parameter);
}

/** Called for each document with its places, which are [0, count) of the array. */
export type OnDocument = (document: number, places: Uint32Array, count: number) => void;

let placesRead = new Uint32Array(1 << 10);

/** Both streams, one after the other in `bytes`. */
export function readPlaces(
  bytes: Uint8Array,
  entry: { readonly count: number; readonly documentBytes: number },
  lengths: Lengths,
  onDocument: OnDocument,
): void {
  const { count, documentBytes } = entry;
  const dense = isDense(count, lengths.documents);
  const parameter = gapParameter(count, lengths.documents);
  reader.open(bytes, 0);
  placeReader.open(bytes, documentBytes);
  const places = count <= smallMax ? reader : placeReader;
  let document = -1;
  for (let i = 0; i < count; i++) {
    if (dense) {
      do document += 1;
      while ((bytes[document >>> 3]! & (1 << (document & 7))) === 0);
    } else document += reader.rice(parameter) + 1;
    onDocument(document, placesRead, placesOf(places, lengths.bits[document]!));
  }
}

function placesOf(from: BitReader, lengthBits: number): number {
  const occurrences = from.rice(0) + 1;
  if (occurrences > placesRead.length) placesRead = new Uint32Array(2 * occurrences);
  const parameter = placeParameter(lengthBits, occurrences);
  let before = 0;
  for (let i = 0; i < occurrences; i++) {
    before += from.rice(parameter) + 1;
    placesRead[i] = before;
  }
  return occurrences;
}

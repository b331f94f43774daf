/**
 * Gathers the runs of messages until there are enough for a segment, and writes it.
 *
 * Occurrences are two columns of numbers, in the order in which they came; runs are numbered as they are met. Sorting the occurrences by run is one pass over them, so a
 * message costs little more than a lookup for each of its runs.
 */
import { fieldNumber, fields, type Unit } from '../field.ts';
import { eachRun, runMaxUnits } from '../runs.ts';
import { compareKeys, type RunKey } from './dictionary.ts';
import { partitionOf } from './partition.ts';
import { RunTable } from './run-table.ts';
import { longFields } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';

/** Places of one message in one field that are taken; a message with more is read when it is looked for. */
const placesMax = 1 << 19;

/** What a document added: where its occurrences begin, and its lengths. */
interface Document {
  readonly email: number;
  readonly start: number;
  readonly lengths: readonly number[];
  readonly unsure: boolean;
}

export class Gatherer {
  readonly #runs = new RunTable();
  readonly #documents: Document[] = [];
  #runOf = new Uint32Array(1 << 16);
  #placeOf = new Uint32Array(1 << 16);
  #used = 0;
  #textUnits = 0;

  get documents(): number {
    return this.#documents.length;
  }
  get occurrences(): number {
    return this.#used;
  }
  /** UTF-16 units of the texts so far. */
  get textUnits(): number {
    return this.#textUnits;
  }

  /** Emails come in ascending order. `unsure`: there is more to the message than these. */
  add(email: number, units: readonly Unit[], unsure = false): void {
    const start = this.#used;
    const ends = new Uint32Array(fields.length);
    let whole = !unsure;
    for (const { field, text } of units) {
      const number = fieldNumber[field];
      this.#textUnits += text.length;
      if (ends[number]! + text.length > placesMax * 4) whole = false;
      else whole = this.#addText(number, text, ends) && whole;
    }
    const lengths = longFields.map((field) => 32 - Math.clz32(ends[field]!));
    this.#documents.push({ email, start, lengths, unsure: !whole });
  }

  #addText(field: number, text: string, ends: Uint32Array): boolean {
    const runs = this.#runs;
    let whole = true;
    // Every run has at least one unit.
    this.#makeRoom(text.length);
    const runOf = this.#runOf;
    const placeOf = this.#placeOf;
    let used = this.#used;
    ends[field] = eachRun(text, ends[field]!, (start, end, place, kind) => {
      if (end - start > runMaxUnits || place > placesMax) {
        whole = false;
        return;
      }
      runOf[used] = runs.numberOf(text, start, end, field, kind);
      placeOf[used] = place;
      used += 1;
    });
    this.#used = used;
    return whole;
  }

  #makeRoom(more: number): void {
    if (this.#used + more <= this.#runOf.length) return;
    const length = 2 * this.#runOf.length + more;
    this.#runOf = grown(this.#runOf, length);
    this.#placeOf = grown(this.#placeOf, length);
  }

  /** A segment of all that was added. */
  write(): SegmentWriter {
    const documents = this.#documents;
    const writer = new SegmentWriter({
      emails: Uint32Array.from(documents, ({ email }) => email),
      lengths: longFields.map((_, i) => Uint8Array.from(documents, ({ lengths }) => lengths[i]!)),
      unsure: Uint32Array.from(documents.flatMap(({ unsure }, document) => (unsure ? [document] : []))),
    });
    const { starts, documentOf, placeOf } = this.#sorted();
    for (const { number, ...key } of this.#ordered())
      writer.add(key, grouped(documentOf, placeOf, starts[number]!, starts[number + 1]!));
    return writer;
  }

  /** The runs in the order of a dictionary. */
  #ordered(): (RunKey & { readonly number: number })[] {
    const runs = this.#runs;
    const keys = Array.from({ length: runs.count }, (_, number) => {
      const run = runs.textOf(number);
      return { field: runs.fieldOf(number), partition: partitionOf(run, runs.kindOf(number)), run, number };
    });
    return keys.sort(compareKeys);
  }

  /** Occurrences by run; those of one run keep their order. */
  #sorted(): { starts: Uint32Array; documentOf: Uint32Array; placeOf: Uint32Array } {
    const starts = new Uint32Array(this.#runs.count + 1);
    for (let at = 0; at < this.#used; at++) starts[this.#runOf[at]! + 1]! += 1;
    for (let number = 0; number < this.#runs.count; number++) starts[number + 1]! += starts[number]!;
    const next = starts.slice();
    const documentOf = new Uint32Array(this.#used);
    const placeOf = new Uint32Array(this.#used);
    for (const [document, { start }] of this.#documents.entries()) {
      const end = this.#documents[document + 1]?.start ?? this.#used;
      for (let at = start; at < end; at++) {
        const to = next[this.#runOf[at]!]!++;
        documentOf[to] = document;
        placeOf[to] = this.#placeOf[at]!;
      }
    }
    return { starts, documentOf, placeOf };
  }
}

const scratch = { documents: new Uint32Array(1 << 10), starts: new Uint32Array(1 << 10) };

/** Occurrences of one run, a document after the other. */
function grouped(
  documentOf: Uint32Array,
  placeOf: Uint32Array,
  start: number,
  end: number,
): { count: number; documents: Uint32Array; starts: Uint32Array; places: Uint32Array } {
  if (scratch.documents.length <= end - start) {
    scratch.documents = new Uint32Array(2 * (end - start));
    scratch.starts = new Uint32Array(2 * (end - start));
  }
  const { documents, starts } = scratch;
  let count = 0;
  for (let at = start; at < end; at++) {
    if (count === 0 || documents[count - 1] !== documentOf[at]) {
      documents[count] = documentOf[at]!;
      starts[count] = at - start;
      count += 1;
    }
  }
  starts[count] = end - start;
  return { count, documents, starts, places: placeOf.subarray(start, end) };
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}

/**
 * Gathers the runs of messages until there are enough for a segment, and writes it.
 *
 * Occurrences are two columns of numbers, in the order in which they came; runs are numbered as they are met. Sorting the occurrences by run is one pass over them, so a
 * message costs little more than a lookup for each of its runs.
 */
import type { CharacterClass } from '../character-class.ts';
import { fieldNumber, fields, type Unit } from '../field.ts';
import { eachRun, runMaxUnits } from '../runs.ts';
import { compareKeys, type RunKey } from './dictionary.ts';
import { partitionOf } from './partition.ts';
import { longFields } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';

/** Places of one message in one field that are taken; a message with more is read when it is looked for. */
const placesMax = 1 << 19;

interface Run extends RunKey {
  count: number;
}

/** What a document added: where its occurrences begin, and its lengths. */
interface Document {
  readonly email: number;
  readonly start: number;
  readonly lengths: readonly number[];
  readonly unsure: boolean;
}

export class Gatherer {
  readonly #numbers: Map<string, number>[] = fields.map(() => new Map());
  readonly #runs: Run[] = [];
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
    let whole = true;
    const numbers = this.#numbers[field]!;
    ends[field] = eachRun(text, ends[field]!, (start, end, place, kind) => {
      if (end - start > runMaxUnits || place > placesMax) {
        whole = false;
        return;
      }
      const run = text.slice(start, end);
      const number = numbers.get(run) ?? this.#newRun(numbers, field, run, kind);
      this.#put(number, place);
    });
    return whole;
  }

  #newRun(numbers: Map<string, number>, field: number, run: string, kind: CharacterClass): number {
    // A slice would keep the whole text it is of.
    const own = run.length > 12 ? Buffer.from(run, 'utf16le').toString('utf16le') : run;
    const number = this.#runs.length;
    this.#runs.push({ field, partition: partitionOf(own, kind), run: own, count: 0 });
    numbers.set(own, number);
    return number;
  }

  #put(run: number, place: number): void {
    if (this.#used === this.#runOf.length) {
      this.#runOf = grown(this.#runOf);
      this.#placeOf = grown(this.#placeOf);
    }
    this.#runOf[this.#used] = run;
    this.#placeOf[this.#used] = place;
    this.#used += 1;
    this.#runs[run]!.count += 1;
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
    const order = this.#runs.map((_, number) => number);
    order.sort((a, b) => compareKeys(this.#runs[a]!, this.#runs[b]!));
    for (const number of order)
      writer.add(this.#runs[number]!, grouped(documentOf, placeOf, starts[number]!, starts[number + 1]!));
    return writer;
  }

  /** Occurrences by run; those of one run keep their order. */
  #sorted(): { starts: Uint32Array; documentOf: Uint32Array; placeOf: Uint32Array } {
    const starts = new Uint32Array(this.#runs.length + 1);
    for (const [number, { count }] of this.#runs.entries()) starts[number + 1] = starts[number]! + count;
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

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}

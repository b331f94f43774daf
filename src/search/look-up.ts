/**
 * What the index of an account knows of texts that are looked for. The answer is complete: an email up to `upTo` that is in neither set does not have the text; all above are
 * to be read.
 */
import type { AccountId } from '../base/ids.ts';
import type { Transaction } from '../store/transaction.ts';
import type { Field } from './field.ts';
import { fieldNumber } from './field.ts';
import { add, addAll, countOf, eachOf, has, newSet } from './segment/document-set.ts';
import { lookUp } from './segment/look-up.ts';
import { OpenSegment } from './segment/sheets.ts';
import { indexHead, segmentsOf } from './index-operations.ts';
import { queryOf } from './query.ts';

/** A folded text, and the fields in one of which it must stand. */
export interface Asked {
  readonly text: string;
  readonly fields: readonly Field[];
  /** The text may also run over what is kept in several fields. */
  readonly crossing?: boolean;
  /** What is indexed is more than what is asked about: the index never tells for sure. */
  readonly loose?: boolean;
}

/** Email numbers: ascending, or a bit for each number when there are many. */
export type EmailSet = Uint32Array | Uint8Array;

export interface Answered {
  readonly sure: EmailSet;
  /** To be read. */
  readonly open: EmailSet;
}

export interface IndexAnswer {
  readonly upTo: number;
  /** One for each text; undefined when the index cannot help with it. */
  readonly answers: readonly (Answered | undefined)[];
}

export function* askIndex(account: AccountId, asked: readonly Asked[]): Transaction<IndexAnswer> {
  const head = yield* indexHead(account);
  if (head === undefined || head.watermark === 0) return { upTo: 0, answers: asked.map(() => undefined) };
  const queries = asked.map(({ text, fields, loose = false, crossing = false }) => {
    const query = queryOf(text);
    return {
      query: { ...query, crossing, exact: query.exact && !loose && !crossing },
      fields: new Set(fields.map((field) => fieldNumber[field])),
      sure: [] as Part[],
      open: [] as Part[],
    };
  });
  for (const name of yield* segmentsOf(account)) {
    const segment = yield* OpenSegment.open(account, name);
    const { emails } = segment.heading;
    for (const { query, fields, sure, open } of queries) {
      if (query.terms.length === 0) continue;
      const found = yield* lookUp(segment, query, fields);
      sure.push({ documents: found.sure, emails });
      open.push({ documents: found.open, emails });
    }
  }
  const answers = queries.map(({ query, sure, open }) =>
    query.terms.length === 0 ? undefined : { sure: setOf(sure), open: setOf(open) },
  );
  return { upTo: head.watermark, answers };
}

/** Documents of one segment, a bit for each, and the emails that they are. */
interface Part {
  readonly documents: Uint8Array;
  readonly emails: Uint32Array;
}

/**
 * What this takes depends on how many emails there are, not on their numbers: these leap when a backup is restored. Segments come in the order of their emails, but for those of two
 * writers at once, of whom one did not know yet that its turn was over: their emails overlap.
 */
function setOf(parts: readonly Part[]): EmailSet {
  const list = new Uint32Array(parts.reduce((sum, { documents }) => sum + countOf(documents), 0));
  let at = 0;
  let ascends = true;
  for (const { documents, emails } of parts)
    eachOf(documents, (document) => {
      const email = emails[document]!;
      if (at > 0 && list[at - 1]! >= email) ascends = false;
      list[at++] = email;
    });
  return packed(ascends ? list : Uint32Array.from(new Set(list)).sort());
}

/** The smaller of both forms. */
function packed(list: Uint32Array): EmailSet {
  const last = list.at(-1) ?? 0;
  return list.byteLength * 8 <= last ? list : emailBits([list], last);
}

export function hasEmail(set: EmailSet, email: number): boolean {
  if (set instanceof Uint8Array) return has(set, email);
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (set[middle]! < email) low = middle + 1;
    else high = middle;
  }
  return set[low] === email;
}

export function joinEmails(first: EmailSet, second: EmailSet): EmailSet {
  const [a, b] = [listOf(first), listOf(second)];
  const joined = new Uint32Array(a.length + b.length);
  let count = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const x = a[i] ?? Number.POSITIVE_INFINITY;
    const y = b[j] ?? Number.POSITIVE_INFINITY;
    joined[count++] = Math.min(x, y);
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  return packed(joined.slice(0, count));
}

function listOf(set: EmailSet): Uint32Array {
  if (set instanceof Uint32Array) return set;
  const list = new Uint32Array(countOf(set));
  let at = 0;
  eachOf(set, (email) => (list[at++] = email));
  return list;
}

/** All of some sets, a bit for each number up to `last`. */
export function emailBits(sets: readonly EmailSet[], last: number): Uint8Array {
  const bits = newSet(last + 1);
  for (const set of sets) {
    if (set instanceof Uint8Array) addAll(bits, set);
    else for (const email of set) add(bits, email);
  }
  return bits;
}

export const countEmails = (set: EmailSet): number => (set instanceof Uint8Array ? countOf(set) : set.length);

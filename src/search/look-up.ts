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
  const size = head.watermark + 1;
  const queries = asked.map(({ text, fields, loose = false, crossing = false }) => {
    const query = queryOf(text);
    return {
      query: { ...query, crossing, exact: query.exact && !loose && !crossing },
      fields: new Set(fields.map((field) => fieldNumber[field])),
      sure: newSet(size),
      open: newSet(size),
    };
  });
  for (const name of yield* segmentsOf(account)) {
    const segment = yield* OpenSegment.open(account, name);
    const { emails } = segment.heading;
    for (const { query, fields, sure, open } of queries) {
      if (query.terms.length === 0) continue;
      const found = yield* lookUp(segment, query, fields);
      eachOf(found.sure, (document) => add(sure, emails[document]!));
      eachOf(found.open, (document) => add(open, emails[document]!));
    }
  }
  const answers = queries.map(({ query, sure, open }) =>
    query.terms.length === 0 ? undefined : { sure: packed(sure), open: packed(open) },
  );
  return { upTo: head.watermark, answers };
}

/** The smaller of both forms. */
function packed(bits: Uint8Array): EmailSet {
  const count = countOf(bits);
  if (count * 4 >= bits.length) return bits;
  const list = new Uint32Array(count);
  let at = 0;
  eachOf(bits, (email) => (list[at++] = email));
  return list;
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

export const joinEmails = (a: EmailSet, b: EmailSet): EmailSet =>
  packed(emailBits([a, b], Math.max(lastOf(a), lastOf(b))));

const lastOf = (set: EmailSet): number =>
  set instanceof Uint8Array ? set.length * 8 - 1 : (set.at(-1) ?? 0);

/** All of some sets, a bit for each number up to `last`. */
export function emailBits(sets: readonly EmailSet[], last: number): Uint8Array {
  const bits = newSet(last + 1);
  for (const set of sets) {
    if (set instanceof Uint8Array) addAll(bits, set);
    else for (const email of set) add(bits, email);
  }
  return bits;
}

export const countEmails = (bits: Uint8Array): number => countOf(bits);

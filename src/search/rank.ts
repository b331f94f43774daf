/**
 * How well messages fit texts that are looked for, by the index: how often they have them and where, how rare that is, how long they are (BM25, with fields that weigh differently).
 * What is not indexed yet has no score.
 */
import type { AccountId } from '../base/ids.ts';
import type { Transaction } from '../store/transaction.ts';
import { fieldNumber } from './field.ts';
import { indexHead, segmentsOf } from './index-operations.ts';
import type { Asked } from './look-up.ts';
import { type Query, queryOf } from './query.ts';
import type { Entry } from './segment/dictionary.ts';
import { entriesOf, PostingReader } from './segment/look-up.ts';
import { lengthsOf } from './segment/segment.ts';
import { OpenSegment } from './segment/sheets.ts';

/** BM25: how soon more of the same counts for nothing, and how much the length of a text matters. */
const saturation = 1.2;
const lengthMatters = 0.6;
/** Bits of the length of a usual text. */
const usualBits = 9;
/** Postings of one run that are gone through: a run in nearly all messages tells nothing. */
const postingsMaxBytes = 8 * 1024 * 1024;

const weights: ReadonlyMap<number, number> = new Map([
  [fieldNumber.subject, 4],
  [fieldNumber.subjectReading, 3],
  [fieldNumber.from, 3],
  [fieldNumber.fromReading, 2],
  [fieldNumber.name, 2],
  [fieldNumber.header, 0.3],
]);

/** A score for each of the emails, which ascend; 0 where there is none. */
export function* rankEmails(
  account: AccountId,
  asked: readonly Asked[],
  emails: Uint32Array,
): Transaction<Float32Array> {
  const scores = new Float32Array(emails.length);
  if ((yield* indexHead(account)) === undefined) return scores;
  const queries = asked.map(({ text, fields }) => ({
    query: queryOf(text),
    fields: new Set(fields.map((field) => fieldNumber[field])),
  }));
  for (const name of yield* segmentsOf(account)) {
    const segment = yield* OpenSegment.open(account, name);
    const positionOf = positions(segment.heading.emails, emails);
    for (const { query, fields } of queries) yield* rankIn(segment, { query, fields, positionOf, scores });
  }
  return scores;
}

interface Ranking {
  readonly query: Query;
  readonly fields: ReadonlySet<number>;
  /** Of a document among the emails that are ranked, or -1. */
  readonly positionOf: Int32Array;
  readonly scores: Float32Array;
}

function* rankIn(segment: OpenSegment, { query, fields, positionOf, scores }: Ranking): Transaction<void> {
  const reader = new PostingReader(segment);
  const documents = segment.heading.emails.length;
  for (const group of yield* entriesOf(segment, query.terms, fields)) {
    const all = group.flatMap(({ entries }) => entries);
    const having = Math.min(documents, sumOf(all, 'count'));
    if (sumOf(all, 'placeBytes') + sumOf(all, 'documentBytes') > postingsMaxBytes) continue;
    const rarity = Math.log(1 + (documents - having + 0.5) / (having + 0.5));
    for (const { field, entries } of group) {
      const { bits } = lengthsOf(segment.heading, field);
      const weight = (weights.get(field) ?? 1) * rarity;
      yield* reader.counts(entries, (document, count) => {
        const position = positionOf[document]!;
        if (position === -1) return;
        const length = 1 - lengthMatters + lengthMatters * 2 ** (bits[document]! - usualBits);
        scores[position]! += (weight * count) / (count + saturation * length);
      });
    }
  }
}

const sumOf = (entries: readonly Entry[], of: 'count' | 'placeBytes' | 'documentBytes'): number =>
  entries.reduce((sum, entry) => sum + entry[of], 0);

/** Both ascend. */
function positions(documents: Uint32Array, emails: Uint32Array): Int32Array {
  const found = new Int32Array(documents.length).fill(-1);
  let at = 0;
  documents.forEach((email, document) => {
    while (at < emails.length && emails[at]! < email) at += 1;
    if (emails[at] === email) found[document] = at;
  });
  return found;
}

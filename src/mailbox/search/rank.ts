/** How well the messages that a fuzzy search found fit it: 1 to 100 (RFC 6203, 4). Runs on a scan thread. */
import type { AccountId } from '../../base/ids.ts';
import { rankEmails } from '../../search/rank.ts';
import { SegmentGone } from '../../search/segment-gone.ts';
import { operation } from '../../store/operation.ts';
import type { Transaction } from '../../store/transaction.ts';
import { questionsOf } from './ask-index.ts';
import type { Leaf } from './evaluate.ts';

/** Scores of emails, which ascend; 0 for those that the index does not know. */
export const rankLeaves = operation(
  'mailbox.rankLeaves',
  function* (args: {
    account: AccountId;
    leaves: readonly Leaf[];
    emails: Uint32Array;
  }): Transaction<Float32Array> {
    try {
      return yield* rankEmails(args.account, args.leaves.flatMap(questionsOf), args.emails);
    } catch (error) {
      if (error instanceof SegmentGone) return new Float32Array(args.emails.length);
      throw error;
    }
  },
);

/** What has no score is of middling worth. */
const unknownScore = 0.5;

/** Scores as parts of the best one, above 0. Where nothing is known, all are as good. */
export function relativeScores(scores: Float32Array): Float32Array {
  let best = 0;
  for (const score of scores) best = Math.max(best, score);
  if (best === 0) return scores.map(() => 1);
  return scores.map((score) => (score === 0 ? unknownScore : Math.max(0.01, score / best)));
}

/** How far the index of texts of an account is, and whether it hangs together. */
import type { AccountId } from '../base/ids.ts';
import { indexHead, segmentsOf } from '../search/index-operations.ts';
import { operation } from '../store/operation.ts';
import { row, type Transaction } from '../store/transaction.ts';
import { accountState } from './search/index-source.ts';

export interface IndexStatus {
  readonly account: AccountId;
  /** Messages of the account, and those of them that a search reads since they are not indexed yet. */
  readonly messages: number;
  readonly unindexed: number;
  readonly segments: number;
  /** Of the texts that are indexed, and of the index. */
  readonly textBytes: number;
  readonly indexBytes: number;
  /** What is wrong with it; a rebuild mends it. */
  readonly problems: readonly string[];
}

/** Undefined when the account has no mail store. */
export const indexStatus = operation(
  'mailbox.indexStatus',
  function* ({ account }: { account: AccountId }): Transaction<IndexStatus | undefined> {
    const state = yield* accountState(account);
    if (state === undefined) return undefined;
    const watermark = (yield* indexHead(account))?.watermark ?? 0;
    const { unindexed } = yield* row<{ unindexed: number }>(
      'select count(*) as unindexed from email where account = ? and id > ?',
      account,
      watermark,
    );
    const segments = yield* segmentsOf(account);
    const problems: string[] = [];
    if (watermark >= state.emailNext) problems.push('the index knows mail that there never was');
    let last = 0;
    for (const segment of segments) {
      if (segment.first <= last) problems.push(`segment ${segment.id} has mail that another one has too`);
      last = segment.last;
      const { pieces } = yield* row<{ pieces: number }>(
        'select count(*) as pieces from search.piece where account = ? and segment = ?',
        account,
        segment.id,
      );
      if (pieces === 0) problems.push(`segment ${segment.id} has lost its pieces`);
    }
    const sum = (of: 'text_bytes' | 'bytes'): number => segments.reduce((total, each) => total + each[of], 0);
    return {
      account,
      messages: state.emails,
      unindexed,
      segments: segments.length,
      textBytes: sum('text_bytes'),
      indexBytes: sum('bytes'),
      problems,
    };
  },
);

/**
 * Who has come before: triplets of address block, sender and recipient, and blocks that have come back often enough to be known.
 *
 * `passes` of a triplet is 0 until it has come again after the delay and within the time that it may take.
 */
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';

export interface SeeArgs {
  readonly block: string;
  /** A digest of sender and recipient. */
  readonly triplet: string;
  readonly nowMs: number;
  readonly delayMs: number;
  readonly retryMs: number;
  readonly keepMs: number;
  /** Triplets that have passed until the block is known. */
  readonly passesMin: number;
}

/** `wait`: until then; `pass`: the triplet has come again; `known`: the block has. */
export type Seen = { readonly is: 'wait'; readonly untilMs: number } | { readonly is: 'pass' | 'known' };

/** A use is written down at most so often. */
const touchedEveryMs = 3_600_000;

export const see = operation('policy.seeGreylist', function* (args: SeeArgs): Transaction<Seen> {
  const { block, triplet, nowMs, keepMs, passesMin } = args;
  const known = yield* maybe<{ passes: number; last_at: number }>(
    'select passes, last_at from greylist_block where block = ?',
    block,
  );
  if (known && known.passes >= passesMin && known.last_at > nowMs - keepMs) {
    if (known.last_at < nowMs - touchedEveryMs)
      yield* rows('update greylist_block set last_at = ? where block = ?', nowMs, block);
    return { is: 'known' };
  }
  const found = yield* maybe<Triplet>(
    'select first_at, last_at, passes from greylist where block = ? and triplet = ?',
    block,
    triplet,
  );
  if (found === undefined || isOver(found, args)) return yield* begin(args);
  const untilMs = found.first_at + args.delayMs;
  if (found.passes === 0 && nowMs < untilMs) return { is: 'wait', untilMs };
  yield* pass(args, found);
  return { is: 'pass' };
});

interface Triplet {
  readonly first_at: number;
  readonly last_at: number;
  readonly passes: number;
}

const isOver = ({ first_at, last_at, passes }: Triplet, { nowMs, retryMs, keepMs }: SeeArgs): boolean =>
  passes === 0 ? first_at + retryMs < nowMs : last_at + keepMs < nowMs;

function* begin({ block, triplet, nowMs, delayMs }: SeeArgs): Transaction<Seen> {
  yield* rows(
    `insert into greylist (block, triplet, first_at, last_at, passes) values (?, ?, ?, ?, 0)
     on conflict (block, triplet) do update set first_at = excluded.first_at, last_at = excluded.last_at, passes = 0`,
    block,
    triplet,
    nowMs,
    nowMs,
  );
  return { is: 'wait', untilMs: nowMs + delayMs };
}

function* pass({ block, triplet, nowMs }: SeeArgs, { passes, last_at }: Triplet): Transaction<void> {
  if (passes > 0 && last_at > nowMs - touchedEveryMs) return;
  yield* rows(
    'update greylist set passes = passes + 1, last_at = ? where block = ? and triplet = ?',
    nowMs,
    block,
    triplet,
  );
  if (passes > 0) return;
  yield* rows(
    `insert into greylist_block (block, passes, last_at) values (?, 1, ?)
     on conflict (block) do update set passes = greylist_block.passes + 1, last_at = excluded.last_at`,
    block,
    nowMs,
  );
}

/** Removes some of what is over; gives how much. */
export const tidy = operation(
  'policy.tidyGreylist',
  function* (args: {
    readonly nowMs: number;
    readonly retryMs: number;
    readonly keepMs: number;
    readonly max: number;
  }): Transaction<number> {
    const { nowMs, retryMs, keepMs, max } = args;
    const triplets = yield* rows(
      `delete from greylist where (block, triplet) in (select block, triplet from greylist
     where last_at < ? or (passes = 0 and last_at < ?) limit ?) returning block`,
      nowMs - keepMs,
      nowMs - retryMs,
      max,
    );
    const blocks = yield* rows(
      'delete from greylist_block where block in (select block from greylist_block where last_at < ? limit ?) returning block',
      nowMs - keepMs,
      max,
    );
    return triplets.length + blocks.length;
  },
);

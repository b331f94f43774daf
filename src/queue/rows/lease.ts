/**
 * Ownership of shards. Promise: between `claim` and the end of the lease nobody else settles in the shard, because every settle carries
 * the epoch and a claim raises it. An owner claims what is his at once, and what others had only when their lease has passed.
 */
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';

/** Length of a lease. Renewed at a third of it. */
export const leaseMs = 10_000;
/** An owner stops this long before the end of his lease. */
export const leaseMarginMs = 2000;

export interface ClaimArgs {
  readonly shard: number;
  readonly owner: string;
  readonly nowMs: number;
}

/** The new epoch, or undefined: another has the shard. */
export const claim = operation(
  'queue.claim',
  function* (args: ClaimArgs): Transaction<number | undefined> {
    const { shard, owner, nowMs } = args;
    yield* rows(
      "insert into queue_shard (shard, owner, lease_until, epoch) values (?, '', 0, 0) on conflict (shard) do nothing",
      shard,
    );
    const taken = yield* maybe<{ epoch: number }>(
      'update queue_shard set owner = ?, lease_until = ?, epoch = epoch + 1 where shard = ? and (owner = ? or lease_until < ?) returning epoch',
      owner,
      nowMs + leaseMs,
      shard,
      owner,
      nowMs,
    );
    return taken && taken.epoch;
  },
  { essential: true },
);

export interface RenewArgs {
  readonly shards: readonly { readonly shard: number; readonly epoch: number }[];
  readonly nowMs: number;
}

/** The shards that are still ours. */
export const renew = operation(
  'queue.renew',
  function* (args: RenewArgs): Transaction<readonly number[]> {
    const kept: number[] = [];
    for (const { shard, epoch } of args.shards) {
      const found = yield* rows(
        'update queue_shard set lease_until = ? where shard = ? and epoch = ? returning shard',
        args.nowMs + leaseMs,
        shard,
        epoch,
      );
      if (found.length > 0) kept.push(shard);
    }
    return kept;
  },
  { essential: true },
);

export interface GiveUpArgs {
  readonly shard: number;
  readonly epoch: number;
  readonly nowMs: number;
}

/** Gives a shard up: the next owner need not wait for the end of the lease. */
export const giveUp = operation(
  'queue.giveUp',
  function* (args: GiveUpArgs): Transaction<void> {
    yield* rows(
      "update queue_shard set owner = '', lease_until = ? where shard = ? and epoch = ?",
      args.nowMs - 1,
      args.shard,
      args.epoch,
    );
  },
  { essential: true },
);

/** Shards whose owner has been gone for longer than `graceMs`. */
export function* orphans(nowMs: number, graceMs: number): Transaction<readonly number[]> {
  const found = yield* rows<{ shard: number }>(
    'select shard from queue_shard where lease_until < ?',
    nowMs - graceMs,
  );
  return found.map((row) => row.shard);
}

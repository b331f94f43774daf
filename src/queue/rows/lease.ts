/**
 * Ownership of shards. Promise: between `claim` and the end of the lease nobody else settles in the shard, because every settle carries
 * the epoch and a claim raises it. An owner claims what is his at once, and what others had only when their lease has passed.
 *
 * Time is the engine's (`now_ms()`), never a caller's: nodes whose clocks differ agree on who has a lease.
 */
import { operation } from '../../store/operation.ts';
import { hint, maybe, rows, type Transaction } from '../../store/transaction.ts';

/** Length of a lease. Renewed at a third of it. */
export const leaseMs = 10_000;
/** An owner stops this long before the end of his lease. */
export const leaseMarginMs = 2000;

/** Hint topic whose key is a shard: it has been given up. */
export const shardFree = 'queue.free';

export interface ClaimArgs {
  readonly shard: number;
  readonly owner: string;
  /** The shard is the claimer's own: whoever has it is asked to hand it over. */
  readonly own: boolean;
}

const claimShard = `update queue_shard set owner = ?, lease_until = now_ms() + ${leaseMs}, epoch = epoch + 1, wanted_until = 0
  where shard = ? and (owner = ? or lease_until < now_ms()) returning epoch`;

/** The new epoch, or undefined: another has the shard. */
export const claim = operation(
  'queue.claim',
  function* ({ shard, owner, own }: ClaimArgs): Transaction<number | undefined> {
    yield* rows(
      "insert into queue_shard (shard, owner, lease_until, epoch) values (?, '', 0, 0) on conflict (shard) do nothing",
      shard,
    );
    const taken = yield* maybe<{ epoch: number }>(claimShard, owner, shard, owner);
    if (taken) return taken.epoch;
    if (own)
      yield* rows(`update queue_shard set wanted_until = now_ms() + ${leaseMs} where shard = ?`, shard);
    return undefined;
  },
  { essential: true },
);

export interface RenewArgs {
  readonly shards: readonly { readonly shard: number; readonly epoch: number }[];
}

export interface Renewed {
  readonly shard: number;
  /** The thread whose own it is has come back and asks for it. */
  readonly wanted: boolean;
}

const renewLease = `update queue_shard set lease_until = now_ms() + ${leaseMs} where shard = ? and epoch = ?
  returning shard, case when wanted_until > now_ms() then 1 else 0 end as wanted`;

/** The shards that are still ours. */
export const renew = operation(
  'queue.renew',
  function* (args: RenewArgs): Transaction<readonly Renewed[]> {
    const kept: Renewed[] = [];
    for (const { shard, epoch } of args.shards) {
      const found = yield* maybe<{ wanted: number }>(renewLease, shard, epoch);
      if (found) kept.push({ shard, wanted: found.wanted === 1 });
    }
    return kept;
  },
  { essential: true },
);

export interface GiveUpArgs {
  readonly shard: number;
  readonly epoch: number;
}

/** Gives a shard up: the next owner need not wait for the end of the lease. */
export const giveUp = operation(
  'queue.giveUp',
  function* ({ shard, epoch }: GiveUpArgs): Transaction<void> {
    yield* rows(
      "update queue_shard set owner = '', lease_until = now_ms() - 1 where shard = ? and epoch = ?",
      shard,
      epoch,
    );
    yield* hint(shardFree, String(shard));
  },
  { essential: true },
);

/** Shards whose owner has been gone for longer than `graceMs`. */
export function* orphans(graceMs: number): Transaction<readonly number[]> {
  const found = yield* rows<{ shard: number }>(
    'select shard from queue_shard where lease_until < now_ms() - ?',
    graceMs,
  );
  return found.map((row) => row.shard);
}

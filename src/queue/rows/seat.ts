/**
 * Seats: which shard is whose own. On one machine the thread's number; with several nodes on one PostgreSQL each thread of each node has a shard of its own, kept in the store, so that a
 * node that comes back finds its shard, and two nodes never ask one another for the same one.
 */
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';

export interface SeatArgs {
  /** Name of the node: no other has it. */
  readonly node: string;
  /** Number of the thread, from 0. */
  readonly thread: number;
}

/** The thread's shard; the first time the lowest that is nobody's. */
export const takeSeat = operation(
  'queue.takeSeat',
  function* ({ node, thread }: SeatArgs): Transaction<number> {
    for (;;) {
      const own = yield* maybe<{ shard: number }>(
        'select shard from queue_seat where node = ? and thread = ?',
        node,
        thread,
      );
      if (own) return own.shard;
      const { next } = yield* row<{ next: number }>(
        'select coalesce(max(shard) + 1, 0) as next from queue_seat',
      );
      // Another node may be faster: then the next one.
      const taken = yield* rows<{ shard: number }>(
        'insert into queue_seat (shard, node, thread) values (?, ?, ?) on conflict do nothing returning shard',
        next,
        node,
        thread,
      );
      if (taken.length > 0) return next;
    }
  },
  { essential: true },
);

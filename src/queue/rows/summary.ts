/** What waits, by destination. */
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { DestinationSummary } from '../filter.ts';
import { entryFlags, heldDue, lastOf } from './entry-row.ts';
import { messageOf, type MessageColumns } from './message-row.ts';

/** Destinations that are summed up in detail: those with most mail. */
export const summaryMax = 1000;

interface Counted {
  readonly destination: string;
  readonly entries: number;
  readonly held: number;
  readonly next: number | null;
  /** Ids sort by time. */
  readonly oldest: string;
}

const counted = `select destination, count(*) as entries, sum(case when due >= ${heldDue} then 1 else 0 end) as held,
  min(case when due < ${heldDue} then due end) as next, min(message) as oldest
  from queue_entry where shard = ? and (flags & ${entryFlags.quarantined}) = 0 group by destination order by 2 desc, 1 limit ?`;

export const summarize = operation('queue.summarize', function* (args: { shard: number }): Transaction<
  readonly DestinationSummary[]
> {
  const found = yield* rows<Counted>(counted, args.shard, summaryMax);
  const result: DestinationSummary[] = [];
  for (const row of found) {
    const oldest = yield* maybe<MessageColumns>(
      'select id, sender, org, data from queue_message where shard = ? and id = ?',
      args.shard,
      row.oldest,
    );
    const tried = yield* maybe<{ last: string | null }>(
      'select last from queue_entry where shard = ? and destination = ? and last is not null order by destination, lane, due limit 1',
      args.shard,
      row.destination,
    );
    result.push({
      destination: row.destination,
      waiting: row.entries - row.held,
      held: row.held,
      oldestAtMs: oldest ? messageOf(oldest).acceptedAtMs : 0,
      nextTryAtMs: row.next === null ? 0 : row.next,
      last: tried && lastOf(tried),
    });
  }
  return result;
});

/** All shards there are. */
export function* allShards(): Transaction<readonly number[]> {
  return (yield* rows<{ shard: number }>('select shard from queue_shard order by shard')).map((r) => r.shard);
}

export const isHeld = (flags: number): boolean => (flags & entryFlags.held) !== 0;

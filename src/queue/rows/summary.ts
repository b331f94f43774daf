/** What waits, by destination. */
import { timeOfMessage } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { DestinationSummary } from '../filter.ts';
import { entryFlags, heldDue, lastOf } from './entry-row.ts';

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

const countedOf = (
  which: string,
): string => `select destination, count(*) as entries, sum(case when due >= ${heldDue} then 1 else 0 end) as held,
  min(case when due < ${heldDue} then due end) as next, min(message) as oldest
  from queue_entry where shard = ? and (flags & ${entryFlags.quarantined}) = 0 ${which} group by destination order by 2 desc, 1 limit ?`;

/** Of the first entries of a destination one that has been tried: those that are due soonest have been. */
const triedOf = (which: string): string => `select last from
  (select last from queue_entry where shard = ? and destination = ? ${which} order by destination, lane, due limit 100) as first
  where last is not null limit 1`;

const counted = countedOf('');
/** A lane is of one organisation (rows/lane.ts). */
const countedOfOrg = countedOf('and substr(lane, 2, ?) = ?');

export const summarize = operation(
  'queue.summarize',
  function* (args: { shard: number; org: string | undefined }): Transaction<readonly DestinationSummary[]> {
    const { shard, org } = args;
    const found =
      org === undefined
        ? yield* rows<Counted>(counted, shard, summaryMax)
        : yield* rows<Counted>(countedOfOrg, shard, org.length + 1, `${org}/`, summaryMax);
    const result: DestinationSummary[] = [];
    for (const row of found) {
      const ofOrg = org === undefined ? [] : [org.length + 1, `${org}/`];
      const tried = yield* maybe<{ last: string | null }>(
        org === undefined ? triedOf('') : triedOf('and substr(lane, 2, ?) = ?'),
        shard,
        row.destination,
        ...ofOrg,
      );
      result.push({
        destination: row.destination,
        waiting: row.entries - row.held,
        held: row.held,
        oldestAtMs: timeOfMessage(row.oldest),
        nextTryAtMs: row.next === null ? 0 : row.next,
        last: tried && lastOf(tried),
      });
    }
    return result;
  },
);

/** All shards there are. */
export function* allShards(): Transaction<readonly number[]> {
  return (yield* rows<{ shard: number }>('select shard from queue_shard order by shard')).map((r) => r.shard);
}

export const isHeld = (flags: number): boolean => (flags & entryFlags.held) !== 0;

/** What waits, by destination. */
import { timeOfMessage } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { DestinationSummary } from '../filter.ts';
import { entryFlags, heldDue, lastOf } from './entry-row.ts';

/** Destinations that are summed up in detail: those with most mail. */
export const summaryMax = 1000;

interface Detail {
  readonly entries: number;
  readonly held: number | null;
  readonly next: number | null;
  /** Ids sort by time. */
  readonly oldest: string | null;
}

/** All entries are only counted; the rest is asked for those destinations that are told. */
const countedOf = (which: string): string =>
  `select destination, count(*) as entries from queue_entry where shard = ? ${which} group by destination order by 2 desc, 1 limit ?`;
const detailOf = (which: string): string => `select count(*) as entries,
  sum(case when due >= ${heldDue} then 1 else 0 end) as held,
  min(case when due < ${heldDue} then due end) as next, min(message) as oldest
  from queue_entry where shard = ? and destination = ? and (flags & ${entryFlags.quarantined}) = 0 ${which}`;
/** Of the first entries of a destination one that has been tried: those that are due soonest have been. */
const triedOf = (which: string): string => `select last from
  (select last from queue_entry where shard = ? and destination = ? ${which} order by destination, lane, due limit 100) as first
  where last is not null limit 1`;

const statementsOf = (which: string) => ({
  counted: countedOf(which),
  detail: detailOf(which),
  tried: triedOf(which),
});
const ofAll = statementsOf('');
/** A lane is of one organisation (rows/lane.ts). */
const ofOrg = statementsOf('and substr(lane, 2, ?) = ?');

export interface SummarizeArgs {
  readonly shard: number;
  readonly org: string | undefined;
}

export const summarize = operation('queue.summarize', function* ({ shard, org }: SummarizeArgs): Transaction<
  readonly DestinationSummary[]
> {
  const sql = org === undefined ? ofAll : ofOrg;
  const lanes = org === undefined ? [] : [org.length + 1, `${org}/`];
  const found = yield* rows<{ destination: string }>(sql.counted, shard, ...lanes, summaryMax);
  const result: DestinationSummary[] = [];
  for (const { destination } of found) {
    const detail = yield* row<Detail>(sql.detail, shard, destination, ...lanes);
    if (detail.entries === 0) continue;
    const tried = yield* maybe<{ last: string | null }>(sql.tried, shard, destination, ...lanes);
    const held = detail.held ?? 0;
    result.push({
      destination,
      waiting: detail.entries - held,
      held,
      oldestAtMs: timeOfMessage(detail.oldest ?? ''),
      nextTryAtMs: detail.next ?? 0,
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

/** The queue in a few numbers, for metrics: all shards in one scan. */
import { operation } from '../store/operation.ts';
import { row, rows, type Transaction } from '../store/transaction.ts';
import { heldDue } from './rows/entry-row.ts';

/** Destinations that are told by name. */
export const censusDestinations = 10;

export interface Census {
  readonly entries: number;
  /** Tried before, and not held. */
  readonly deferred: number;
  readonly held: number;
  /** Its id: ids sort by time. `''` when the queue is empty. */
  readonly oldest: string;
  /** Those with most, in order. */
  readonly destinations: readonly { readonly destination: string; readonly count: number }[];
}

const counted = `select count(*) as entries,
  coalesce(sum(case when tries > 0 and due < ${heldDue} then 1 else 0 end), 0) as deferred,
  coalesce(sum(case when due >= ${heldDue} then 1 else 0 end), 0) as held,
  coalesce(min(message), '') as oldest from queue_entry`;

export const census = operation('queue.census', function* (): Transaction<Census> {
  const sums = yield* row<Omit<Census, 'destinations'>>(counted);
  const destinations = yield* rows<{ destination: string; count: number }>(
    'select destination, count(*) as count from queue_entry group by destination order by 2 desc, 1 limit ?',
    censusDestinations,
  );
  return { ...sums, destinations };
});

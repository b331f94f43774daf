/** What a node that has the store to itself may do when it starts. */
import { operation } from '../store/operation.ts';
import { rows, type Transaction } from '../store/transaction.ts';

/**
 * Ends all leases: whoever had them is gone, whatever its name was. So a store that was restored or moved under another name has its mail going at once. The embedded store is opened by one
 * process at a time; where nodes share a store it must not be done.
 */
export const freeShards = operation(
  'queue.freeShards',
  function* (): Transaction<void> {
    yield* rows("update queue_shard set owner = '', lease_until = 0");
  },
  { essential: true },
);

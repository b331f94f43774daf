/**
 * Mail that its sender wants to go later, taken back or moved to another time while none of it has been tried.
 *
 * All or nothing: when one of its recipients is due already, somebody may have it in hand, and the message stays as it is.
 */
import type { MailEvent } from '../../events/event.ts';
import { record } from '../../events/record.ts';
import { operation } from '../../store/operation.ts';
import { hint, maybe, rows, type Param, type Transaction } from '../../store/transaction.ts';
import { queueAdded, queueChanged } from './accept.ts';
import { heldDue } from './entry-row.ts';
import { readLanes } from './lanes-column.ts';
import { messageData, messageOf } from './message-row.ts';
import { closeEntries } from './settle.ts';

export interface ScheduledArgs {
  readonly shard: number;
  readonly message: string;
  readonly org: string;
  readonly nowMs: number;
  readonly event: MailEvent;
}

/** `absent`: not in this shard, or not of this organisation. `begun`: it is on its way. */
export type Rescheduled = 'done' | 'absent' | 'begun';

interface Found {
  readonly sender: string;
  readonly org: string;
  readonly lanes: string;
  readonly data: string;
  readonly open: number;
  readonly indexes: number;
}

interface Waiting {
  readonly row: Found;
  readonly where: string;
  readonly params: readonly Param[];
}

/** Its entries, all of which still wait for their time. */
function* waiting({ shard, message, org, nowMs }: ScheduledArgs): Transaction<Waiting | 'absent' | 'begun'> {
  const found = yield* maybe<Found>(
    'select sender, org, lanes, data, open, indexes from queue_message where shard = ? and id = ?',
    shard,
    message,
  );
  if (!found || found.org !== org) return 'absent';
  const { lane, destinations } = readLanes(found.lanes);
  const where = `shard = ? and destination in (${destinations.map(() => '?').join(', ')}) and lane = ? and message = ?`;
  const params: Param[] = [shard, ...destinations, lane, message];
  const entries = yield* rows<{ due: number; tries: number }>(
    `select due, tries from queue_entry where ${where}`,
    ...params,
  );
  const waits = entries.every(({ due, tries }) => tries === 0 && due > nowMs && due < heldDue);
  // A message with fewer entries than it began with has been on its way.
  if (!waits || entries.length !== found.indexes) return 'begun';
  return { row: found, where, params };
}

export const cancelScheduled = operation(
  'queue.cancelScheduled',
  function* (args: ScheduledArgs): Transaction<Rescheduled> {
    const found = yield* waiting(args);
    if (typeof found === 'string') return found;
    yield* rows(`delete from queue_entry where ${found.where}`, ...found.params);
    yield* closeEntries(args.shard, new Map([[args.message, found.row.open]]));
    yield* record([args.event]);
    yield* hint(queueChanged, String(args.shard));
    return 'done';
  },
  { essential: true },
);

export const moveScheduled = operation(
  'queue.moveScheduled',
  function* (args: ScheduledArgs & { readonly notBeforeMs: number }): Transaction<Rescheduled> {
    const found = yield* waiting(args);
    if (typeof found === 'string') return found;
    const { shard, message: id, notBeforeMs } = args;
    const message = messageOf({ id, sender: found.row.sender, org: found.row.org, data: found.row.data });
    // It may wait as long behind its time as before.
    const expiresAtMs = message.expiresAtMs + notBeforeMs - message.notBeforeMs;
    yield* rows(`update queue_entry set due = ? where ${found.where}`, notBeforeMs, ...found.params);
    yield* rows(
      'update queue_message set data = ? where shard = ? and id = ?',
      messageData({ ...message, notBeforeMs, expiresAtMs }),
      shard,
      id,
    );
    yield* record([args.event]);
    yield* hint(queueChanged, String(shard));
    yield* hint(queueAdded, String(shard));
    return 'done';
  },
);

/** Reading what is due: windows of a lane, and the round over all lanes that finds them at start. */
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { StoredBody } from '../../store/body.ts';
import { operation } from '../../store/operation.ts';
import { entryFlags, heldDue, type EntryRow } from './entry-row.ts';
import { bodyOf, type BodyColumns } from './message-row.ts';

export interface LaneKey {
  readonly destination: string;
  readonly lane: string;
}

/** Position in a lane: everything after it. */
export interface Cursor {
  readonly due: number;
  readonly message: string;
  readonly idx: number;
}

export const laneStart: Cursor = { due: -1, message: '', idx: -1 };

export interface WindowArgs extends LaneKey {
  readonly shard: number;
  readonly after: Cursor;
  readonly dueMs: number;
  /** Entries that wait only because nobody answered are taken up to this due time. */
  readonly siteDownDueMs: number;
  readonly max: number;
}

export interface WindowRow extends EntryRow {
  /** Null when the message is gone: an orphan. */
  readonly data: string | null;
  readonly sender: string;
  readonly org: string;
  readonly open: number;
  readonly indexes: number;
}

const columns =
  'e.destination, e.lane, e.due, e.message, e.idx, e.address, e.tries, e.flags, e.dsn, e.last, m.data, m.sender, m.org, m.open, m.indexes';
const joined = 'from queue_entry e left join queue_message m on m.shard = e.shard and m.id = e.message';
const laneIs = 'e.shard = ? and e.destination = ? and e.lane = ?';
const after = '(e.due, e.message, e.idx) > (?, ?, ?)';
const order = 'order by e.due, e.message, e.idx limit ?';
const dueRows = `select ${columns} ${joined} where ${laneIs} and e.due <= ? and ${after} ${order}`;
const earlyRows = `select ${columns} ${joined} where ${laneIs} and e.due <= ? and ${after} and (e.due <= ? or (e.flags & ${entryFlags.siteDown}) <> 0) ${order}`;

/** Entries of a lane in order. Fewer than `max` means that the end was reached. */
export function* window(args: WindowArgs): Transaction<readonly WindowRow[]> {
  const { shard, destination, lane, after, dueMs, siteDownDueMs, max } = args;
  if (siteDownDueMs <= dueMs) {
    return yield* rows<WindowRow>(
      dueRows,
      shard,
      destination,
      lane,
      dueMs,
      after.due,
      after.message,
      after.idx,
      max,
    );
  }
  return yield* rows<WindowRow>(
    earlyRows,
    shard,
    destination,
    lane,
    siteDownDueMs,
    after.due,
    after.message,
    after.idx,
    dueMs,
    max,
  );
}

/** When the first entry of a lane after `dueMs` is due; undefined when there is none that ever will be. */
export function* nextDue(shard: number, key: LaneKey, dueMs: number): Transaction<number | undefined> {
  const found = yield* maybe<{ due: number }>(
    'select due from queue_entry where shard = ? and destination = ? and lane = ? and due > ? order by due limit 1',
    shard,
    key.destination,
    key.lane,
    dueMs,
  );
  return found === undefined || found.due >= heldDue ? undefined : found.due;
}

export interface FoundLane extends LaneKey {
  readonly due: number;
}

/** The next lanes of a shard after `key`, each with its earliest due time: one step down the tree for each, whatever its length. */
export function* lanesAfter(shard: number, key: LaneKey, max: number): Transaction<readonly FoundLane[]> {
  const found: FoundLane[] = [];
  let last = key;
  while (found.length < max) {
    const next = yield* maybe<FoundLane>(
      'select destination, lane, due from queue_entry where shard = ? and (destination, lane) > (?, ?) order by destination, lane, due limit 1',
      shard,
      last.destination,
      last.lane,
    );
    if (!next) break;
    found.push(next);
    last = next;
  }
  return found;
}

export function* bodyOfMessage(
  shard: number,
  id: string,
  sizeBytes: number,
): Transaction<StoredBody | undefined> {
  const found = yield* maybe<BodyColumns>(
    'select body_file, body from queue_message where shard = ? and id = ?',
    shard,
    id,
  );
  return found && bodyOf(found, sizeBytes);
}

/** Removes entries that have lost their message. */
export const dropOrphans = operation(
  'queue.dropOrphans',
  function* (args: { shard: number; entries: readonly (LaneKey & Cursor)[] }): Transaction<void> {
    for (const e of args.entries) {
      yield* rows(
        `delete from queue_entry where shard = ? and destination = ? and lane = ? and due = ? and message = ? and idx = ?
       and not exists (select 1 from queue_message m where m.shard = queue_entry.shard and m.id = queue_entry.message)`,
        args.shard,
        e.destination,
        e.lane,
        e.due,
        e.message,
        e.idx,
      );
    }
  },
  { essential: true },
);

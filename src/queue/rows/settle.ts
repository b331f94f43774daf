/**
 * `queue.settle`: what became of a batch of entries of one shard, with the notices and events that follow from it, in one transaction.
 *
 * It is fenced by the shard's epoch: an owner that has lost the shard changes nothing. An entry may have been moved by an administrator
 * since it was read (held, retried, deleted): one that is done goes wherever it stands, one that is deferred keeps the administrator's time.
 */
import { Refusal } from '../../base/refusal.ts';
import type { MailEvent } from '../../events/event.ts';
import { record } from '../../events/record.ts';
import { operation } from '../../store/operation.ts';
import { batch, maybe, rows, type Transaction } from '../../store/transaction.ts';
import { acceptStatements, insertEntry, type AcceptArgs } from './accept.ts';
import type { EntryKey } from './entry-row.ts';
import { readLanes, writeLanes, type Lanes } from './lanes-column.ts';

export interface SettleArgs {
  readonly shard: number;
  readonly epoch: number;
  readonly entries: readonly SettledEntry[];
  readonly notices: readonly AcceptArgs[];
  readonly events: readonly MailEvent[];
}

export interface SettledEntry extends EntryKey {
  /** The message never had another entry: it goes with this one. */
  readonly only: boolean;
  /** Undefined: done with. */
  readonly next?: NextTry;
  /** Done with, and these in the place of `from`. */
  readonly from?: string;
  readonly redirect?: readonly {
    readonly address: string;
    readonly destination: string;
    readonly dsn: string | null;
  }[];
}

export interface NextTry {
  readonly due: number;
  readonly tries: number;
  readonly flags: number;
  readonly last: string;
}

const byKey = 'shard = ? and destination = ? and lane = ? and due = ? and message = ? and idx = ?';
const inLane = 'shard = ? and destination = ? and lane = ? and message = ? and idx = ?';
const deleteEntryTold = `delete from queue_entry where ${byKey} returning idx`;
const deleteAnywhere = `delete from queue_entry where ${inLane} returning idx`;
const deferEntry = `update queue_entry set due = ?, tries = ?, flags = ?, last = ? where ${byKey} returning idx`;
const deferAnywhere = `update queue_entry set tries = ?, last = ? where ${inLane}`;
const deleteMessage = 'delete from queue_message where shard = ? and id = ?';
const closeSome = 'update queue_message set open = open - ? where shard = ? and id = ? returning open';

export const settle = operation(
  'queue.settle',
  function* (args: SettleArgs): Transaction<void> {
    yield* checkEpoch(args.shard, args.epoch);
    const entries = args.entries;
    const simple = entries.filter((e) => e.only && e.next === undefined && e.redirect === undefined);
    yield* simplyDone(args.shard, simple);
    if (simple.length < entries.length) {
      yield* defer(args.shard, entries);
      yield* closeShared(args.shard, entries);
      for (const entry of entries) if (entry.redirect) yield* redirect(args.shard, entry);
    }
    yield* batch(args.notices.flatMap(acceptStatements));
    yield* record([...args.events, ...args.notices.flatMap((notice) => notice.events)]);
  },
  { essential: true },
);

/** Throws Refusal `conflict` when the shard has another owner by now. */
export function* checkEpoch(shard: number, epoch: number): Transaction<void> {
  const head = yield* maybe<{ epoch: number }>('select epoch from queue_shard where shard = ?', shard);
  if (head?.epoch !== epoch) throw new Refusal('conflict', `queue shard ${shard} has another owner`);
}

const keyParams = (shard: number, e: EntryKey) => [shard, e.destination, e.lane, e.due, e.message, e.idx];
const laneParams = (shard: number, e: EntryKey) => [shard, e.destination, e.lane, e.message, e.idx];

/** The usual case: the only entry of its message is done with, and both go. */
function* simplyDone(shard: number, entries: readonly SettledEntry[]): Transaction<void> {
  const removed = yield* batch(
    entries.flatMap((e) => [
      { sql: deleteEntryTold, params: keyParams(shard, e) },
      { sql: deleteMessage, params: [shard, e.message] },
    ]),
  );
  for (const [i, e] of entries.entries()) {
    if (removed[2 * i]!.length === 0) yield* rows(deleteAnywhere, ...laneParams(shard, e));
  }
}

function* defer(shard: number, entries: readonly SettledEntry[]): Transaction<void> {
  const deferred = entries.filter((e) => e.next !== undefined);
  const found = yield* batch(
    deferred.map((e) => ({
      sql: deferEntry,
      params: [e.next!.due, e.next!.tries, e.next!.flags, e.next!.last, ...keyParams(shard, e)],
    })),
  );
  const moved = deferred.filter((_, i) => found[i]!.length === 0);
  yield* batch(
    moved.map((e) => ({
      sql: deferAnywhere,
      params: [e.next!.tries, e.next!.last, ...laneParams(shard, e)],
    })),
  );
}

/** Entries of messages with several recipients: the message goes when its last entry has gone. */
function* closeShared(shard: number, entries: readonly SettledEntry[]): Transaction<void> {
  const done = entries.filter((e) => e.next === undefined && e.redirect === undefined && !e.only);
  const removed = yield* batch(done.map((e) => ({ sql: deleteEntryTold, params: keyParams(shard, e) })));
  const closed = new Map<string, number>();
  for (const [i, e] of done.entries()) {
    const gone = removed[i]!.length > 0 || (yield* rows(deleteAnywhere, ...laneParams(shard, e))).length > 0;
    if (gone) closed.set(e.message, (closed.get(e.message) ?? 0) + 1);
  }
  yield* closeEntries(shard, closed);
}

/** Counts entries out of their messages and removes messages that have none left. */
export function* closeEntries(shard: number, closed: ReadonlyMap<string, number>): Transaction<void> {
  const counts = yield* batch(
    [...closed].map(([id, count]) => ({ sql: closeSome, params: [count, shard, id] })),
  );
  const empty = [...closed.keys()].filter((_, i) => {
    const open = counts[i]![0]?.['open'];
    return open !== undefined && Number(open) <= 0;
  });
  yield* batch(empty.map((id) => ({ sql: deleteMessage, params: [shard, id] })));
}

/** Each address is reached once; when all of them were before, the entry is just done with. */
function* redirect(shard: number, entry: SettledEntry): Transaction<void> {
  const removed = yield* rows(deleteEntryTold, ...keyParams(shard, entry));
  if (removed.length === 0 && (yield* rows(deleteAnywhere, ...laneParams(shard, entry))).length === 0) return;
  const message = yield* maybe<{ indexes: number; lanes: string }>(
    'select indexes, lanes from queue_message where shard = ? and id = ?',
    shard,
    entry.message,
  );
  if (!message) return;
  const lanes = readLanes(message.lanes);
  const reached = new Set([...lanes.reached, reachedKey(entry.from!)]);
  const to = entry.redirect!.filter(({ address }) => !reached.has(reachedKey(address)));
  for (const { address } of to) reached.add(reachedKey(address));
  if (to.length === 0) yield* closeEntries(shard, new Map([[entry.message, 1]]));
  else yield* addEntries(shard, entry, to, { ...message, lanes: { ...lanes, reached: [...reached] } });
}

function* addEntries(
  shard: number,
  { message, lane, due }: SettledEntry,
  to: NonNullable<SettledEntry['redirect']>,
  { indexes, lanes }: { readonly indexes: number; readonly lanes: Lanes },
): Transaction<void> {
  const destinations = new Set([...lanes.destinations, ...to.map((t) => t.destination)]);
  yield* rows(
    'update queue_message set open = open + ?, indexes = indexes + ?, lanes = ? where shard = ? and id = ?',
    to.length - 1,
    to.length,
    writeLanes({ ...lanes, destinations: [...destinations] }),
    shard,
    message,
  );
  yield* batch(
    to.map((t, i) => ({
      sql: insertEntry,
      params: [shard, t.destination, lane, due, message, indexes + i, t.address, 0, t.dsn],
    })),
  );
}

const reachedKey = (address: string): string => address.toLowerCase();

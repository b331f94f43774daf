/** `queue.accept`: a message, its entries and its events in one transaction of one shard. */
import { entryIndex } from '../../base/ids.ts';
import { record } from '../../events/record.ts';
import type { MailEvent } from '../../events/event.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, type Statement, type Transaction } from '../../store/transaction.ts';
import type { OnceKey, Submission } from '../message.ts';
import { dsnColumn, entryFlags, heldDue } from './entry-row.ts';
import { laneOf } from './lane.ts';
import { writeLanes } from './lanes-column.ts';
import { messageData } from './message-row.ts';
import { insertQuarantined, keptBack, type KeptBack } from './kept-back.ts';
import { claimOnce, type Kept } from './once.ts';

export interface AcceptArgs {
  readonly shard: number;
  readonly id: string;
  readonly sender: string;
  readonly org: string;
  readonly data: string;
  readonly lane: string;
  readonly due: number;
  readonly acceptedAt: number;
  readonly bodyFile: string | null;
  readonly body: Uint8Array | null;
  readonly entries: readonly AcceptedEntry[];
  readonly events: readonly MailEvent[];
  readonly quarantine: readonly KeptBack[];
  readonly once?: OnceKey;
  /** The shard may have another owner, who is told. */
  readonly tell: boolean;
}

export interface AcceptedEntry {
  readonly idx: number;
  readonly destination: string;
  readonly address: string;
  readonly dsn: string | null;
  /** Kept back by filters. */
  readonly kept: boolean;
}

/** Hint topics whose key is a shard: something came in, or was changed, that its owner did not do. */
export const queueAdded = 'queue.added';
export const queueChanged = 'queue.changed';

export const insertMessage =
  'insert into queue_message (shard, id, open, indexes, sender, org, lanes, data, body_file, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';
export const insertEntry =
  'insert into queue_entry (shard, destination, lane, due, message, idx, address, tries, flags, dsn, last) values (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, null)';

export function acceptArgs(
  shard: number,
  { message, recipients, body, quarantine = [], once }: Submission,
  events: readonly MailEvent[],
): AcceptArgs {
  const kept = new Set(quarantine.flatMap((note) => note.recipients));
  const lane = laneOf(message);
  return {
    shard,
    id: message.id,
    sender: message.sender,
    org: message.org,
    data: messageData(message),
    lane,
    due: message.notBeforeMs,
    acceptedAt: message.acceptedAtMs,
    bodyFile: body.is === 'file' ? body.name : null,
    body: body.is === 'inline' ? body.bytes : null,
    entries: recipients.map((r) => ({
      idx: entryIndex(r.id),
      destination: r.destination,
      address: r.address,
      dsn: dsnColumn(r),
      kept: kept.has(r.id),
    })),
    events,
    quarantine: quarantine.map((note) => keptBack(message, recipients, note)),
    ...(once && { once }),
    tell: false,
  };
}

const keptFlags = entryFlags.held | entryFlags.quarantined;

/** Gives what was kept for the key before: then nothing is queued. */
export const accept = operation('queue.accept', function* (args: AcceptArgs): Transaction<Kept | undefined> {
  if (args.once) {
    const before = yield* claimOnce(args.once, args.id, args.acceptedAt);
    if (before) return before;
  }
  yield* batch(acceptStatements(args));
  yield* record(args.events);
  if (args.tell) yield* hint(queueAdded, String(args.shard));
  return undefined;
});

export function acceptStatements(args: AcceptArgs): readonly Statement[] {
  const { shard, id, entries, lane, due } = args;
  // Indexes are given once and never again, so that what is deduplicated by them stays so.
  const indexes = entries.reduce((most, e) => Math.max(most, e.idx + 1), 0);
  const lanes = lanesColumn(lane, entries);
  const statements: Statement[] = [
    {
      sql: insertMessage,
      params: [
        shard,
        id,
        entries.length,
        indexes,
        args.sender,
        args.org,
        lanes,
        args.data,
        args.bodyFile,
        args.body,
      ],
    },
  ];
  for (const e of entries) {
    statements.push({
      sql: insertEntry,
      params: [
        shard,
        e.destination,
        lane,
        e.kept ? due + heldDue : due,
        id,
        e.idx,
        e.address,
        e.kept ? keptFlags : 0,
        e.dsn,
      ],
    });
  }
  for (const one of args.quarantine) {
    statements.push({
      sql: insertQuarantined,
      params: [
        shard,
        id,
        one.org,
        args.acceptedAt,
        one.expiresAt,
        args.sender,
        one.recipients,
        one.subject,
        one.data,
      ],
    });
  }
  return statements;
}

function lanesColumn(lane: string, entries: readonly AcceptedEntry[]): string {
  const destinations =
    entries.length === 1 ? [entries[0]!.destination] : [...new Set(entries.map((e) => e.destination))];
  return writeLanes({ lane, destinations, reached: [] });
}

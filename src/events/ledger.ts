/**
 * The ledger: moves events from the outbox of the mail store, and reads them.
 *
 * Moving is two transactions: `move` copies what is new and commits it durably; only then `forget` deletes it from the outbox. A crash between
 * the two repeats the copy, which does nothing for rows that are there. One mover runs per store (app starts it).
 */
import { operation } from '../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../store/transaction.ts';
import type { EventData, EventKind, MailEvent } from './event.ts';

/** Events moved in one transaction: bounds how long the writer is busy with it. */
export const moveMax = 2000;
/** Events removed in one transaction when they are older than the ledger keeps. */
export const pruneMax = 5000;

export interface LedgerRow {
  readonly seq: number;
  readonly at: number;
  readonly message: string;
  readonly org: string;
  readonly kind: EventKind;
  readonly recipient: string;
  readonly data: string;
}

/** An event of the ledger with its place in it. */
export type LedgerEvent = MailEvent & { readonly seq: number };

const fields = 'seq, at, message, org, kind, recipient, data';
const copied = 'seq, at, message, org, kind, recipient, sender, header_id, data';

/** Copies the oldest events that are not in the ledger yet; returns up to which number, and whether there may be more. */
export const move = operation(
  'events.move',
  function* (): Transaction<{ upTo: number; count: number }> {
    const last = yield* row<{ seq: number | null }>('select max(seq) as seq from events.event');
    const from = last.seq ?? 0;
    const end = yield* maybe<{ seq: number }>(
      'select seq from outbox where seq > ? order by seq limit 1 offset ?',
      from,
      moveMax - 1,
    );
    const newest = end ?? (yield* row<{ seq: number | null }>('select max(seq) as seq from outbox'));
    const upTo = newest.seq ?? 0;
    if (upTo <= from) return { upTo: from, count: 0 };
    yield* rows(
      `insert into events.event (${copied}) select ${copied} from outbox where seq > ? and seq <= ? on conflict (seq) do nothing`,
      from,
      upTo,
    );
    return { upTo, count: upTo - from };
  },
  { essential: true },
);

/** Deletes what `move` has made durable in the ledger; the newest row stays (see migrations.ts). */
export const forget = operation(
  'events.forget',
  function* (args: { upTo: number }): Transaction<void> {
    yield* rows('delete from outbox where seq < ?', args.upTo);
  },
  { essential: true },
);

/** Removes events older than `before`, a chunk at a time; returns whether there may be more. */
export const prune = operation(
  'events.prune',
  function* (args: { before: number }): Transaction<boolean> {
    const gone = yield* rows(
      'delete from events.event where seq in (select seq from events.event where at < ? order by at limit ?) returning seq',
      args.before,
      pruneMax,
    );
    return gone.length === pruneMax;
  },
  { essential: true },
);

/** Events after `seq`, oldest first: for whoever follows the log. */
export function* after(seq: number, limit: number): Transaction<readonly LedgerEvent[]> {
  const found = yield* rows<LedgerRow>(
    `select ${fields} from events.event where seq > ? order by seq limit ?`,
    seq,
    limit,
  );
  return found.map(eventOf);
}

/** Where the ledger ends now. */
export function* end(): Transaction<number> {
  const found = yield* row<{ seq: number | null }>('select max(seq) as seq from events.event');
  return found.seq ?? 0;
}

/** All that is known of one message, oldest first: from the ledger and, for what has not moved yet, from the outbox. */
export function* ofMessage(message: string): Transaction<readonly LedgerEvent[]> {
  const moved = yield* rows<LedgerRow>(
    `select ${fields} from events.event where message = ? order by seq`,
    message,
  );
  const fresh = yield* rows<LedgerRow>(
    `select ${fields} from outbox where message = ? and seq > coalesce((select max(seq) from events.event), 0) order by seq`,
    message,
  );
  return [...moved, ...fresh].map(eventOf);
}

export interface Found {
  readonly message: string;
  readonly at: number;
}

/** Messages by their Message-ID header (with or without brackets), newest first. */
export function* byHeaderId(headerId: string, limit: number): Transaction<readonly Found[]> {
  const bracketed = headerId.startsWith('<') ? headerId : `<${headerId}>`;
  return yield* rows<Found>(
    'select message, max(at) as at from events.event where header_id = ? group by message order by 2 desc limit ?',
    bracketed,
    limit,
  );
}

/** Messages from or to an address, newest first. */
export function* byAddress(address: string, limit: number): Transaction<readonly Found[]> {
  const key = address.toLowerCase();
  return yield* rows<Found>(
    `select message, max(at) as at from (
       select message, at from events.event where recipient = ? and message <> ''
       union all select message, at from events.event where sender = ?) as found
     group by message order by 2 desc limit ?`,
    key,
    key,
    limit,
  );
}

function eventOf(row: LedgerRow): LedgerEvent {
  return {
    seq: row.seq,
    is: row.kind,
    atMs: row.at,
    message: row.message,
    org: row.org,
    recipient: row.recipient,
    data: JSON.parse(row.data) as EventData[EventKind],
  } as LedgerEvent;
}

/**
 * The ledger: moves events from the outbox of the mail store, and reads them.
 *
 * Moving is two transactions: `move` copies what is new and commits it durably, with the numbers it had in the outbox (`events.moved`, in the file of the
 * ledger); only then `forget` deletes these from the outbox. A crash between the two leaves rows that `move` knows.
 *
 * The ledger numbers its events itself, in the order in which they come to it: on PostgreSQL a row of the outbox may show after others with higher numbers, and whoever
 * follows the ledger by number must not miss it. One node moves at a time (ledger-lease.ts); two would only be in each other's way.
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

export const ledgerFields = 'seq, at, message, org, kind, recipient, data';
const copied = 'at, message, org, kind, recipient, sender, header_id, data';
const notMoved = 'not exists (select 1 from events.moved m where m.source = outbox.seq)';

export interface Moved {
  readonly count: number;
  /** When the oldest of them happened; undefined when there was nothing to move. */
  readonly oldestAtMs: number | undefined;
}

/** Copies the oldest events that are not in the ledger yet. They get its next numbers, in their order. */
export const move = operation(
  'events.move',
  function* (): Transaction<Moved> {
    // Of what was moved before, `forget` has deleted all but the newest by now.
    yield* rows(
      'delete from events.moved where not exists (select 1 from outbox o where o.seq = events.moved.source)',
    );
    const oldest = yield* maybe<{ at: number }>(
      `select at from outbox where ${notMoved} order by seq limit 1`,
    );
    if (oldest === undefined) return { count: 0, oldestAtMs: undefined };
    const last = (yield* row<{ seq: number | null }>('select max(seq) as seq from events.event')).seq ?? 0;
    const batch = `from (select * from outbox where ${notMoved} order by seq limit ?) as batch`;
    yield* rows(
      `insert into events.event (seq, ${copied}) select ? + row_number() over (order by seq), ${copied} ${batch}`,
      last,
      moveMax,
    );
    yield* rows(`insert into events.moved (source) select seq ${batch}`, moveMax);
    const end = yield* row<{ seq: number }>('select max(seq) as seq from events.event');
    return { count: end.seq - last, oldestAtMs: oldest.at };
  },
  { essential: true },
);

/** Deletes what `move` has made durable in the ledger; the newest row stays (see migrations.ts). */
export const forget = operation(
  'events.forget',
  function* (): Transaction<void> {
    yield* rows(
      'delete from outbox where seq in (select source from events.moved) and seq < (select max(seq) from outbox)',
    );
  },
  { essential: true },
);

/** Removes events older than `before`, a chunk at a time; returns whether there may be more. The newest stays: numbers only rise. */
export const prune = operation(
  'events.prune',
  function* (args: { before: number }): Transaction<boolean> {
    const gone = yield* rows(
      `delete from events.event where seq in (select seq from events.event where at < ? order by at limit ?)
        and seq < (select max(seq) from events.event) returning seq`,
      args.before,
      pruneMax,
    );
    return gone.length >= pruneMax - 1;
  },
  { essential: true },
);

/** Events after `seq`, oldest first: for whoever follows the log. */
export function* after(seq: number, limit: number): Transaction<readonly LedgerEvent[]> {
  const found = yield* rows<LedgerRow>(
    `select ${ledgerFields} from events.event where seq > ? order by seq limit ?`,
    seq,
    limit,
  );
  return found.map(eventOf);
}

/** What logins have sent, and what was given up, among the events from behind `after` to `upTo`; oldest first. */
export function* ofLogins(after: number, upTo: number): Transaction<readonly LedgerEvent[]> {
  const found = yield* rows<LedgerRow>(
    `select ${ledgerFields} from events.event where seq > ? and seq <= ?
      and (kind = 'bounced' or (kind = 'accepted' and data like '%"login":{"account"%')) order by seq`,
    after,
    upTo,
  );
  return found.map(eventOf);
}

/**
 * What became of recipients, and the acceptances of mail that came with a credential, among the events from behind `after` to `upTo`; oldest first. As they stand: most of them are
 * of no interest to who asks, by their message.
 */
export function* endsAndCredentials(after: number, upTo: number): Transaction<readonly LedgerRow[]> {
  return yield* rows<LedgerRow>(
    `select ${ledgerFields} from events.event where seq > ? and seq <= ? and org <> ''
      and (kind in ('delivered', 'bounced', 'bouncedLater', 'complained') or (kind = 'accepted' and data like '%"credential":%'))
     order by seq`,
    after,
    upTo,
  );
}

/** Where the ledger ends now. */
export function* end(): Transaction<number> {
  const found = yield* row<{ seq: number | null }>('select max(seq) as seq from events.event');
  return found.seq ?? 0;
}

/** All that is known of one message, oldest first: from the ledger and, for what has not moved yet, from the outbox. */
export function* ofMessage(message: string): Transaction<readonly LedgerEvent[]> {
  const moved = yield* rows<LedgerRow>(
    // As its index has it, which else is not used.
    `select ${ledgerFields} from events.event where message = ? and message <> '' order by seq`,
    message,
  );
  const fresh = yield* rows<LedgerRow>(
    `select ${ledgerFields} from outbox where message = ? and ${notMoved} order by seq`,
    message,
  );
  if (fresh.length === 0) return moved.map(eventOf);
  // They have no number of the ledger's yet: behind all that do.
  const last = yield* end();
  return [...moved, ...fresh.map((one, i) => ({ ...one, seq: last + 1 + i }))].map(eventOf);
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

export function eventOf(row: LedgerRow): LedgerEvent {
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

/** Writes events within the transaction that makes them true. */
import { batch, type Transaction } from '../store/transaction.ts';
import type { MailEvent } from './event.ts';

const insert = 'insert into outbox (at, message, org, kind, recipient, data) values (?, ?, ?, ?, ?, ?)';

/** Appends to the outbox; the mover takes it to the ledger (events/ledger.ts). */
export function* record(events: readonly MailEvent[]): Transaction<void> {
  if (events.length === 0) return;
  yield* batch(
    events.map((event) => ({
      sql: insert,
      params: [event.atMs, event.message, event.org, event.is, event.recipient, JSON.stringify(event.data)],
    })),
  );
}

/** Writes events within the transaction that makes them true. */
import { batch, type Statement, type Transaction } from '../store/transaction.ts';
import type { MailEvent } from './event.ts';

const insert =
  'insert into outbox (at, message, org, kind, recipient, sender, header_id, data) values (?, ?, ?, ?, ?, ?, ?, ?)';

/** Appends to the outbox; the mover takes it to the ledger (events/ledger.ts). */
export function* record(events: readonly MailEvent[]): Transaction<void> {
  if (events.length > 0) yield* batch(events.map(statementOf));
}

/** The sender and the Message-ID stand in columns of their own, so that a message can be found by them. */
function statementOf(event: MailEvent): Statement {
  const { sender, headerId } = searchable(event);
  return {
    sql: insert,
    params: [
      event.atMs,
      event.message,
      event.org,
      event.is,
      event.recipient.toLowerCase(),
      sender,
      headerId,
      JSON.stringify(event.data),
    ],
  };
}

function searchable(event: MailEvent): { sender: string | null; headerId: string | null } {
  if (event.is !== 'accepted') return { sender: null, headerId: null };
  return { sender: event.data.sender.toLowerCase() || null, headerId: event.data.headerMessageId || null };
}

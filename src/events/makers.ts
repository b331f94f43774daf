/**
 * How a message came in, by its acceptance in the ledger. For whoever follows the ledger: what it has read stands behind the acceptance, so the outbox, where a
 * message is found only by reading all of it, is not looked at.
 */
import { rows, type Transaction } from '../store/transaction.ts';
import { eventOf, ledgerFields, type LedgerEvent, type LedgerRow } from './ledger.ts';

/** The index of messages leaves out those without an id, so the question says so too. The acceptances of a message, as far as the ledger has them. */
export function* acceptancesOf(message: string): Transaction<readonly LedgerEvent[]> {
  const found = yield* rows<LedgerRow>(
    `select ${ledgerFields} from events.event where message = ? and message <> '' order by seq`,
    message,
  );
  return found.filter(({ kind }) => kind === 'accepted').map(eventOf);
}

import type { MailEvent } from './event.ts';
import { operation, type AnyOperation } from '../store/operation.ts';
import type { Transaction } from '../store/transaction.ts';
import {
  byAddress,
  byHeaderId,
  forget,
  move,
  ofMessage,
  prune,
  type Found,
  type LedgerEvent,
} from './ledger.ts';
import { failures } from './failures.ts';
import { noteShipped } from './line-shipper.ts';
import { record } from './record.ts';
import { foldWords, forgetTraces, pruneTraces, setRetention } from './retention.ts';
import { claimLedger, releaseLedger } from './ledger-lease.ts';
import { writeTraces } from './roll-up.ts';
import { dropView, saveView } from './saved-views.ts';
import { countTraces } from './trace-counts.ts';
import { countWaysOut } from './way-out.ts';
import { searchTraces } from './trace-search.ts';
import { sent } from './sent.ts';

export interface Search {
  /** A message id, a Message-ID header or an address. */
  readonly query: string;
  readonly limit: number;
}

export type SearchResult =
  | { readonly is: 'message'; readonly events: readonly LedgerEvent[] }
  | { readonly is: 'several'; readonly found: readonly Found[] };

/** Finds a message whatever one has in hand: its id, its Message-ID, or an address it came from or went to. */
export const search = operation(
  'events.search',
  function* ({ query, limit }: Search): Transaction<SearchResult> {
    const wanted = query.trim();
    const events = yield* ofMessage(wanted.toLowerCase());
    if (events.length > 0) return { is: 'message', events };
    const found = yield* byHeaderId(wanted, limit);
    const all = found.length > 0 ? found : yield* byAddress(wanted, limit);
    if (all.length === 1) return { is: 'message', events: yield* ofMessage(all[0]!.message) };
    return { is: 'several', found: all };
  },
);

/** Records events that belong to no other transaction: refusals. */
export const recordEvents = operation(
  'events.record',
  function* (events: readonly MailEvent[]): Transaction<void> {
    yield* record(events);
  },
);

export const operations: readonly AnyOperation[] = [
  move,
  forget,
  prune,
  search,
  recordEvents,
  sent,
  writeTraces,
  claimLedger,
  releaseLedger,
  searchTraces,
  noteShipped,
  failures,
  countTraces,
  countWaysOut,
  setRetention,
  forgetTraces,
  pruneTraces,
  foldWords,
  saveView,
  dropView,
];

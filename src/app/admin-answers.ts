/** What the admin API answers, for the command line, which sees the program through `app` alone. */
export type { JourneyStep } from '../events/journey.ts';
export type { LedgerEvent } from '../events/ledger.ts';
export type { DestinationSummary, ListedEntry, Page, ShownMessage } from '../queue/filter.ts';

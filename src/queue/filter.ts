/** How an administrator picks out mail that waits, and what is shown of it. */
import type { EntryId, MessageId } from '../base/ids.ts';
import type { QueuedMessage } from './message.ts';

/** All given conditions must hold. An empty filter means everything. */
export interface QueueFilter {
  readonly message?: MessageId;
  readonly destination?: string;
  /** Exact address, or `@domain`. */
  readonly sender?: string;
  readonly recipient?: string;
  readonly org?: string;
  readonly campaign?: string;
  readonly state?: EntryState;
}

export type EntryState = 'waiting' | 'held';

export interface ListedEntry {
  readonly id: EntryId;
  readonly message: MessageId;
  readonly org: string;
  readonly sender: string;
  readonly recipient: string;
  readonly subject: string;
  readonly sizeBytes: number;
  readonly destination: string;
  readonly state: EntryState;
  readonly acceptedAtMs: number;
  readonly nextTryAtMs: number;
  readonly tries: number;
  readonly last: LastAnswer | undefined;
}

/** Why an entry still waits: the answer of its latest attempt. */
export interface LastAnswer {
  readonly phase: string;
  readonly host: string;
  readonly reply: string;
  readonly atMs: number;
}

export interface DestinationSummary {
  readonly destination: string;
  readonly waiting: number;
  readonly held: number;
  readonly oldestAtMs: number;
  readonly nextTryAtMs: number;
  /** The most recent answer of one of its entries. */
  readonly last: LastAnswer | undefined;
}

export interface ShownMessage {
  readonly message: QueuedMessage;
  readonly entries: readonly ListedEntry[];
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Give it to the next call; undefined at the end. */
  readonly next: string | undefined;
}

export type ManageAction = 'hold' | 'release' | 'retry' | 'delete';

/** What became of an action on what a filter picks. */
export interface Managed {
  /** Entries touched until now. */
  readonly count: number;
  /** The rest is done in the background: the id of its sweep. Undefined: that was all. */
  readonly sweep: string | undefined;
}

/** An action on very many entries that is done in pieces. */
export interface Sweep {
  readonly id: string;
  readonly action: ManageAction;
  readonly filter: QueueFilter;
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
  /** Entries touched. */
  readonly done: number;
  /** The destination it has come to; `''` before the first piece and at the end. */
  readonly at: string;
  /** 0: it is under way. */
  readonly endedAtMs: number;
}

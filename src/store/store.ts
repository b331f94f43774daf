/** What the rest of the program sees of the store, whichever engine is behind it. */
import type { Bodies } from './body.ts';
import type { Operation } from './operation.ts';
import type { Transaction } from './transaction.ts';

export interface Store extends AsyncDisposable {
  readonly engine: 'sqlite' | 'postgres';
  readonly bodies: Bodies;

  /**
   * Runs the operation in a transaction and resolves when it is durable on disk; never before. Rejects with what the body threw (a
   * `Refusal` arrives as a Refusal), with `Refusal('storageFull')` when there is no room and `Refusal('storageBusy')` when the engine cannot commit.
   */
  write<A, R>(operation: Operation<A, R>, args: A): Promise<R>;

  /** A consistent read in the calling thread: for lookups by key that cannot scan. Sees every write that has resolved. */
  read<R>(body: () => Transaction<R>): Promise<R>;

  /** A consistent read that may take long (search, reports, lists): off the protocol threads. */
  scan<A, R>(operation: Operation<A, R>, args: A): Promise<R>;

  /** Calls `listener` with the keys of hints of this topic, from any thread. Ends with the returned disposable. */
  onHint(topic: string, listener: (key: string) => void): Disposable;

  /** How the engine is, for /readyz and for refusing mail before its body is sent. Costs nothing to ask. */
  health(): StoreHealth;
}

export interface StoreHealth {
  /**
   * `full`: new mail is refused (`storageFull`), essential operations go on. `failed`: nothing is written (`storageBusy`) until the engine
   * has opened the database anew, which it tries by itself; `damaged`: nor will it be, until an operator has restored it.
   */
  readonly state: 'ok' | 'full' | 'failed' | 'damaged';
  /** Free bytes where the database lies, as last seen; undefined where the engine cannot know (PostgreSQL). */
  readonly freeBytes?: number;
}

/** One numbered step of a part's schema. Steps are applied once each, in order, within one transaction. */
export interface Migration {
  /** Whose tables: each part counts its own versions from 1. */
  readonly part: string;
  readonly version: number;
  /**
   * What these tables hold can be made again at any time: they lie in a database of their own (`search.<table>`: an attached file in SQLite, a schema in PostgreSQL)
   * that is made anew, empty, when its version is another, and that backups leave out. Such a part has no other tables.
   */
  readonly rebuildable?: boolean;
  /**
   * Statements in SQLite's dialect restricted to what PostgreSQL takes too, save for the type word `blob` (made `bytea`), and `integer` (made `bigint`).
   * A table of the event ledger is named `events.<table>`: an attached database in SQLite, a schema in PostgreSQL.
   */
  readonly statements: readonly string[];
  /** Statements for one engine only (`without rowid` tables, partial indexes that differ, storage options), after the others. */
  readonly sqlite?: readonly string[];
  readonly postgres?: readonly string[];
}

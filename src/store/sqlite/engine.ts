/**
 * The engine of the writer: group commits, and what to do when the disk is full or fails.
 *
 *   ok ──disk full, or below the watermark──▶ full ──room again──▶ ok
 *    └──reading, writing or syncing failed──▶ failed ──reopened and checked──▶ ok
 *                                               └──the check found damage──▶ damaged (until restored)
 *
 * - full: operations that are not essential are refused; a group that met the full disk is run again without them, in the room the ballast gave.
 * - failed: the connection is closed at once and never used again (fault.ts). A new one is opened on new descriptors; a checkpoint there
 *   writes and syncs whatever is only in the WAL, so what was acknowledged is proven to be on disk before anything new is accepted.
 * - An operation that was answered with storageBusy because its commit failed may still turn out to be stored: callers retry with
 *   the same ids.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Clock, Timer } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import type { HintSet } from '../core/hints.ts';
import type { AnyOperation } from '../operation.ts';
import type { Migration, StoreHealth } from '../store.ts';
import { GroupCommit, type GroupFailure, type Answer, type Call, type CommitWatch } from './commit.ts';
import type { CommitStats } from './commit-stats.ts';
import { openWriter, pragma, type WriterSettings } from './connection.ts';
import { isDamage } from './fault.ts';
import { prepareIndex } from './index-file.ts';
import { migrate } from './migrate.ts';
import { Space, type SpaceLimits } from './space.ts';
import { Statements } from './statements.ts';

/** How long after a fault the database is opened again; doubled up to the second figure while that fails. */
const reopenFirstMs = 500;
const reopenMaxMs = 30_000;
/** How often a full disk is looked at again while nobody writes. */
const fullCheckMs = 1000;
/** A file larger than this is not read through after a fault, as that would take minutes: `hikyaku check` does it. */
const quickCheckMaxBytes = 2 * 1024 * 1024 * 1024;

export interface EngineOptions extends WriterSettings {
  readonly operations: ReadonlyMap<string, AnyOperation>;
  readonly migrations: readonly Migration[];
  readonly space: SpaceLimits;
  readonly clock: Clock;
  /** Where commits are counted. */
  readonly stats?: CommitStats;
  /** Told of each change of state, with the reason. */
  readonly onState: (health: StoreHealth, reason: string) => void;
}

export class Engine implements Disposable {
  readonly #options: EngineOptions;
  readonly #space: Space;
  #db: DatabaseSync;
  #group: GroupCommit;
  #state: StoreHealth['state'] = 'ok';
  #timer: Timer | undefined;
  #closed = false;

  /** Opens and migrates. Throws when the database is unsafe, damaged, or newer than this program. */
  constructor(options: EngineOptions) {
    this.#options = options;
    this.#db = openWriter(options);
    try {
      migrate(this.#db, new Statements(this.#db), options.migrations);
      prepareIndex(options.folder, options.migrations);
    } catch (error) {
      this.#db.close();
      throw error;
    }
    this.#group = new GroupCommit(this.#db, options.operations, watchOf(options));
    this.#space = new Space(options.folder, options.space, options.clock);
    this.#watchSpace();
  }

  health(): StoreHealth {
    return { state: this.#state, freeBytes: this.#space.freeBytes };
  }

  /** Runs and commits. Always answers every call, in order; never throws. */
  run(calls: readonly Call[], hints: HintSet): Answer[] {
    if (this.#state === 'failed' || this.#state === 'damaged') return calls.map(() => busy(this.#state));
    this.#watchSpace();
    try {
      if (this.#state === 'full') return this.#essentialOnly(calls, hints);
      return this.#group.run(calls, hints);
    } catch (error) {
      return this.#afterFailure(calls, hints, error as GroupFailure);
    }
  }

  #afterFailure(calls: readonly Call[], hints: HintSet, failure: GroupFailure): Answer[] {
    if (failure.fault === 'busy') return calls.map(() => busy(failure.message));
    if (failure.fault === 'device') {
      this.#fail(failure);
      return calls.map(() => busy(failure.message));
    }
    this.#setState('full', failure.message);
    if (!this.#space.releaseBallast()) return calls.map(() => full(failure.message));
    try {
      return this.#essentialOnly(calls, hints);
    } catch (error) {
      const again = error as GroupFailure;
      if (again.fault === 'device') this.#fail(again);
      return calls.map(() => (again.fault === 'full' ? full(again.message) : busy(again.message)));
    }
  }

  #essentialOnly(calls: readonly Call[], hints: HintSet): Answer[] {
    const essential = calls.filter(({ name }) => this.#options.operations.get(name)?.essential === true);
    const answers = essential.length > 0 ? this.#group.run(essential, hints) : [];
    let next = 0;
    return calls.map((call) => (call === essential[next] ? answers[next++]! : full('below the watermark')));
  }

  /** Between `ok` and `full`, by what is free now. */
  #watchSpace(): void {
    let low: boolean;
    try {
      low = this.#space.low();
    } catch {
      return;
    }
    if (low && this.#state === 'ok') {
      this.#setState('full', `${this.#space.freeBytes} bytes are free`);
    } else if (!low && this.#state === 'full') {
      this.#setState('ok', `${this.#space.freeBytes} bytes are free`);
    }
    if (this.#state === 'full') this.#later(fullCheckMs, () => this.#watchSpace());
  }

  #fail(failure: GroupFailure): void {
    try {
      this.#db.close();
    } catch {
      // The descriptors are given up either way.
    }
    if (isDamage(failure.cause)) return this.#setState('damaged', failure.message);
    this.#setState('failed', failure.message);
    this.#later(reopenFirstMs, () => this.#reopen(reopenFirstMs));
  }

  #reopen(delayMs: number): void {
    let db: DatabaseSync | undefined;
    try {
      db = openWriter(this.#options);
      proveDevice(db);
      const damage = findDamage(db);
      if (damage !== undefined) {
        db.close();
        return this.#setState('damaged', damage);
      }
      this.#group = new GroupCommit(db, this.#options.operations, watchOf(this.#options));
      this.#db = db;
      this.#setState('ok', 'reopened');
    } catch (error) {
      closeQuietly(db);
      if (isDamage(error)) return this.#setState('damaged', String(error));
      const next = Math.min(2 * delayMs, reopenMaxMs);
      this.#later(next, () => this.#reopen(next));
    }
  }

  #setState(state: StoreHealth['state'], reason: string): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState(this.health(), reason);
  }

  #later(delayMs: number, run: () => void): void {
    this.#timer?.[Symbol.dispose]();
    if (!this.#closed) this.#timer = this.#options.clock.after(delayMs, run);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    closeQuietly(this.#db);
  }
}

/** Writes and syncs through the new descriptors: all of the WAL into the database, and a commit of its own. */
function proveDevice(db: DatabaseSync): void {
  db.exec('pragma main.wal_checkpoint(truncate); pragma events.wal_checkpoint(truncate)');
  db.exec(
    "insert into store_info (name, value) values ('reopened', 1) on conflict (name) do update set value = value + 1",
  );
}

function findDamage(db: DatabaseSync): string | undefined {
  for (const schema of ['main', 'events']) {
    const bytes = Number(pragma(db, `${schema}.page_count`)) * Number(pragma(db, `${schema}.page_size`));
    if (bytes > quickCheckMaxBytes) continue;
    const found = String(pragma(db, `${schema}.quick_check(1)`));
    if (found !== 'ok') return `${schema}: ${found}`;
  }
  return undefined;
}

function closeQuietly(db: DatabaseSync | undefined): void {
  try {
    if (db?.isOpen) db.close();
  } catch {
    // A connection that failed may fail to close; its descriptors are not used again.
  }
}

const watchOf = ({ clock, stats }: EngineOptions): CommitWatch | undefined => stats && { clock, stats };

const busy = (detail: string): Answer => ({ is: 'failed', error: new Refusal('storageBusy', detail) });
const full = (detail: string): Answer => ({ is: 'failed', error: new Refusal('storageFull', detail) });

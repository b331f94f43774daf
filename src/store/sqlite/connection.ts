/**
 * Opens the database files with the settings that the durability contract needs, and refuses a file that did not take them.
 *
 * `mail.db` and `events.db` (attached as `events`) both run in WAL with synchronous=FULL, so that a commit is on disk when it returns. Only a
 * file with changes is synced, so the ledger costs a sync only for the commits that move events into it, a few a second. A commit over both files
 * is atomic against a body that throws, not against a crash between the two syncs: whoever moves rows from one to the other writes
 * them to the second in one operation and deletes them from the first in another, once the first has resolved.
 *
 * Nothing else in this process may open these files: closing any descriptor of a file drops the process's locks on it (POSIX).
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../base/clock.ts';
import { attachIndex } from './index-file.ts';

export const mailFile = 'mail.db';
export const eventsFile = 'events.db';

/** Bytes of a page, fixed when a file is made. */
const pageBytes = 4096;
/** The writer's page caches, in KiB: the hot pages of queue and accounts. */
const writerCacheKiB = 8 * 1024;
const writerEventsCacheKiB = 2 * 1024;
/** A reader's page cache, in KiB: there is one reader in each protocol thread. */
const readerCacheKiB = 2 * 1024;
/** How long to wait for another process's lock before `storageBusy`. */
const lockWaitMs = 5000;
/** The WAL file is cut back to this after a checkpoint that reached its end. */
const walKeptBytes = 64 * 1024 * 1024;

/** The engine or the file does not give the durability that was asked for. */
export class UnsafeEngineError extends Error {
  override readonly name = 'UnsafeEngineError';
}

/** Pages of WAL after which a commit checkpoints: measured, larger ones stall commits longer and gain nothing. */
export const checkpointPages = 2000;

export interface WriterSettings {
  readonly folder: string;
  /** False only in tests: commits are not synced. */
  readonly durable: boolean;
}

/** Wall time as the engine knows it, for `now_ms()`; a test's store may have a clock of its own. */
export type EngineTime = () => number;

const systemTime: EngineTime = () => systemClock.nowMs();

export function openWriter(settings: WriterSettings, time: EngineTime = systemTime): DatabaseSync {
  mkdirSync(settings.folder, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(join(settings.folder, mailFile), {
    timeout: lockWaitMs,
    enableForeignKeyConstraints: false,
  });
  try {
    db.prepare('attach ? as events').run(join(settings.folder, eventsFile));
    for (const schema of ['main', 'events']) prepareFile(db, schema, settings);
    db.exec(`pragma main.cache_size=-${writerCacheKiB}; pragma events.cache_size=-${writerEventsCacheKiB}`);
    // Savepoints keep before-images of pages: in memory, else past 64 KiB they go through a temporary file.
    db.exec('pragma temp_store=memory');
    tellTime(db, time);
    if (settings.durable) refuseUnsafe(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepareFile(db: DatabaseSync, schema: string, settings: WriterSettings): void {
  db.exec(`pragma ${schema}.page_size=${pageBytes}`);
  const mode = pragma(db, `${schema}.journal_mode=wal`);
  if (mode !== 'wal') {
    throw new UnsafeEngineError(`${schema} runs with journal mode ${mode}; its file system cannot do WAL`);
  }
  const level = settings.durable ? 'full' : 'off';
  db.exec(
    `pragma ${schema}.synchronous=${level}; pragma ${schema}.journal_size_limit=${walKeptBytes}; ` +
      `pragma wal_autocheckpoint=${checkpointPages}`,
  );
}

function refuseUnsafe(db: DatabaseSync): void {
  for (const schema of ['main', 'events']) {
    if (Number(pragma(db, `${schema}.synchronous`)) < 2) {
      throw new UnsafeEngineError(`SQLite did not take synchronous=FULL for ${schema}`);
    }
  }
}

/** A connection that cannot write, for reads in the calling thread. The files exist already. */
export function openReader(folder: string, time: EngineTime = systemTime): DatabaseSync {
  const db = new DatabaseSync(join(folder, mailFile), { readOnly: true, timeout: lockWaitMs });
  try {
    db.prepare('attach ? as events').run(join(folder, eventsFile));
    db.exec(`pragma main.cache_size=-${readerCacheKiB}; pragma events.cache_size=-${readerCacheKiB}`);
    db.exec('pragma temp_store=memory');
    attachIndex(db, folder);
    tellTime(db, time);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function tellTime(db: DatabaseSync, time: EngineTime): void {
  db.function('now_ms', () => BigInt(time()));
}

/** The first column of the pragma's first row. */
export function pragma(db: DatabaseSync, text: string): string | number {
  const found = db.prepare(`pragma ${text}`).get() as Record<string, string | number> | undefined;
  return found ? Object.values(found)[0]! : '';
}

/**
 * `search.db`: tables that can be made again from the mail (`rebuildable` migrations), in a file of their own.
 *
 * Who writes it writes it alone, on a connection of its own, so that long writes hold up no mail; the writer of the mail only sees to it that the file is there and of
 * the version that this program wants. Commits are not synced one by one: after a crash of the machine the newest may be missing, and are made again. A file that is damaged or
 * of another version is emptied.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Migration } from '../store.ts';

export const indexFile = 'search.db';

/** Bytes of a page: what is read is large. */
const pageBytes = 16 * 1024;
const lockWaitMs = 5000;
const cacheKiB = 8 * 1024;
const walKeptBytes = 64 * 1024 * 1024;

/** Sees to it that the file is as the migrations want it. */
export function prepareIndex(folder: string, migrations: readonly Migration[]): void {
  const steps = migrations.filter(({ rebuildable }) => rebuildable);
  if (steps.length === 0) return;
  try {
    makeTables(folder, steps);
  } catch {
    removeIndex(folder);
    makeTables(folder, steps);
  }
}

export const hasIndex = (folder: string): boolean => existsSync(join(folder, indexFile));

export function removeIndex(folder: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, indexFile + suffix), { force: true });
}

function makeTables(folder: string, steps: readonly Migration[]): void {
  using db = openIndex(folder);
  const wanted = Math.max(...steps.map(({ version }) => version));
  if (db.prepare('pragma search.user_version').get()?.['user_version'] === wanted) return;
  db.exec('begin immediate');
  const tables = db.prepare("select name from search.sqlite_master where type = 'table'").all();
  for (const { name } of tables) db.exec(`drop table search."${String(name)}"`);
  for (const { statements, sqlite = [] } of steps) for (const sql of [...statements, ...sqlite]) db.exec(sql);
  db.exec(`pragma search.user_version=${wanted}`);
  db.exec('commit');
}

/** A connection that writes it, and nothing else. */
export function openIndex(folder: string): DatabaseSync {
  const db = new DatabaseSync(':memory:', { timeout: lockWaitMs, enableForeignKeyConstraints: false });
  try {
    db.prepare('attach ? as search').run(join(folder, indexFile));
    db.exec(`pragma search.page_size=${pageBytes}; pragma search.auto_vacuum=incremental`);
    db.exec('pragma search.journal_mode=wal');
    db.exec(`pragma search.synchronous=normal; pragma search.journal_size_limit=${walKeptBytes}`);
    db.exec(`pragma search.cache_size=-${cacheKiB}; pragma temp_store=memory`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** For a connection that reads. */
export function attachIndex(db: DatabaseSync, folder: string): void {
  if (!hasIndex(folder)) return;
  db.prepare('attach ? as search').run(join(folder, indexFile));
  db.exec(`pragma search.cache_size=-${cacheKiB}`);
}

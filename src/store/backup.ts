/**
 * Backup and restore of the embedded store, while it runs.
 *
 * The order of a backup (backup-folder.ts) matters:
 *
 *   1. mail.db in one snapshot;
 *   2. events.db: events move from the first to the second, so taken later it has at least what the first has let go;
 *   3. bodies.
 *
 * A restore raises the store's generation: what was acknowledged after the backup is lost, and each account, at its first transaction, skips the
 * numbers that clients may have seen of it (mailbox part).
 */
import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import {
  copyBodies,
  lostMs,
  mustBeEmpty,
  readManifest,
  restoredStatements,
  syncFile,
  withSweepPaused,
  writeManifest,
  type BackupManifest,
  type BackupOptions,
  type RestoreOptions,
} from './backup-folder.ts';
import { syncFolder } from './bodies/folders.ts';
import { eventsFile, mailFile, openReader } from './sqlite/connection.ts';
import { bodiesFolder } from './sqlite/sqlite-store.ts';

/** Pages of one step: all of them, so that the copy is one snapshot and need not begin anew when others write. */
const allPages = 2 ** 31 - 1;

export async function backupSqlite({ folder, to, nowMs }: BackupOptions): Promise<BackupManifest> {
  await mustBeEmpty(to);
  return withSweepPaused(join(folder, bodiesFolder), async () => {
    await copyDatabase(join(folder, mailFile), join(to, mailFile));
    await copyDatabase(join(folder, eventsFile), join(to, eventsFile));
    const bodies = await copyBodies(join(folder, bodiesFolder), join(to, bodiesFolder));
    return writeManifest(to, { createdAtMs: nowMs, generation: readGeneration(to), bodies });
  });
}

export async function restoreSqlite({ from, to, nowMs }: RestoreOptions): Promise<BackupManifest> {
  const manifest = await readManifest(from);
  await mustBeEmpty(to);
  await copyBodies(join(from, bodiesFolder), join(to, bodiesFolder));
  for (const file of [eventsFile, mailFile]) {
    await copyFile(join(from, file), join(to, file), constants.COPYFILE_FICLONE);
    await syncFile(join(to, file));
  }
  raiseGeneration(join(to, mailFile), lostMs(manifest, nowMs));
  await syncFolder(to);
  return { ...manifest, generation: readGeneration(to) };
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 });
  try {
    await backup(source, to, { rate: allPages });
  } finally {
    source.close();
  }
  await syncFile(to);
}

function readGeneration(folder: string): number {
  const db = openReader(folder);
  try {
    const found = db.prepare("select value from store_info where name = 'generation'").get();
    return Number(found?.['value'] ?? 0);
  } finally {
    db.close();
  }
}

function raiseGeneration(path: string, lost: number): void {
  const db = new DatabaseSync(path);
  try {
    db.exec(['pragma synchronous=full', 'begin', ...restoredStatements(lost), 'commit'].join('; '));
  } finally {
    db.close();
  }
}

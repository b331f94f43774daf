/**
 * Backup and restore of the embedded store, while it runs.
 *
 * A backup is a folder: `mail.db`, `events.db`, `bodies/`, and at last `backup.json`; one without the last is not complete. Order matters:
 *
 *   1. mail.db in one snapshot;
 *   2. events.db: events move from the first to the second, so taken later it has at least what the first has let go;
 *   3. bodies: immutable, so what the snapshot of mail.db names is still there (the sweep pauses). Hard links where the file system can, else copies.
 *
 * A restore raises the store's generation: what was acknowledged after the backup is lost, and each account, at its first transaction, skips the
 * numbers that clients may have seen of it (mailbox part).
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { syncFolder } from './bodies/folders.ts';
import { listBodies } from './bodies/listing.ts';
import { bodyPath } from './bodies/file-bodies.ts';
import { eventsFile, mailFile, openReader } from './sqlite/connection.ts';
import { bodiesFolder } from './sqlite/sqlite-store.ts';
import { backupMarker } from './sweep.ts';

const manifestFile = 'backup.json';

/** Pages of one step: all of them, so that the copy is one snapshot and need not begin anew when others write. */
const allPages = 2 ** 31 - 1;

export interface BackupManifest {
  readonly createdAtMs: number;
  readonly generation: number;
  readonly bodies: number;
}

export interface BackupOptions {
  /** The store's folder; the server may be running on it. */
  readonly folder: string;
  /** Missing or empty. */
  readonly to: string;
  readonly nowMs: number;
}

export async function backupSqlite({ folder, to, nowMs }: BackupOptions): Promise<BackupManifest> {
  await mustBeEmpty(to);
  const marker = join(folder, bodiesFolder, backupMarker);
  await mkdir(dirname(marker), { recursive: true });
  await writeFile(marker, '');
  try {
    await copyDatabase(join(folder, mailFile), join(to, mailFile));
    await copyDatabase(join(folder, eventsFile), join(to, eventsFile));
    const bodies = await copyBodies(join(folder, bodiesFolder), join(to, bodiesFolder));
    const manifest = { createdAtMs: nowMs, generation: readGeneration(to), bodies };
    await writeFile(join(to, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    await syncFolder(to);
    return manifest;
  } finally {
    await rm(marker, { force: true });
  }
}

export interface RestoreOptions {
  readonly from: string;
  /** The new store's folder: missing or empty. */
  readonly to: string;
}

export async function restoreSqlite({ from, to }: RestoreOptions): Promise<BackupManifest> {
  const manifest = await readManifest(from);
  await mustBeEmpty(to);
  await copyBodies(join(from, bodiesFolder), join(to, bodiesFolder));
  for (const file of [eventsFile, mailFile]) {
    await copyFile(join(from, file), join(to, file), constants.COPYFILE_FICLONE);
    await syncFile(join(to, file));
  }
  raiseGeneration(join(to, mailFile));
  await syncFolder(to);
  return { ...manifest, generation: readGeneration(to) };
}

/** Rejects when the backup is not complete. */
export async function readManifest(from: string): Promise<BackupManifest> {
  try {
    return JSON.parse(await readFile(join(from, manifestFile), 'utf8')) as BackupManifest;
  } catch (error) {
    throw new Error(`${from} holds no complete backup`, { cause: error });
  }
}

async function mustBeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`);
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

/** Gives how many. Each folder is synced once all its files are there. */
async function copyBodies(from: string, to: string): Promise<number> {
  let count = 0;
  await mkdir(to, { recursive: true, mode: 0o700 });
  for await (const files of listBodies(from)) {
    if (files.length === 0) continue;
    const folder = dirname(join(to, bodyPath(files[0]!.name)));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const { name, path } of files) await linkOrCopy(path, join(folder, name));
    for (const each of [folder, dirname(folder)]) await syncFolder(each);
    count += files.length;
  }
  await syncFolder(to);
  return count;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await syncFile(to);
  }
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
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

function raiseGeneration(path: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec("pragma synchronous=full; update store_info set value = value + 1 where name = 'generation'");
  } finally {
    db.close();
  }
}

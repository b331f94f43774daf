/**
 * What backups of both engines have in common: a folder with the database, `bodies/`, and at last `backup.json`; one without the last is not complete.
 *
 * Bodies are taken after the database: they are immutable, so what it names is still there (the sweep pauses). Hard links where the file system can, else copies.
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bodyPath } from './bodies/file-bodies.ts';
import { syncFolder } from './bodies/folders.ts';
import { listBodies } from './bodies/listing.ts';
import { backupMarker } from './sweep.ts';

const manifestFile = 'backup.json';

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

export interface RestoreOptions {
  readonly from: string;
  /** The new store's folder: missing or empty. */
  readonly to: string;
  readonly nowMs: number;
}

/**
 * What a restore writes down in the restored database: another generation, and how long ago the backup was made. Numbers given out in that time may
 * have been seen, so the leap over them grows with it: the same backup, or an older one, restored once more leaps further.
 */
export const restoredStatements = (lostMs: number): readonly string[] => [
  "update store_info set value = value + 1 where name = 'generation'",
  `insert into store_info (name, value) values ('lost_ms', ${lostMs}) on conflict (name) do update set value = excluded.value`,
];

/** 0 when the clock was set back meanwhile. */
export const lostMs = ({ createdAtMs }: BackupManifest, nowMs: number): number =>
  Math.max(0, Math.ceil(nowMs - createdAtMs));

/** While `work` copies, no body is swept away. `bodies` is the folder of the bodies. */
export async function withSweepPaused<R>(bodies: string, work: () => Promise<R>): Promise<R> {
  const marker = join(bodies, backupMarker);
  await mkdir(bodies, { recursive: true });
  await writeFile(marker, '');
  try {
    return await work();
  } finally {
    await rm(marker, { force: true });
  }
}

/** Makes the backup complete. */
export async function writeManifest(to: string, manifest: BackupManifest): Promise<BackupManifest> {
  await writeFile(join(to, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  await syncFolder(to);
  return manifest;
}

/** Rejects when the backup is not complete. */
export async function readManifest(from: string): Promise<BackupManifest> {
  try {
    return JSON.parse(await readFile(join(from, manifestFile), 'utf8')) as BackupManifest;
  } catch (error) {
    throw new Error(`${from} holds no complete backup`, { cause: error });
  }
}

export async function mustBeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`);
}

/** Gives how many. Each folder is synced once all its files are there. */
export async function copyBodies(from: string, to: string): Promise<number> {
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

export async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}

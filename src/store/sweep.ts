/**
 * Removes the files of bodies that no row names any more. Deleting mail never touches files: this does, later, so no delete can race with a
 * reader, a copy or a backup.
 *
 * A file is removed when it is older than a day and no reference query finds it: an operation names a body minutes after it was written at the
 * latest, and copies a name only from a row that still has it. Crash-safe: each removal stands alone. Pauses while a backup runs.
 */
import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { listBodies, listUnfinished, type BodyFile } from './bodies/listing.ts';
import { namesPerQuery, referenced, type BodyReference } from './references.ts';
import type { Store } from './store.ts';

/** Younger files are left alone: whoever wrote them may still be about to name them. */
const ageMinMs = 24 * 60 * 60 * 1000;

/** Lies beside the bodies while a backup copies them. One that is older than a day was left by a crash. */
export const backupMarker = 'backup-running';

export interface SweepOptions {
  readonly store: Store;
  /** The folder that the store's bodies are in. */
  readonly folder: string;
  readonly references: readonly BodyReference[];
  readonly nowMs: number;
}

export interface Swept {
  readonly removed: number;
  readonly kept: number;
}

export async function sweepBodies(options: SweepOptions): Promise<Swept> {
  const { folder, nowMs } = options;
  let removed = 0;
  let kept = 0;
  for (const file of await old(await listUnfinished(folder), nowMs)) removed += await remove(file);
  for await (const files of listBodies(folder)) {
    if (await backupRuns(folder, nowMs)) break;
    const candidates = await old(files, nowMs);
    const gone = await unreferenced(candidates, options);
    for (const file of gone) removed += await remove(file);
    kept += files.length - gone.length;
  }
  return { removed, kept };
}

async function backupRuns(folder: string, nowMs: number): Promise<boolean> {
  const marker = { name: backupMarker, path: join(folder, backupMarker) };
  const found = await stat(marker.path).catch(() => undefined);
  return found !== undefined && nowMs - found.mtimeMs < ageMinMs;
}

async function old(files: readonly BodyFile[], nowMs: number): Promise<BodyFile[]> {
  const found: BodyFile[] = [];
  for (const file of files) {
    const { mtimeMs } = await stat(file.path).catch(() => ({ mtimeMs: nowMs }));
    if (nowMs - mtimeMs >= ageMinMs) found.push(file);
  }
  return found;
}

async function unreferenced(
  files: readonly BodyFile[],
  { store, references }: SweepOptions,
): Promise<BodyFile[]> {
  const gone: BodyFile[] = [];
  for (let at = 0; at < files.length; at += namesPerQuery) {
    const some = files.slice(at, at + namesPerQuery);
    const names = some.map(({ name }) => name);
    const used = await store.read(() => referenced(names, references));
    gone.push(...some.filter(({ name }) => !used.has(name)));
  }
  return gone;
}

async function remove({ path }: BodyFile): Promise<number> {
  try {
    await unlink(path);
    return 1;
  } catch {
    return 0;
  }
}

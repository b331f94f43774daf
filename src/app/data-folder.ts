/** What lies where in the data folder. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface DataFolder {
  readonly root: string;
  /** Databases and bodies (store). */
  readonly store: string;
  /** The self-signed certificate, made at first start. */
  readonly tls: string;
  /** The command line talks to the running server here; only its owner may. */
  readonly controlSocket: string;
  /** Conversations that an administrator has had written down. */
  readonly transcripts: string;
}

export function dataFolder(path: string): DataFolder {
  const root = resolve(path);
  return {
    root,
    store: join(root, 'store'),
    tls: join(root, 'tls'),
    controlSocket: join(root, 'control.sock'),
    transcripts: join(root, 'transcripts'),
  };
}

/** Only the owner may look in: bodies and keys are inside. */
export function makeDataFolder(folder: DataFolder): void {
  for (const path of [folder.root, folder.store, folder.tls])
    mkdirSync(path, { recursive: true, mode: 0o700 });
}

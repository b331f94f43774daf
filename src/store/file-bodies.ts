/** Bodies as files in a folder: for PostgreSQL, whose nodes share one file system. (SQLite's store has its own beside the database.) */
import { join } from 'node:path';
import { FileBodies } from './bodies/file-bodies.ts';
import type { Bodies } from './body.ts';

/** Within the store's folder. */
export const bodiesFolder = 'bodies';

export function openFileBodies(folder: string): Bodies {
  return new FileBodies(join(folder, bodiesFolder));
}

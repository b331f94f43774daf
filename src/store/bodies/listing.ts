/** What lies in a folder of bodies, one sub-folder at a time, so that memory does not grow with the store. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bodyPath, temporaryFolder } from './file-bodies.ts';

export interface BodyFile {
  readonly name: string;
  readonly path: string;
}

/** The bodies of each sub-folder in turn. A folder that does not exist holds none. */
export async function* listBodies(root: string): AsyncGenerator<readonly BodyFile[], void, void> {
  for (const first of await entries(root)) {
    if (!/^[0-9a-f]{2}$/.test(first)) continue;
    for (const second of await entries(join(root, first))) {
      const names = await entries(join(root, first, second));
      yield names.filter(isBody).map((name) => ({ name, path: join(root, first, second, name) }));
    }
  }
}

/** Files of bodies that were never finished. */
export async function listUnfinished(root: string): Promise<readonly BodyFile[]> {
  const folder = join(root, temporaryFolder);
  return (await entries(folder)).map((name) => ({ name, path: join(folder, name) }));
}

async function entries(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

function isBody(name: string): boolean {
  try {
    return bodyPath(name) !== '';
  } catch {
    return false;
  }
}

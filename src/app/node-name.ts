/**
 * The name of this node among those on one PostgreSQL: made at its first start and kept in its data folder, for nodes may share a host name. Whoever copies a data folder for another
 * node leaves the file `node` out.
 */
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { newSecret } from '../base/ids.ts';

const nameBytes = 9;

/** `root`: the data folder. */
export function nodeName(root: string): string {
  const path = join(root, 'node');
  const known = readName(path);
  if (known !== undefined) return known;
  // Whole or not at all, also over a crash.
  const made = `${path}.${newSecret(nameBytes)}`;
  const file = openSync(made, 'wx', 0o600);
  writeSync(file, `${newSecret(nameBytes)}\n`);
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(made, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(made);
  }
  return readName(path)!;
}

function readName(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

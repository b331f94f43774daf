/**
 * Names of files for names of mail. Some file systems do not tell `A` from `a`, or a letter from the same letter with its mark apart: the second of two
 * such names gets a number, so that neither takes the place of the other.
 */
import { join } from 'node:path';
import { fileLevel } from './whole-file.ts';

export class FileNames {
  /** Where a level stands, folded, to the level that has it. */
  readonly #taken = new Map<string, string>();

  /** A path below nothing; the same levels have the same one again. `ending` belongs to the last. */
  path(levels: readonly string[], ending = ''): string {
    let path = '';
    for (const [at, level] of levels.entries()) {
      path = this.#below(path, level, at === levels.length - 1 ? ending : '');
    }
    return path;
  }

  #below(parent: string, level: string, ending: string): string {
    const name = fileLevel(level);
    for (let number = 1; ; number++) {
      const file = `${number === 1 ? name : `${name} (${number})`}${ending}`;
      const path = join(parent, file);
      const key = folded(path);
      const owner = this.#taken.get(key) ?? level;
      if (owner !== level) continue;
      this.#taken.set(key, level);
      return path;
    }
  }
}

/** What no usual file system tells apart. */
const folded = (path: string): string =>
  path
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[. ]+$/gm, '');

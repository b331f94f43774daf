/**
 * The folders of bodies: made on demand, each made durable in its parent, and synced once for all files that were renamed into it
 * at about the same time.
 *
 * Group sync: a caller that comes while a sync of its folder is running waits for the next one, as its rename may have come too
 * late for the running one.
 */
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface Syncing {
  readonly running: Promise<void>;
  next?: Promise<void>;
}

export class Folders {
  readonly root: string;
  readonly #known = new Map<string, Promise<string>>();
  readonly #syncing = new Map<string, Syncing>();

  constructor(root: string) {
    this.root = root;
  }

  /** Makes the folder `path` below the root, durably. Gives its whole path. */
  ensure(path: string): Promise<string> {
    const known = this.#known.get(path);
    if (known) return known;
    const made = this.#make(path);
    this.#known.set(path, made);
    made.catch(() => this.#known.delete(path));
    return made;
  }

  async #make(path: string): Promise<string> {
    const folder = join(this.root, path);
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first === undefined) return folder;
    // `first` is the highest folder that was made: from its parent down, each entry must reach the disk.
    for (let at = folder; at.length >= first.length; at = dirname(at)) await this.sync(dirname(at));
    return folder;
  }

  /** Resolves when everything that was in the folder at the time of the call is durable. */
  sync(folder: string): Promise<void> {
    const now = this.#syncing.get(folder);
    if (!now) return this.#start(folder);
    now.next ??= now.running.then(
      () => this.#start(folder),
      () => this.#start(folder),
    );
    return now.next;
  }

  #start(folder: string): Promise<void> {
    const running = syncFolder(folder);
    const entry: Syncing = { running };
    this.#syncing.set(folder, entry);
    const ended = (): void => {
      if (this.#syncing.get(folder) === entry && !entry.next) this.#syncing.delete(folder);
    };
    running.then(ended, ended);
    return running;
  }
}

export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

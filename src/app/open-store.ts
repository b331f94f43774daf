/** Opens the store that the settings name: in the main thread the whole of it, in other threads their own access to it. */
import type { Log } from '../base/log.ts';
import type { Settings } from '../config/schema.ts';
import { openFileBodies } from '../store/file-bodies.ts';
import { openPostgres } from '../store/open-postgres.ts';
import { attachSqlite, openSqlite, type Attachment, type CommitCounts } from '../store/open-sqlite.ts';
import type { Store } from '../store/store.ts';
import { dataFolder } from './data-folder.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

const mebibyte = 1024 * 1024;

export interface StoreHost extends AsyncDisposable {
  /** The main thread's own store. */
  readonly store: Store;
  /** For one other thread; undefined when each connects by itself (PostgreSQL). */
  attach(): Attachment | undefined;
  /** How commits went; undefined when another process makes them (PostgreSQL). */
  commits?(): CommitCounts;
}

/** Rejects when the store is unsafe, damaged, newer than this program, or in use by another process. */
export async function openStoreHost(settings: Settings, log: Log): Promise<StoreHost> {
  if (settings.store.engine === 'postgres') {
    const store = await connect(settings, log);
    return { store, attach: () => undefined, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  }
  return openSqlite({
    folder: dataFolder(settings.data).store,
    migrations,
    operations: new URL('./operations.ts', import.meta.url).href,
    log,
    space: { freeMinBytes: settings.store.freeSpaceMinMiB * mebibyte },
  });
}

export async function openThreadStore(
  settings: Settings,
  attachment: Attachment | undefined,
  log: Log,
): Promise<Store> {
  return attachment === undefined ? connect(settings, log) : attachSqlite(attachment, log);
}

function connect(settings: Settings, log: Log): Promise<Store> {
  return openPostgres({
    url: settings.store.url,
    migrations,
    operations,
    bodies: openFileBodies(dataFolder(settings.data).store),
    connections: { write: settings.store.connections },
    allowUnsafe: settings.store.allowUnsafe,
    log,
  });
}

/**
 * Opens the embedded store. `openSqlite` is called once, in the main thread: it starts the writer thread (and, at the first scan, the scan thread) and
 * hands out attachments, one for each other thread, which opens its own `Store` with `attachSqlite`.
 *
 * The folder belongs to one process at a time; a second one is refused.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { silentLog } from '../base/log.ts';
import { CommitStats, newCommitStats, type CommitCounts } from './sqlite/commit-stats.ts';
import { defaultSpaceLimits, type SpaceLimits } from './sqlite/space.ts';
import type { Connect, Notice, ThreadData } from './sqlite/messages.ts';
import { SqliteStore } from './sqlite/sqlite-store.ts';
import { newStatus } from './sqlite/status.ts';
import { StorageThread } from './sqlite/thread.ts';
import type { Migration, Store } from './store.ts';

export type { CommitCounts } from './sqlite/commit-stats.ts';
export type { SpaceLimits } from './sqlite/space.ts';

/** Heaps of the storage threads, in MiB: statements and groups are small; bodies lie outside the heap. */
const writerLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };
const scanLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };

export interface SqliteOptions {
  /** Holds everything: databases, bodies, ballast. Made when missing. */
  readonly folder: string;
  readonly migrations: readonly Migration[];
  /** URL of a module that exports `operations`, loaded by the storage threads. */
  readonly operations: string;
  readonly log?: Log;
  readonly space?: Partial<SpaceLimits>;
  /** False only in tests: commits are not synced to disk. */
  readonly durable?: boolean;
}

/** Passed to another thread by `postMessage(attachment, transferList(attachment))` or as `workerData`. */
export interface Attachment {
  readonly folder: string;
  readonly main: MessagePort;
  readonly status: SharedArrayBuffer;
}

export interface SqliteHost extends AsyncDisposable {
  /** The main thread's own store. */
  readonly store: Store;
  /** A line for one other thread. */
  attach(): Attachment;
  /** How the writer's commits went since the start. */
  commits(): CommitCounts;
}

export const transferList = (attachment: Attachment): Transferable[] => [attachment.main];

/** Rejects when the database is unsafe, damaged, newer than this program, or in use by another process. */
export async function openSqlite(options: SqliteOptions): Promise<SqliteHost> {
  const host = new Host(options);
  try {
    await host.start();
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
  return host;
}

/** The store of a thread that was given an attachment. */
export function attachSqlite(attachment: Attachment, log: Log = silentLog): Store {
  return new SqliteStore({
    ...attachment,
    listenerFailed: (error) => log.error({ error }, 'a listener of hints failed'),
  });
}

class Host implements SqliteHost {
  readonly #options: SqliteOptions;
  readonly #log: Log;
  readonly #lock: DatabaseSync;
  readonly #status = newStatus();
  readonly #commits = newCommitStats();
  readonly #writer: StorageThread;
  readonly #scanner: StorageThread;
  readonly #lines = new Set<MessagePort>();
  #store: Store | undefined;

  constructor(options: SqliteOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#lock = lockFolder(options.folder);
    this.#writer = this.#thread('writer', writerLimits);
    this.#scanner = this.#thread('scan', scanLimits);
  }

  #thread(which: 'writer' | 'scan', limits: typeof writerLimits): StorageThread {
    const { folder, operations, migrations, space, durable = true } = this.#options;
    const data: ThreadData = {
      folder,
      operations,
      migrations: which === 'writer' ? migrations : [],
      space: { ...defaultSpaceLimits, ...space },
      durable,
      status: this.#status,
      commits: this.#commits,
    };
    return new StorageThread({
      module: new URL(`./sqlite/${which}-thread.ts`, import.meta.url),
      name: `store ${which}`,
      data,
      limits,
      clock: systemClock,
      onNotice: (notice) => this.#notice(notice),
      onCrash: (error) =>
        this.#log.error({ error, thread: which }, 'a storage thread stopped; it is started again'),
    });
  }

  async start(): Promise<void> {
    await this.#writer.start();
    this.#store = attachSqlite(this.attach(), this.#log);
  }

  get store(): Store {
    return this.#store!;
  }

  commits(): CommitCounts {
    return new CommitStats(this.#commits).read();
  }

  attach(): Attachment {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', ({ to, port, interest }: Connect) => {
      (to === 'writer' ? this.#writer : this.#scanner).serve({ port, interest });
    });
    port1.on('close', () => this.#lines.delete(port1));
    // A thread that waits for nothing else may end; the line does not keep the main thread alive either.
    port1.unref();
    this.#lines.add(port1);
    return { folder: this.#options.folder, main: port2, status: this.#status };
  }

  #notice(notice: Notice): void {
    if (notice.is !== 'state') return;
    const { health, reason } = notice;
    if (health.state === 'ok') this.#log.info({ ...health, reason }, 'storage is well again');
    else this.#log.error({ ...health, reason }, `storage is ${health.state}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.[Symbol.asyncDispose]();
    await Promise.all([this.#writer.stop(), this.#scanner.stop()]);
    for (const line of this.#lines) line.close();
    if (this.#lock.isOpen) this.#lock.close();
  }
}

/** Holds a lock on the folder for as long as the process lives; the kernel gives it back however that ends. */
function lockFolder(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(folder, 'lock.db'), { timeout: 0 });
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    throw new Error(`another Hikyaku is running on ${folder}`, { cause: error });
  }
}

/**
 * A store for tests: SQLite in a temporary folder, everything in the calling thread, the same rules as the real one. Operations of one turn
 * of the event loop commit together; arguments and results are cloned as if they crossed to another thread; hints come after the commit.
 * Commits are not synced to disk, so tests are quick.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../base/refusal.ts';
import { FileBodies } from './bodies/file-bodies.ts';
import type { Bodies } from './body.ts';
import { HintListeners, type HintSet } from './core/hints.ts';
import { operationsByName } from './core/operations.ts';
import type { AnyOperation, Operation } from './operation.ts';
import { GroupCommit, type Answer } from './sqlite/commit.ts';
import { openWriter } from './sqlite/connection.ts';
import { prepareIndex } from './sqlite/index-file.ts';
import { migrate } from './sqlite/migrate.ts';
import { Reader } from './sqlite/reader.ts';
import { Statements } from './sqlite/statements.ts';
import type { Migration, Store, StoreHealth } from './store.ts';
import type { Transaction } from './transaction.ts';

export interface TestStoreOptions {
  readonly migrations: readonly Migration[];
  readonly operations: readonly AnyOperation[];
  /** What `now_ms()` says; the system's time when absent. */
  readonly time?: () => number;
}

export interface TestStore extends Store {
  /** Where the database and the bodies are. */
  readonly folder: string;
  close(): Promise<void>;
}

/** The folder is removed when the store is closed. */
export async function openTestStore(options: TestStoreOptions): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-store-'));
  try {
    return new InThreadStore(folder, options);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A listener that throws fails the test that is running, without keeping the others from hearing. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

interface Waiting {
  readonly name: string;
  readonly args: unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

class InThreadStore implements TestStore {
  readonly engine = 'sqlite';
  readonly folder: string;
  readonly bodies: Bodies;
  readonly #db: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #reader: Reader;
  readonly #operations: ReadonlyMap<string, AnyOperation>;
  readonly #listeners = new HintListeners(throwLater);
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(folder: string, { migrations, operations, time }: TestStoreOptions) {
    this.folder = folder;
    this.#db = openWriter({ folder, durable: false }, time);
    migrate(this.#db, new Statements(this.#db), migrations);
    prepareIndex(folder, migrations);
    this.#operations = operationsByName(operations);
    this.#group = new GroupCommit(this.#db, this.#operations);
    this.#reader = new Reader(folder, time);
    this.bodies = new FileBodies(join(folder, 'bodies'));
  }

  write<A, R>(operation: Operation<A, R>, args: A): Promise<R> {
    if (this.#closed) return Promise.reject(new Refusal('shuttingDown', 'the store is closed'));
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ name: operation.name, args: structuredClone(args), resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  async read<R>(body: () => Transaction<R>): Promise<R> {
    if (this.#closed) throw new Refusal('shuttingDown', 'the store is closed');
    return this.#reader.run(body());
  }

  async scan<A, R>(operation: Operation<A, R>, args: A): Promise<R> {
    const known = this.#operations.get(operation.name);
    if (!known) throw new Error(`no operation is called ${operation.name}`);
    const crossing = structuredClone(args);
    const result = await this.read(() => known.body(crossing as never) as Transaction<R>);
    return structuredClone(result);
  }

  onHint(topic: string, listener: (key: string) => void): Disposable {
    return this.#listeners.add(topic, listener);
  }

  health(): StoreHealth {
    return { state: 'ok' };
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    const hints: HintSet = new Map();
    let answers: Answer[];
    try {
      answers = this.#group.run(batch, hints);
    } catch (error) {
      for (const { reject } of batch) reject(new Refusal('storageBusy', String(error), { cause: error }));
      return;
    }
    for (const [i, answer] of answers.entries()) {
      if (answer.is === 'done') batch[i]!.resolve(structuredClone(answer.value) as never);
      else batch[i]!.reject(answer.error);
    }
    this.#listeners.tellAll(hints);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#reader[Symbol.dispose]();
    this.#db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

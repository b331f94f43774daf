/**
 * The rebuildable tables (store.ts, Migration) as the one who fills them sees them. With SQLite a connection of its own to their file, in the calling thread, which must be none that
 * serves anybody; with PostgreSQL the store itself.
 */
import { drive } from './sqlite/drive.ts';
import { openIndex } from './sqlite/index-file.ts';
import { Statements } from './sqlite/statements.ts';
import type { Operation } from './operation.ts';
import type { Store } from './store.ts';

export interface IndexStore extends AsyncDisposable {
  write<A, R>(operation: Operation<A, R>, args: A): Promise<R>;
  /** Gives room that was freed back to the file system, where that is for us to do. */
  shrink(): void;
}

/** `folder` is the store's. */
export function openSqliteIndex(folder: string): IndexStore {
  const db = openIndex(folder);
  const statements = new Statements(db);
  return {
    async write(operation, args) {
      db.exec('begin immediate');
      try {
        const result = drive(statements, operation.body(args), new Map());
        db.exec('commit');
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
    },
    shrink: () => db.exec('pragma search.incremental_vacuum'),
    [Symbol.asyncDispose]: async () => db.close(),
  };
}

export function indexInStore(store: Store): IndexStore {
  return {
    write: (operation, args) => store.write(operation, args),
    // The server's own vacuum does.
    shrink: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Removes it; nobody may have it open. It is there again, empty, when the store is opened. */
export { hasIndex, removeIndex } from './sqlite/index-file.ts';

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operations } from '../contract-operations.ts';
import { storeContract, type Lab } from '../contract.ts';
import { attachSqlite, openSqlite, type SqliteHost } from '../open-sqlite.ts';
import type { Migration, Store } from '../store.ts';
import { openTestStore } from '../testing.ts';

async function threadedLab(): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-sqlite-'));
  let host: SqliteHost | undefined;
  return {
    async open(migrations) {
      const opened = await openSqlite({
        folder,
        migrations,
        operations: new URL('../contract-operations.ts', import.meta.url).href,
        space: { ballastBytes: 0 },
      });
      host = opened;
      return closingWith(opened.store, () => opened[Symbol.asyncDispose]());
    },
    another: async () => attachSqlite(host!.attach()),
    async [Symbol.asyncDispose]() {
      await host?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The store, whose disposal is `close`. */
function closingWith(store: Store, close: () => PromiseLike<void>): Store {
  return {
    engine: store.engine,
    bodies: store.bodies,
    write: (operation, args) => store.write(operation, args),
    read: (body) => store.read(body),
    scan: (operation, args) => store.scan(operation, args),
    onHint: (topic, listener) => store.onHint(topic, listener),
    health: () => store.health(),
    [Symbol.asyncDispose]: close,
  };
}

storeContract({ name: 'SQLite with a writer thread', lasts: true, lab: threadedLab });
storeContract({
  name: 'SQLite in the calling thread, for tests',
  lasts: false,
  lab: async () => ({
    open: (migrations: readonly Migration[]) => openTestStore({ migrations, operations }),
    [Symbol.asyncDispose]: async () => {},
  }),
});

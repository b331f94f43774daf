/** Stores on a real PostgreSQL for tests beside the code: a server of their own, whose data need not outlive them, and a new database for each store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { openFileBodies } from '../src/store/file-bodies.ts';
import { openPostgres, type PostgresOptions } from '../src/store/open-postgres.ts';
import type { Store } from '../src/store/store.ts';
import { missingPostgres, startPostgres, type PostgresServer } from './postgres-server.ts';

export type StoreParts = Pick<PostgresOptions, 'migrations' | 'operations'>;

/** For a single test. */
export const onPostgres = { skip: missingPostgres, timeout: 120_000 };

export class TestPostgres implements AsyncDisposable {
  readonly #server: PostgresServer;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hikyaku-pg-bodies-'));

  private constructor(server: PostgresServer) {
    this.#server = server;
  }

  static async start(): Promise<TestPostgres> {
    return new TestPostgres(await startPostgres({ settings: ['fsync=off'] }));
  }

  open(parts: StoreParts): Promise<Store> {
    const bodies = openFileBodies(this.#folder);
    return openPostgres({ url: this.#server.database(), ...parts, bodies, allowUnsafe: ['fsync'] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Tests that share a server; `open` is for them alone. */
export function describePostgres(name: string, body: (open: TestPostgres['open']) => void): void {
  describe(name, onPostgres, () => {
    let postgres: TestPostgres;
    before(async () => {
      postgres = await TestPostgres.start();
    });
    after(() => postgres?.[Symbol.asyncDispose]());
    body((parts) => postgres.open(parts));
  });
}

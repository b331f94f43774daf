import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { missingPostgres, startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { FileBodies } from '../bodies/file-bodies.ts';
import { operations } from '../contract-operations.ts';
import { storeContract, type Lab } from '../contract.ts';
import { openPostgres } from '../open-postgres.ts';
import type { Migration, Store } from '../store.ts';

let server: PostgresServer | undefined;
const folder = mkdtempSync(join(tmpdir(), 'hikyaku-pg-bodies-'));

before(async () => {
  if (!missingPostgres) server = await startPostgres();
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function lab(): Promise<Lab> {
  const url = server!.database();
  const open = (migrations: readonly Migration[]): Promise<Store> =>
    openPostgres({ url, migrations, operations, bodies: new FileBodies(folder) });
  let last: readonly Migration[] = [];
  return {
    open: (migrations) => {
      last = migrations;
      return open(migrations);
    },
    another: () => open(last),
    [Symbol.asyncDispose]: async () => {},
  };
}

storeContract({ name: 'PostgreSQL', lasts: true, lab, skip: missingPostgres });

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { missingPostgres, type PostgresServer, startPostgres } from '../../test/postgres-server.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { FileBodies } from '../store/bodies/file-bodies.ts';
import { openPostgres } from '../store/open-postgres.ts';
import { contractOperations, mailboxesContract } from './contract/mailboxes.ts';
import { dropStoreContract } from './contract/drop-store.ts';
import { importsContract } from './contract/imports.ts';
import { junkVotesContract } from './contract/junk-votes.ts';
import { modelContract } from './contract/model.ts';
import { indexedSearchContract } from './contract/indexed-search.ts';
import { placeContract } from './contract/place.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

describe('mailboxes on PostgreSQL', { skip: missingPostgres, timeout: 120_000 }, () => {
  let server: PostgresServer;
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-mailbox-pg-'));
  before(async () => {
    server = await startPostgres({ settings: ['fsync=off'] });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const engine = {
    open: () =>
      openPostgres({
        url: server.database(),
        migrations: [...eventMigrations, ...migrations],
        operations: [...operations, ...contractOperations],
        bodies: new FileBodies(folder),
        allowUnsafe: ['fsync'],
      }),
    runs: 8,
  };
  placeContract(engine);
  mailboxesContract(engine);
  importsContract(engine);
  modelContract(engine);
  dropStoreContract(engine);
  indexedSearchContract(engine);
  junkVotesContract(engine);
});

/** Storms on both engines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FileBodies } from '../../src/store/bodies/file-bodies.ts';
import { openPostgres } from '../../src/store/open-postgres.ts';
import { openImapWorld } from '../interop/imap-world.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../postgres-server.ts';
import { comingAndGoing, storm } from './imap-storm.ts';
import { treeStorm } from './tree-storm.ts';

describe('many sessions in one mailbox', { timeout: 120_000 }, () => {
  for (const seed of [1, 2, 3]) {
    test(`all of them see the same in the end (${seed})`, async () => {
      await using world = await openImapWorld();
      await storm(world, { steps: 60, seed });
    });
  }

  test('the tree of mailboxes holds, whoever makes, renames and deletes', async () => {
    await using world = await openImapWorld();
    await treeStorm(world, { steps: 120, seed: 5 });
  });

  test('who was away catches up by QRESYNC and CONDSTORE from any moment', async () => {
    await using world = await openImapWorld();
    await comingAndGoing(world, { steps: 40, seed: 7 });
  });
});

describe('many sessions in one mailbox, on PostgreSQL', { skip: missingPostgres, timeout: 120_000 }, () => {
  let server: PostgresServer;
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-storm-pg-'));
  before(async () => {
    server = await startPostgres({ settings: ['fsync=off'] });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = () =>
    openImapWorld({
      openStore: (parts) =>
        openPostgres({
          url: server.database(),
          ...parts,
          bodies: new FileBodies(folder),
          allowUnsafe: ['fsync'],
        }),
    });

  test('all of them see the same in the end', async () => {
    await using world = await open();
    await storm(world, { steps: 25, seed: 4 });
  });

  test('the tree of mailboxes holds, whoever makes, renames and deletes', async () => {
    await using world = await open();
    await treeStorm(world, { steps: 40, seed: 6 });
  });

  test('who was away catches up by QRESYNC and CONDSTORE from any moment', async () => {
    await using world = await open();
    await comingAndGoing(world, { steps: 15, seed: 8 });
  });
});

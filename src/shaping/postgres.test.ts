import { test } from 'node:test';
import { onPostgres, TestPostgres } from '../../test/test-postgres.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { nodesShare, statesAreKept } from './testing-contract.ts';

test('what was learned is kept, and nodes share limits (PostgreSQL)', onPostgres, async () => {
  await using postgres = await TestPostgres.start();
  await using store = await postgres.open({ migrations, operations });
  await statesAreKept(store);
  await nodesShare(store);
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { missingPostgres, startPostgres } from '../../test/postgres-server.ts';
import { silentLog } from '../base/log.ts';
import { openFileBodies } from '../store/file-bodies.ts';
import { openPostgres } from '../store/open-postgres.ts';
import { rows } from '../store/transaction.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

test('every whole number on PostgreSQL has room for milliseconds and bytes', {
  skip: missingPostgres,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-schema-'));
  await using server = await startPostgres();
  await using store = await openPostgres({
    url: server.database(),
    migrations,
    operations,
    bodies: openFileBodies(folder),
    log: silentLog,
  });
  const columns = await store.read(() =>
    rows<{ place: string; type: string }>(
      `select table_name || '.' || column_name as place, data_type as type from information_schema.columns
       where table_schema in ('public', 'events')`,
    ),
  );
  assert.ok(columns.length > 100);
  assert.deepEqual(
    columns.filter(({ type }) => type === 'integer' || type === 'smallint').map(({ place }) => place),
    [],
  );
  rmSync(folder, { recursive: true });
});

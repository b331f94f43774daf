/** Applies the pending migrations to a PostgreSQL database: all of them in one transaction, one process at a time. */
import type { Pool, PoolClient } from 'pg';
import { ownTables, pendingMigrations, recordVersion, type AppliedVersion } from '../core/pending.ts';
import type { Migration } from '../store.ts';
import { toPositional, toPostgresSchema } from './dialect.ts';
import { hintTable } from './hints.ts';

/** `now_ms()`: the server's wall time, also within a transaction that has been running for a while. */
const nowFunction = `create or replace function now_ms() returns bigint language sql volatile
  as 'select (extract(epoch from clock_timestamp()) * 1000)::bigint'`;

/** Key of the advisory lock that is held while migrating: any number that nobody else uses. */
const lockKey = 4_707_153;

export async function migrate(pool: Pool, migrations: readonly Migration[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(${lockKey})`);
    await client.query('create schema if not exists events');
    await client.query('create schema if not exists search');
    for (const sql of ownTables) await client.query(toPostgresSchema(sql));
    for (const sql of hintTable) await client.query(sql);
    await client.query(nowFunction);
    const { rows } = await client.query('select part, version from schema_version');
    for (const step of pendingMigrations(rows as AppliedVersion[], migrations)) {
      for (const sql of step.statements) await apply(client, step, toPostgresSchema(sql));
      for (const sql of step.postgres ?? []) await apply(client, step, sql);
      await client.query(toPositional(recordVersion), [step.part, step.version]);
    }
    await client.query('commit');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function apply(client: PoolClient, step: Migration, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    throw new Error(`migration ${step.part} ${step.version} failed at: ${sql}`, { cause: error });
  }
}

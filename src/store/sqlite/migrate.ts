/** Applies the pending migrations to a SQLite database: all of them in one transaction, so that a half-made schema cannot be. */
import type { DatabaseSync } from 'node:sqlite';
import { pendingMigrations, recordVersion, ownTables, type AppliedVersion } from '../core/pending.ts';
import type { Migration } from '../store.ts';
import type { Statements } from './statements.ts';

export function migrate(db: DatabaseSync, statements: Statements, migrations: readonly Migration[]): void {
  db.exec('begin immediate');
  try {
    for (const sql of ownTables) db.exec(sql);
    const applied = statements.run({ sql: 'select part, version from schema_version', params: [] });
    const lasting = migrations.filter(({ rebuildable }) => !rebuildable);
    for (const step of pendingMigrations(applied as unknown as AppliedVersion[], lasting)) {
      for (const sql of [...step.statements, ...(step.sqlite ?? [])]) apply(db, step, sql);
      statements.run({ sql: recordVersion, params: [step.part, step.version] });
    }
    db.exec('commit');
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}

function apply(db: DatabaseSync, step: Migration, sql: string): void {
  try {
    db.exec(sql);
  } catch (error) {
    throw new Error(`migration ${step.part} ${step.version} failed at: ${sql}`, { cause: error });
  }
}

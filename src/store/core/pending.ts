/**
 * Which migrations a database still needs, and whether this program may use it at all. Both engines share this; how a step is
 * written down is theirs.
 *
 * Invariant of the table `schema_version`: one row per part, its version the highest step applied. Steps of a part are numbered
 * 1, 2, 3 … without gaps and never change once released.
 */
import type { Migration } from '../store.ts';

export interface AppliedVersion {
  readonly part: string;
  readonly version: number;
}

/** The database cannot be used by this program: newer than it, or its list of migrations is wrong. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/**
 * Made before the first migration. `store_info` holds `generation`: 1 at first, raised by every restore from a backup, so that each account can
 * tell that it may have lost its newest changes and skip the numbers a client may have seen of them; and `lost_ms`, the age of that backup.
 */
export const ownTables: readonly string[] = [
  'create table if not exists schema_version (part text not null primary key, version integer not null)',
  'create table if not exists store_info (name text not null primary key, value integer not null)',
  "insert into store_info (name, value) values ('generation', 1) on conflict (name) do nothing",
];
export const recordVersion =
  'insert into schema_version (part, version) values (?, ?) on conflict (part) do update set version = excluded.version';

/** The steps to apply, in the order given. Throws when the database was made by a newer program. */
export function pendingMigrations(
  applied: readonly AppliedVersion[],
  migrations: readonly Migration[],
): readonly Migration[] {
  const newest = newestVersions(migrations);
  for (const { part, version } of applied) {
    const known = newest.get(part) ?? 0;
    if (version > known) {
      throw new SchemaError(
        `the database was made by a newer Hikyaku: ${part} is at version ${version}, this one knows ${known}`,
      );
    }
  }
  const at = new Map(applied.map(({ part, version }) => [part, version]));
  return migrations.filter(({ part, version }) => version > (at.get(part) ?? 0));
}

function newestVersions(migrations: readonly Migration[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { part, version } of migrations) {
    const before = newest.get(part) ?? 0;
    if (version !== before + 1) {
      throw new SchemaError(
        `migrations of ${part} must be numbered 1, 2, 3 in order; found ${version} after ${before}`,
      );
    }
    newest.set(part, version);
  }
  return newest;
}

/**
 * Checks what only the store can: that the database files are whole, that every body a row names is there, and how many files nobody names (the sweep
 * removes those in time: no fault). Recounts of quotas and counters belong to the parts whose tables they are.
 *
 * Works on a folder in use as well as on a backup.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { bodyPath } from './bodies/file-bodies.ts';
import { listBodies } from './bodies/listing.ts';
import { namesPerQuery, referenced, referencedPage, type BodyReference } from './references.ts';
import { openReader } from './sqlite/connection.ts';
import { Reader } from './sqlite/reader.ts';
import { bodiesFolder } from './sqlite/sqlite-store.ts';

/** Problems of each kind that are listed; the counts are always whole. */
const listedMax = 100;
const pageNames = 500;

export interface CheckReport {
  /** What SQLite found wrong in its files; empty when they are whole. */
  readonly damage: readonly string[];
  readonly bodiesNamed: number;
  /** Named by a row, but not there: lost mail. */
  readonly bodiesMissing: readonly string[];
  readonly bodiesUnnamed: number;
}

export async function checkSqlite(
  folder: string,
  references: readonly BodyReference[],
): Promise<CheckReport> {
  const damage = findDamage(folder);
  if (damage.length > 0) return { damage, bodiesNamed: 0, bodiesMissing: [], bodiesUnnamed: 0 };
  using reader = new Reader(folder);
  const named = { count: 0, missing: [] as string[] };
  for (const reference of references)
    await checkReference(reader, reference, join(folder, bodiesFolder), named);
  const bodiesUnnamed = await countUnnamed(reader, references, join(folder, bodiesFolder));
  return { damage, bodiesNamed: named.count, bodiesMissing: named.missing, bodiesUnnamed };
}

function findDamage(folder: string): string[] {
  let db: DatabaseSync;
  try {
    db = openReader(folder);
  } catch (error) {
    return [String(error)];
  }
  const found: string[] = [];
  try {
    for (const schema of ['main', 'events']) {
      for (const row of db.prepare(`pragma ${schema}.integrity_check(${listedMax})`).all()) {
        const text = String(row['integrity_check']);
        if (text !== 'ok') found.push(`${schema}: ${text}`);
      }
    }
  } catch (error) {
    found.push(String(error));
  } finally {
    db.close();
  }
  return found;
}

async function checkReference(
  reader: Reader,
  reference: BodyReference,
  bodies: string,
  named: { count: number; missing: string[] },
): Promise<void> {
  let after = '';
  for (;;) {
    const names = reader.run(referencedPage(reference, after, pageNames));
    for (const name of names) {
      named.count += 1;
      if (!(await exists(bodies, name)) && named.missing.length < listedMax) named.missing.push(name);
    }
    if (names.length < pageNames) return;
    after = names.at(-1)!;
  }
}

async function exists(bodies: string, name: string): Promise<boolean> {
  try {
    await stat(join(bodies, bodyPath(name)));
    return true;
  } catch {
    return false;
  }
}

async function countUnnamed(
  reader: Reader,
  references: readonly BodyReference[],
  bodies: string,
): Promise<number> {
  let count = 0;
  for await (const files of listBodies(bodies)) {
    for (let at = 0; at < files.length; at += namesPerQuery) {
      const names = files.slice(at, at + namesPerQuery).map(({ name }) => name);
      const used = reader.run(referenced(names, references));
      count += names.length - used.size;
    }
  }
  return count;
}

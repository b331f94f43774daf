/**
 * Checks what only the store can: that the database files are whole (SQLite; PostgreSQL's own tools look after its), that every body a row names is there, and how many files
 * nobody names (the sweep removes those in time: no fault). Recounts of quotas and counters belong to the parts whose tables they are.
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
import type { Transaction } from './transaction.ts';

/** Problems of each kind that are listed; the counts are always whole. */
const listedMax = 100;
const pageNames = 500;

export interface BodiesReport {
  readonly bodiesNamed: number;
  /** Named by a row, but not there: lost mail. */
  readonly bodiesMissing: readonly string[];
  readonly bodiesUnnamed: number;
}

export interface CheckReport extends BodiesReport {
  /** What SQLite found wrong in its files; empty when they are whole. */
  readonly damage: readonly string[];
  /** The same of the index of texts, which can be made anew. */
  readonly indexDamage: readonly string[];
}

export async function checkSqlite(
  folder: string,
  references: readonly BodyReference[],
): Promise<CheckReport> {
  const { damage, indexDamage } = findDamage(folder);
  if (damage.length > 0) return { damage, indexDamage, bodiesNamed: 0, bodiesMissing: [], bodiesUnnamed: 0 };
  using reader = new Reader(folder);
  const read: Read = async (body) => reader.run(body());
  return { damage, indexDamage, ...(await checkBodies({ read }, references, join(folder, bodiesFolder))) };
}

type Read = <R>(body: () => Transaction<R>) => Promise<R>;

/** `bodies` is the folder they lie in. */
export async function checkBodies(
  store: { readonly read: Read },
  references: readonly BodyReference[],
  bodies: string,
): Promise<BodiesReport> {
  const named = { count: 0, missing: [] as string[] };
  for (const reference of references) await checkReference(store, reference, bodies, named);
  const bodiesUnnamed = await countUnnamed(store, references, bodies);
  return { bodiesNamed: named.count, bodiesMissing: named.missing, bodiesUnnamed };
}

type Damage = Pick<CheckReport, 'damage' | 'indexDamage'>;

function findDamage(folder: string): Damage {
  let db: DatabaseSync;
  try {
    db = openReader(folder);
  } catch (error) {
    return { damage: [String(error)], indexDamage: [] };
  }
  try {
    const schemas = db
      .prepare('pragma database_list')
      .all()
      .map(({ name }) => String(name));
    const damage = ['main', 'events'].flatMap((schema) => damageIn(db, schema));
    return { damage, indexDamage: schemas.includes('search') ? damageIn(db, 'search') : [] };
  } finally {
    db.close();
  }
}

function damageIn(db: DatabaseSync, schema: string): string[] {
  try {
    return db
      .prepare(`pragma ${schema}.integrity_check(${listedMax})`)
      .all()
      .map((row) => String(row['integrity_check']))
      .flatMap((text) => (text === 'ok' ? [] : [`${schema}: ${text}`]));
  } catch (error) {
    return [`${schema}: ${String(error)}`];
  }
}

async function checkReference(
  store: { readonly read: Read },
  reference: BodyReference,
  bodies: string,
  named: { count: number; missing: string[] },
): Promise<void> {
  for (let after = ''; ; ) {
    const last = after;
    const names = await store.read(() => referencedPage(reference, last, pageNames));
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
  store: { readonly read: Read },
  references: readonly BodyReference[],
  bodies: string,
): Promise<number> {
  let count = 0;
  for await (const files of listBodies(bodies)) {
    for (let at = 0; at < files.length; at += namesPerQuery) {
      const names = files.slice(at, at + namesPerQuery).map(({ name }) => name);
      const used = await store.read(() => referenced(names, references));
      count += names.length - used.size;
    }
  }
  return count;
}

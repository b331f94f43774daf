/**
 * Where bodies are named. Each part lists its columns in `<part>/migrations.ts` or beside it; `app` gathers the lists for the sweep, backup and check.
 * A column that is named here should have an index (partial, `where body_file is not null`), as it is asked for names in lists.
 */
import { batch, type Statement, type Transaction } from './transaction.ts';

export interface BodyReference {
  readonly table: string;
  /** A text column, null or the name of a body that is a file. */
  readonly column: string;
}

/** Names asked for in one statement: a fixed length, so that its plan is kept. */
export const namesPerQuery = 50;

/** Which of the names (at most `namesPerQuery`) some row still has. */
export function* referenced(
  names: readonly string[],
  references: readonly BodyReference[],
): Transaction<ReadonlySet<string>> {
  const marks = Array(namesPerQuery).fill('?').join(', ');
  const params = Array.from({ length: namesPerQuery }, (_, i) => names[i] ?? '');
  const statements = references.map(
    ({ table, column }): Statement => ({
      sql: `select ${column} as name from ${table} where ${column} in (${marks})`,
      params,
    }),
  );
  const found = yield* batch(statements);
  return new Set(found.flat().map((row) => String(row['name'])));
}

/** A page of the names that rows have, after `after`, sorted. */
export function* referencedPage(
  { table, column }: BodyReference,
  after: string,
  count: number,
): Transaction<readonly string[]> {
  const found = yield {
    sql: `select distinct ${column} as name from ${table} where ${column} > ? order by ${column} limit ?`,
    params: [after, count],
  };
  return (found as readonly { name: string }[]).map(({ name }) => name);
}

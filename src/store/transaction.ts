/**
 * A transaction is a generator: it yields statements and receives their rows. It holds no connection, awaits nothing,
 * and its only effects are its statements, so an engine may run it again from the start after a conflict. Values from
 * outside (time, random ids) come in as arguments.
 *
 * SQL is the common subset of SQLite and PostgreSQL: `?` for parameters, `returning`, `on conflict`, integers below 2^53
 * (both engines give them as JavaScript numbers), `text`, blobs as Uint8Array, booleans as 0 and 1, times as integer milliseconds.
 * `now_ms()` is the engine's own wall time, the same for all nodes: for leases. All other times are arguments.
 */
export type Param = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, Param>>;

/** A statement for either engine. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly Param[];
}

/**
 * Something that others would like to know soon after the commit: best effort, may be lost, may come twice or late.
 * Whoever listens reads the store for the truth.
 */
export interface Hint {
  readonly hint: string;
  readonly key: string;
}

/** What a body may yield: a statement (answer: its rows), several at once (answer: rows of each), or a hint (no answer). */
export type Step = Statement | readonly Statement[] | Hint;

// The answer's shape depends on what was yielded; the functions below are the only ones that see it untyped.
export type Transaction<R> = Generator<Step, R, unknown>;

/** Runs a statement and gives its rows. `T` is what the columns are; numbers, strings, bytes or null. */
export function* rows<T = Row>(sql: string, ...params: Param[]): Transaction<readonly T[]> {
  return (yield { sql, params }) as readonly T[];
}

/** The only row. A statement that gives none or several is a bug of the caller and throws. */
export function* row<T = Row>(sql: string, ...params: Param[]): Transaction<T> {
  const found = (yield { sql, params }) as readonly T[];
  if (found.length !== 1) throw new Error(`expected one row, got ${found.length}: ${sql}`);
  return found[0]!;
}

/** The first row, or undefined. */
export function* maybe<T = Row>(sql: string, ...params: Param[]): Transaction<T | undefined> {
  return ((yield { sql, params }) as readonly T[])[0];
}

/** Several statements in one round trip; the rows of each, in order. */
export function* batch(statements: readonly Statement[]): Transaction<readonly (readonly Row[])[]> {
  if (statements.length === 0) return [];
  return (yield statements) as readonly (readonly Row[])[];
}

/** Tells listeners of `topic`, after the commit and only if there is one, that something of `key` changed. */
export function* hint(topic: string, key: string): Transaction<void> {
  yield { hint: topic, key };
}

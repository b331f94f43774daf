/**
 * The prepared statements of one connection. The text of a statement is its key, so bodies should keep their SQL constant;
 * lists of parameters of many lengths push one another out, oldest first.
 *
 * Rows are made from arrays: plain objects, as PostgreSQL's are (node:sqlite's own have no prototype), at the same cost.
 * node:sqlite binds a JavaScript number as REAL: column affinity makes it an integer again where it is stored or compared.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Param, Row, Statement } from '../transaction.ts';

/** Statements kept prepared on a connection: more than the program has, so only lists of odd lengths are dropped. */
const preparedMax = 512;

interface Prepared {
  readonly statement: StatementSync;
  /** Undefined for a statement that gives no rows. */
  readonly toRow: RowMaker | undefined;
}

const noRows: readonly Row[] = [];

export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run({ sql, params }: Statement): readonly Row[] {
    const { statement, toRow } = this.#prepared.get(sql) ?? this.#prepare(sql);
    if (toRow === undefined) {
      // Not `run`: it gives the last rowid, which an index of words leaves at numbers above 2^53, and throws.
      statement.all(...(params as readonly SQLInputValue[]));
      return noRows;
    }
    const found = statement.all(...(params as readonly SQLInputValue[])) as unknown as Param[][];
    const rows: Row[] = [];
    for (const values of found) rows.push(toRow(values));
    return rows;
  }

  #prepare(sql: string): Prepared {
    if (this.#prepared.size >= preparedMax) {
      for (const [oldest] of this.#prepared) {
        this.#prepared.delete(oldest);
        break;
      }
    }
    const statement = this.#db.prepare(sql);
    const columns = statement.columns().map((column) => column.name);
    if (columns.length > 0) statement.setReturnArrays(true);
    const prepared = { statement, toRow: columns.length > 0 ? rowMaker(columns) : undefined };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

type RowMaker = (values: readonly Param[]) => Row;

/**
 * Makes the rows of one statement: an object literal with its columns, compiled once, so that all its rows have one shape. Two to three times as fast as
 * setting columns one by one, which is what a large read spends most of its time on.
 */
function rowMaker(columns: readonly string[]): RowMaker {
  const fields = columns.map((name, i) => `${JSON.stringify(name)}: values[${i}]`);
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the names are those of our own SQL, and quoted
  return new Function('values', `return { ${fields.join(', ')} };`) as RowMaker;
}

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
  /** Names of the result's columns; none for a statement that gives no rows. */
  readonly columns: readonly string[];
}

const noRows: readonly Row[] = [];

export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run({ sql, params }: Statement): readonly Row[] {
    const { statement, columns } = this.#prepared.get(sql) ?? this.#prepare(sql);
    if (columns.length === 0) {
      statement.run(...(params as readonly SQLInputValue[]));
      return noRows;
    }
    const found = statement.all(...(params as readonly SQLInputValue[])) as unknown as Param[][];
    const rows: Row[] = [];
    for (const values of found) rows.push(toRow(columns, values));
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
    const prepared = { statement, columns };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

function toRow(columns: readonly string[], values: readonly Param[]): Row {
  const row: Record<string, Param> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = values[i]!;
  return row;
}

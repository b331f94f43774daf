/** Reads in the calling thread, on a connection of its own that cannot write: one snapshot for all statements of a body. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Refusal } from '../../base/refusal.ts';
import type { HintSet } from '../core/hints.ts';
import type { Transaction } from '../transaction.ts';
import { openReader, type EngineTime } from './connection.ts';
import { drive } from './drive.ts';
import { faultOf } from './fault.ts';
import { Statements } from './statements.ts';

const nobody: HintSet = new Map();

export class Reader implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;

  constructor(folder: string, time?: EngineTime) {
    this.#db = openReader(folder, time);
    this.#statements = new Statements(this.#db);
    this.#begin = this.#db.prepare('begin');
    this.#end = this.#db.prepare('commit');
  }

  run<R>(body: Transaction<R>): R {
    try {
      this.#begin.run();
      return drive(this.#statements, body, nobody);
    } catch (error) {
      const fault = faultOf(error, 'reader');
      if (fault === undefined || fault === 'statement') throw error;
      throw new Refusal('storageBusy', `reading failed: ${(error as Error).message}`, { cause: error });
    } finally {
      nobody.clear();
      if (this.#db.isTransaction) this.#end.run();
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

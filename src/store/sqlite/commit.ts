/**
 * Group commit: takes all operations that wait, runs each in a savepoint, and commits once for all.
 *
 * A body that throws rolls back alone. What SQLite throws is sorted: a wrong statement is the caller's own; a fault of the disk ends the
 * whole group, as it may have rolled back everything, and is thrown as a GroupFailure for the engine to act on (engine.ts).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { HintSet } from '../core/hints.ts';
import type { AnyOperation } from '../operation.ts';
import { drive } from './drive.ts';
import { faultOf, type Fault } from './fault.ts';
import { Statements } from './statements.ts';

/** An operation with its arguments, as it crosses from thread to thread. */
export interface Call {
  readonly name: string;
  readonly args: unknown;
}

export type Answer =
  | { readonly is: 'done'; readonly value: unknown }
  | { readonly is: 'failed'; readonly error: unknown };

export class GroupFailure extends Error {
  override readonly name = 'GroupFailure';
  readonly fault: Exclude<Fault, 'statement'>;
  constructor(fault: Exclude<Fault, 'statement'>, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.fault = fault;
  }
}

export class GroupCommit {
  readonly statements: Statements;
  readonly #db: DatabaseSync;
  readonly #operations: ReadonlyMap<string, AnyOperation>;
  readonly #begin: StatementSync;
  readonly #save: StatementSync;
  readonly #release: StatementSync;
  readonly #undo: StatementSync;
  readonly #commit: StatementSync;

  constructor(db: DatabaseSync, operations: ReadonlyMap<string, AnyOperation>) {
    this.#db = db;
    this.statements = new Statements(db);
    this.#operations = operations;
    this.#begin = db.prepare('begin immediate');
    this.#save = db.prepare('savepoint one');
    this.#release = db.prepare('release one');
    this.#undo = db.prepare('rollback to one');
    this.#commit = db.prepare('commit');
  }

  /** Answers in the order of the calls; durable when it returns. Hints of what was committed are added to `hints`. */
  run(calls: readonly Call[], hints: HintSet): Answer[] {
    try {
      this.#begin.run();
      const answers: Answer[] = [];
      for (const call of calls) answers.push(this.#one(call, hints));
      this.#commit.run();
      return answers;
    } catch (error) {
      hints.clear();
      throw this.#abandon(error);
    }
  }

  #one(call: Call, hints: HintSet): Answer {
    const operation = this.#operations.get(call.name);
    if (!operation) return { is: 'failed', error: new Error(`no operation is called ${call.name}`) };
    const own: HintSet = new Map();
    this.#save.run();
    try {
      const body = operation.body(call.args as never);
      const value = drive(this.statements, body, own);
      this.#release.run();
      for (const [topic, keys] of own) {
        const known = hints.get(topic);
        hints.set(topic, known ? known.union(keys) : keys);
      }
      return { is: 'done', value };
    } catch (error) {
      const fault = faultOf(error);
      if ((fault !== undefined && fault !== 'statement') || !this.#db.isTransaction) throw error;
      this.#undo.run();
      this.#release.run();
      return { is: 'failed', error };
    }
  }

  #abandon(error: unknown): unknown {
    const fault = faultOf(error);
    try {
      if (this.#db.isTransaction) this.#db.exec('rollback');
    } catch (second) {
      return new GroupFailure('device', second);
    }
    if (fault === undefined || fault === 'statement') return new GroupFailure('device', error);
    return new GroupFailure(fault, error);
  }
}

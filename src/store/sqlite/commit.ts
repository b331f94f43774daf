/**
 * Group commit: takes all operations that wait, runs each as if in a savepoint, and commits once for all.
 *
 * A body that throws rolls back alone. Since few do, and a savepoint costs about 2.5 µs and copies of pages, a group is first run bare; if
 * a body throws, the group is rolled back and run again with savepoints, and so are the next `guardedGroups`. (Bodies may be run again: transaction.ts.)
 *
 * A wrong statement is the caller's own failure; a fault of the disk ends the whole group, as it may have rolled back everything,
 * and is thrown as a GroupFailure for the engine to act on (engine.ts).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { addHint, type HintSet } from '../core/hints.ts';
import type { AnyOperation } from '../operation.ts';
import type { CommitStats } from './commit-stats.ts';
import { drive } from './drive.ts';
import { faultOf, type Fault } from './fault.ts';
import { Statements } from './statements.ts';

/** Groups that keep their savepoints after a body threw: refusals come in streaks. */
const guardedGroups = 16;

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

/** Where it is noted how long the disk takes. */
export interface CommitWatch {
  readonly clock: Clock;
  readonly stats: CommitStats;
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
  readonly #watch: CommitWatch | undefined;
  #guarded = 0;

  constructor(db: DatabaseSync, operations: ReadonlyMap<string, AnyOperation>, watch?: CommitWatch) {
    this.#watch = watch;
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
      this.#begin.all();
      const answers = (this.#guarded === 0 && this.#bare(calls, hints)) || this.#withSavepoints(calls, hints);
      const startMs = this.#watch?.clock.monotonicMs() ?? 0;
      this.#commit.all();
      this.#watch?.stats.note(calls.length, this.#watch.clock.monotonicMs() - startMs);
      return answers;
    } catch (error) {
      hints.clear();
      throw this.#abandon(error);
    }
  }

  /** Undefined when a body threw: everything is rolled back and a new transaction begun. */
  #bare(calls: readonly Call[], hints: HintSet): Answer[] | undefined {
    const answers: Answer[] = [];
    try {
      for (const call of calls) answers.push({ is: 'done', value: this.#drive(call, hints) });
      return answers;
    } catch (error) {
      this.#rethrowFault(error);
      hints.clear();
      this.#guarded = guardedGroups;
      this.#db.exec('rollback');
      this.#begin.all();
      return undefined;
    }
  }

  #withSavepoints(calls: readonly Call[], hints: HintSet): Answer[] {
    this.#guarded -= 1;
    const answers: Answer[] = [];
    for (const call of calls) answers.push(this.#one(call, hints));
    return answers;
  }

  #one(call: Call, hints: HintSet): Answer {
    const own: HintSet = new Map();
    this.#save.all();
    try {
      const value = this.#drive(call, own);
      this.#release.all();
      for (const [topic, keys] of own) for (const key of keys) addHint(hints, topic, key);
      return { is: 'done', value };
    } catch (error) {
      this.#rethrowFault(error);
      this.#undo.all();
      this.#release.all();
      return { is: 'failed', error };
    }
  }

  #drive(call: Call, hints: HintSet): unknown {
    const operation = this.#operations.get(call.name);
    if (!operation) throw new Error(`no operation is called ${call.name}`);
    return drive(this.statements, operation.body(call.args as never), hints);
  }

  /** Lets through only what a body or its statements did wrong. Some faults roll the whole transaction back by themselves. */
  #rethrowFault(error: unknown): void {
    const fault = faultOf(error);
    if ((fault !== undefined && fault !== 'statement') || !this.#db.isTransaction) throw error;
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

/**
 * One run of a script and of what it includes, over one message.
 *
 * Bounded: every command, test and character looked at is work, and the work has a limit; so have actions and questions. What is above ends the run with an error,
 * and nothing that was decided counts.
 */
import type { Action, FlagList, Tracked } from '../action.ts';
import type { Letter } from '../letter.ts';
import type { Part } from '../../mime/structure.ts';
import type { Limits } from '../limits.ts';
import { ScriptError, type Position, type ProblemCode } from '../problem.ts';
import type { Answering, Answers, Question, QuestionKind, Surroundings } from '../surroundings.ts';
import type { Test } from './definition.ts';
import type { TraceStep } from '../trace.ts';
import { Variables } from './variables.ts';

/** A loop over parts that is under way. */
export interface Loop {
  readonly name: string | undefined;
  /** Where the part stands: which part of the message, which of that one, … */
  readonly path: readonly number[];
  part: Part;
  /** The part of this place in another edition. */
  readonly find: (letter: Letter) => Part | undefined;
  /** What the part holds is not gone into (it was replaced), or nothing more is gone to (the message was enclosed). */
  left?: 'part' | 'message';
}

export interface RunParts {
  readonly letter: Letter;
  readonly around: Surroundings;
  readonly answers: Answering;
  readonly limits: Limits;
  readonly trace?: (step: TraceStep) => void;
  /** Work that was done before, of the same bound. */
  readonly stepsBefore?: number;
}

const callCost = 100;

export class Run {
  readonly around: Surroundings;
  readonly limits: Limits;
  letter: Letter;
  variables: Variables;
  /** The internal variable of imap4flags (RFC 5232, 2). */
  flags: FlagList = [];
  keep: 'implicit' | 'cancelled' = 'implicit';
  readonly actions: Action[] = [];
  readonly tracked: Tracked[] = [];
  /** Loops over parts, innermost last. */
  loops: Loop[] = [];
  /** The loop that `break` leaves. */
  leaving: Loop | undefined;
  addedFields = 0;
  enclosures = 0;
  /** The message before it was enclosed: what `redirect` sends (RFC 5703, 6). */
  unenclosed: Letter | undefined;
  /** Scripts included so far, and those under way. */
  readonly included: { readonly done: Set<string>; readonly open: string[]; count: number } = {
    done: new Set(),
    open: [],
    count: 0,
  };
  /** The rule under way: a line of the main script. */
  rule = 0;
  /** Rules that were followed, by line: one that begins with `if` when a test of it held. */
  readonly hits = new Set<number>();
  at: Position = { line: 1, column: 1 };
  readonly #answers: Answering;
  readonly #trace: ((step: TraceStep) => void) | undefined;
  readonly #shared = new Map<string, string>();
  readonly #carried = new Set<Letter>();
  #left: number;

  constructor({ letter, around, answers, limits, trace, stepsBefore = 0 }: RunParts) {
    this.letter = letter;
    this.around = around;
    this.limits = limits;
    this.#answers = answers;
    this.#trace = trace;
    this.#left = limits.stepsMax - stepsBefore;
    this.variables = this.newVariables();
  }

  newVariables(): Variables {
    return new Variables(this.limits, this.#shared);
  }

  /** Work done, with what was before. */
  get steps(): number {
    return this.limits.stepsMax - this.#left;
  }

  /** Counts work. A property, so that it can be handed on. */
  readonly spend = (amount: number): void => {
    this.#left -= amount;
    if (this.#left < 0) throw this.error('tooMuchWork');
  };

  /** A command or a test begins. */
  enter(at: Position): void {
    this.at = at;
    this.spend(callCost);
  }

  ask<K extends QuestionKind>(question: Extract<Question, { is: K }>): Answers[K] {
    if (this.#answers.count > this.limits.questionsMax) throw this.error('tooManyQuestions');
    return this.#answers.ask(question);
  }

  act(action: Action): void {
    if (this.actions.length >= this.limits.actionsMax)
      throw this.error('tooManyActions', `${this.limits.actionsMax}`);
    if ('letter' in action) this.#carry(action.letter);
    this.actions.push(action);
  }

  /** An edition of its own is written out: as much work as it is long. */
  #carry(letter: Letter): void {
    if (!letter.edited || this.#carried.has(letter)) return;
    this.#carried.add(letter);
    this.spend(letter.sizeBytes);
  }

  holds(test: Test): boolean {
    return test.holds(this);
  }

  tell(what: string, result?: boolean): void {
    this.#trace?.({
      at: this.at,
      depth: this.included.open.length,
      what,
      ...(result === undefined ? {} : { result }),
    });
  }

  error(code: ProblemCode, ...fill: readonly string[]): ScriptError {
    return new ScriptError(this.at, code, ...fill);
  }
}

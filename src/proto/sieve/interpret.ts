/**
 * Runs a program over a message: what it decided, or why it could not.
 *
 * Pure: the same input gives the same decision. A question whose answer is not known yet is thrown (`Unanswered`), before anything was decided; `decide` is
 * the loop around that for whoever can answer. An error leaves nothing of what the script had decided: the message is kept (RFC 5228, 2.10.6).
 */
import type { Action, FlagList, Tracked } from './action.ts';
import { keepNow } from './language/placing.ts';
import { Run } from './language/run.ts';
import { Letter, type LetterSource } from './letter.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { type Problem, ScriptError } from './problem.ts';
import type { Program } from './program.ts';
import {
  type Answering,
  KnownAnswers,
  type Question,
  type Surroundings,
  Unanswered,
} from './surroundings.ts';
import type { TraceStep } from './trace.ts';

export interface Input {
  readonly message: Omit<LetterSource, 'whole'>;
  /** Another edition of it to begin with: what a script before this one made of it. */
  readonly letter?: Letter;
  readonly around: Surroundings;
  readonly limits?: Limits;
  readonly trace?: (step: TraceStep) => void;
  /** Work that was done for this message before, of the same bound. */
  readonly stepsBefore?: number;
}

export interface Decision {
  /** In order; the implicit keep is the last, as a `keep` without a place. */
  readonly actions: readonly Action[];
  /** The message was kept because nothing said otherwise, or said so in so many words: scripts that follow this one are to be run (before/after). */
  readonly kept: boolean;
  readonly tracked: readonly Tracked[];
  /** Lines of the rules that were followed. */
  readonly hits: readonly number[];
  /** The internal variable of imap4flags at the end. */
  readonly flags: FlagList;
  /** The message as the script left it, and as it was received. */
  readonly letter: Letter;
  readonly received: Letter;
  /** The script failed: this is why, and the only action is a keep. */
  readonly problem?: Problem;
}

/** Throws Unanswered. */
export function interpret(program: Program, input: Input, answers: Answering): Decision {
  const { limits = defaultLimits } = input;
  const received = Letter.received({
    ...input.message,
    whole: () => {
      const { head, sizeBytes } = input.message;
      return head.length === sizeBytes ? head : answers.ask<'message'>({ is: 'message' });
    },
  });
  const { around, trace, letter = received, stepsBefore = 0 } = input;
  const parts = { letter, around, answers, limits, stepsBefore };
  const run = new Run(trace === undefined ? parts : { ...parts, trace });
  try {
    program.body(run);
  } catch (error) {
    return failed(run, { letter, received }, error);
  }
  const kept = run.keep === 'implicit' || run.actions.some((action) => action.is === 'keep');
  if (run.keep === 'implicit') keepNow(run, run.flags, true);
  const { actions, tracked, flags } = run;
  return { actions, kept, tracked, hits: [...run.hits], flags, letter: run.letter, received };
}

function failed(
  run: Run,
  { letter, received }: Pick<Decision, 'letter' | 'received'>,
  error: unknown,
): Decision {
  if (error instanceof Unanswered) {
    error.steps = run.steps;
    throw error;
  }
  const problem: Problem =
    error instanceof ScriptError
      ? error.problem
      : {
          is: 'error',
          at: run.at,
          code: 'inner',
          with: [error instanceof Error ? error.message : 'unknown'],
        };
  const keep: Action = { is: 'keep', at: undefined, rule: 0, letter, flags: [] };
  return { actions: [keep], kept: true, tracked: [], hits: [], flags: [], letter, received, problem };
}

export type Answerer = (question: Question) => Promise<unknown>;

/** Runs until every question is answered, all within one bound of work. Rejects only when an answer does. */
export async function decide(program: Program, input: Input, answer: Answerer): Promise<Decision> {
  const answers = new KnownAnswers();
  let stepsBefore = input.stepsBefore ?? 0;
  for (;;) {
    try {
      return interpret(program, { ...input, stepsBefore }, answers);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      stepsBefore = error.steps;
      answers.give(error.question, await answer(error.question));
    }
  }
}

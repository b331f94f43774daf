/**
 * Runs the scripts of a mailbox over a message: here, when that takes a moment; in the workshop, when it takes longer. A thread that serves others is never
 * held up by somebody's script.
 */
import { decide } from '../proto/sieve/interpret.ts';
import type { Question } from '../proto/sieve/surroundings.ts';
import type { IncludedScript } from './library.ts';
import { runScripts, type ScriptRun, type Verdict } from './run-scripts.ts';
import type { Workshop } from './workshop.ts';

/** Work that is done here at most, for each script: some milliseconds. */
const hereStepsMax = 1_000_000;
/** A message that is read whole into memory here; larger ones one after the other in the workshop. */
const hereMessageMaxBytes = 1024 * 1024;

export class ScriptRunner {
  readonly #workshop: Workshop;

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
  }

  /** Rejects with what answering a question rejected with, and with Refusal `rateLimited`: too much at once, try later. */
  async run(run: ScriptRun): Promise<Verdict> {
    return (await runHere(run)) ?? this.#workshop.run(run);
  }
}

/** Undefined: it takes too long for here. */
async function runHere(run: ScriptRun): Promise<Verdict | undefined> {
  if (run.scripts.some(({ program }) => program === 'large')) return undefined;
  const stepsMax = Math.min(run.limits.stepsMax, hereStepsMax);
  const short = { ...run, limits: { ...run.limits, stepsMax } };
  try {
    const verdict = await runScripts(short, (program, input) =>
      decide(program, input, (question) => answerHere(run, question)),
    );
    if (stepsMax === run.limits.stepsMax) return verdict;
    return verdict.troubles.some(({ problem }) => problem.code === 'tooMuchWork') ? undefined : verdict;
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

class TooLong extends Error {}

async function answerHere({ message, answer }: ScriptRun, question: Question): Promise<unknown> {
  if (question.is === 'message' && message.sizeBytes > hereMessageMaxBytes) throw new TooLong();
  const given = await answer(question);
  if (question.is === 'script' && isOnlySource(given as IncludedScript)) throw new TooLong();
  return given;
}

const isOnlySource = (script: IncludedScript): boolean => typeof script === 'object' && !('body' in script);

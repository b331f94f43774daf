/**
 * Runs the scripts of an account over a message, one after the other: a script that keeps the message hands it on to the next, as it has left it. What all of them
 * decided comes back as one.
 */
import type { Action, FlagList, Tracked } from '../../proto/sieve/action.ts';
import { decide, type Answerer, type Decision } from '../../proto/sieve/interpret.ts';
import { Letter, type LetterSource } from '../../proto/sieve/letter.ts';
import type { Limits } from '../../proto/sieve/limits.ts';
import type { Problem } from '../../proto/sieve/problem.ts';
import type { Surroundings } from '../../proto/sieve/surroundings.ts';
import type { RunnableScript } from '../../sieve/library.ts';

/** An action, and the script that took it. */
export interface Taken {
  readonly action: Action;
  readonly script: RunnableScript;
}

export interface Trouble {
  readonly problem: Problem;
  readonly script: RunnableScript;
}

export interface Verdict {
  /** Without keeps, which are told below. */
  readonly taken: readonly Taken[];
  /** The message stays in its place, with these flags. */
  readonly keep:
    | { readonly flags: FlagList; readonly letter: Letter; readonly taken: Taken | undefined }
    | undefined;
  readonly tracked: readonly Tracked[];
  readonly troubles: readonly Trouble[];
  /** As it was received. */
  readonly letter: Letter;
}

export interface ScriptRun {
  readonly scripts: readonly RunnableScript[];
  readonly message: Omit<LetterSource, 'whole'>;
  readonly around: Surroundings;
  readonly limits: Limits;
  readonly answer: Answerer;
}

/** A script that no longer compiles. */
const invalid: Problem = { is: 'error', at: { line: 1, column: 1 }, code: 'scriptInvalid', with: [''] };

export async function runScripts(run: ScriptRun): Promise<Verdict> {
  const taken: Taken[] = [];
  const tracked: Tracked[] = [];
  const troubles: Trouble[] = [];
  const flags: string[] = [];
  let received: Letter | undefined;
  let last: Decision | undefined;
  let keeping: Taken | undefined;
  for (const script of run.scripts) {
    const decision = await decideOne(run, script, last);
    const problem = decision === undefined ? { ...invalid, with: [script.name] } : decision.problem;
    if (problem) troubles.push({ problem, script });
    if (decision === undefined) continue;
    received ??= decision.received;
    last = decision;
    tracked.push(...decision.tracked);
    for (const action of decision.actions) {
      if (action.is !== 'keep') taken.push({ action, script });
      else {
        flags.push(...action.flags);
        if (action.at) keeping = { action, script };
      }
    }
    if (!decision.kept) break;
  }
  const keep = last && !last.kept ? undefined : { flags: unique(flags), taken: keeping };
  const letter = received ?? unread(run.message);
  return { taken, tracked, troubles, letter, keep: keep && { ...keep, letter: last?.letter ?? letter } };
}

async function decideOne(
  { message, around, limits, answer }: ScriptRun,
  { program }: RunnableScript,
  before: Decision | undefined,
): Promise<Decision | undefined> {
  if (program === undefined) return undefined;
  const letter = before?.letter.edited ? { letter: before.letter } : {};
  return decide(program, { message, around, limits, ...letter }, answer);
}

/** The message when no script could be run over it: nobody asks for more of it than its beginning. */
const unread = (message: ScriptRun['message']): Letter =>
  Letter.received({ ...message, whole: () => message.head });

const unique = (flags: readonly string[]): FlagList => [
  ...new Map(flags.map((flag) => [flag.toLowerCase(), flag])).values(),
];

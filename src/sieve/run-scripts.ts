/**
 * Runs the scripts of an account over a message, one after the other: a script that keeps the message hands it on to the next, as it has left it. What all of them
 * decided comes back as one.
 */
import type { AccountId } from '../base/ids.ts';
import type { Action, FlagList, Tracked } from '../proto/sieve/action.ts';
import type { Answerer, Decision, Input } from '../proto/sieve/interpret.ts';
import { Letter, type LetterSource } from '../proto/sieve/letter.ts';
import type { Limits } from '../proto/sieve/limits.ts';
import type { Problem } from '../proto/sieve/problem.ts';
import type { Program } from '../proto/sieve/program.ts';
import type { Surroundings } from '../proto/sieve/surroundings.ts';
import type { TraceStep } from '../proto/sieve/trace.ts';
import type { RunnableScript } from './script.ts';

/** An action, and the script that took it. */
export interface Taken {
  readonly action: Action;
  readonly script: RunnableScript;
  /** Name of the rule, or `''`. */
  readonly rule: string;
}

/** A rule that was followed. */
export interface Followed {
  readonly script: RunnableScript;
  readonly line: number;
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
  readonly followed: readonly Followed[];
  readonly troubles: readonly Trouble[];
  /** As it was received. */
  readonly letter: Letter;
  /** The first of them, when they were asked for. */
  readonly steps: readonly TracedStep[];
}

export interface TracedStep extends TraceStep {
  readonly script: RunnableScript;
}

const stepsMax = 2000;

export interface ScriptRun {
  /** Whose mail it is. */
  readonly of: AccountId;
  readonly scripts: readonly RunnableScript[];
  readonly message: Omit<LetterSource, 'whole'>;
  readonly around: Surroundings;
  readonly limits: Limits;
  readonly answer: Answerer;
  /** The verdict is to have the steps. */
  readonly traced?: boolean;
}

/** Runs one script: `decide`, or where answers come at once `interpret`. */
export type Decide = (program: Program, input: Input) => Promise<Decision> | Decision;

/** A script that no longer compiles. */
const invalid: Problem = { is: 'error', at: { line: 1, column: 1 }, code: 'scriptInvalid', with: [''] };

export async function runScripts(run: ScriptRun, decide: Decide): Promise<Verdict> {
  const taken: Taken[] = [];
  const tracked: Tracked[] = [];
  const troubles: Trouble[] = [];
  const steps: TracedStep[] = [];
  const followed: Followed[] = [];
  const flags: string[] = [];
  let received: Letter | undefined;
  let last: Decision | undefined;
  let keeping: Taken | undefined;
  for (const script of run.scripts) {
    const decision = await decideOne(run, script, { last, decide, steps });
    const problem = decision === undefined ? { ...invalid, with: [script.name] } : decision.problem;
    if (problem) troubles.push({ problem, script });
    if (decision === undefined) continue;
    received ??= decision.received;
    last = decision;
    tracked.push(...decision.tracked);
    followed.push(...decision.hits.map((line) => ({ script, line })));
    for (const action of decision.actions) {
      const each = { action, script, rule: ruleName(script, action.rule) };
      if (action.is !== 'keep') taken.push(each);
      else {
        flags.push(...action.flags);
        if (action.at) keeping = each;
      }
    }
    if (!decision.kept) break;
  }
  const keep = last && !last.kept ? undefined : { flags: unique(flags), taken: keeping };
  const letter = received ?? Letter.headed(run.message.head, run.message.sizeBytes);
  return {
    taken,
    tracked,
    followed,
    troubles,
    letter,
    steps,
    keep: keep && { ...keep, letter: last?.letter ?? letter },
  };
}

async function decideOne(
  { message, around, limits, traced }: ScriptRun,
  script: RunnableScript,
  { last, decide, steps }: { last: Decision | undefined; decide: Decide; steps: TracedStep[] },
): Promise<Decision | undefined> {
  const { program } = script;
  if (program === undefined || program === 'large') return undefined;
  const trace = (step: TraceStep): void => {
    if (steps.length < stepsMax) steps.push({ ...step, script });
  };
  return decide(program, {
    message,
    around,
    limits,
    ...(last?.letter.edited && { letter: last.letter }),
    ...(traced && { trace }),
  });
}

/** What stands when the scripts could not be run to their end: the message is kept. */
export function gaveUp({ scripts, message }: ScriptRun): Verdict {
  const letter = Letter.headed(message.head, message.sizeBytes);
  const script = scripts.find(({ stage }) => stage === 'active') ?? scripts[0]!;
  const problem: Problem = { is: 'error', at: { line: 1, column: 1 }, code: 'tooMuchWork', with: [] };
  return {
    taken: [],
    keep: { flags: [], letter, taken: undefined },
    tracked: [],
    followed: [],
    troubles: [{ problem, script }],
    letter,
    steps: [],
  };
}

function ruleName({ program }: RunnableScript, line: number): string {
  const rules = typeof program === 'object' ? program.rules : [];
  return rules.find((rule) => rule.line === line)?.name ?? '';
}

const unique = (flags: readonly string[]): FlagList => [
  ...new Map(flags.map((flag) => [flag.toLowerCase(), flag])).values(),
];

/** Runs one test script (`.svtest`): a Sieve script that sets up a world, runs other scripts in it and looks at what came of them. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { capabilities } from '../../src/proto/sieve/capability.ts';
import { BlockCompiler } from '../../src/proto/sieve/language/block.ts';
import { Run } from '../../src/proto/sieve/language/run.ts';
import { Scope } from '../../src/proto/sieve/language/scope.ts';
import { commands, tests } from '../../src/proto/sieve/language/vocabulary.ts';
import { defaultLimits } from '../../src/proto/sieve/limits.ts';
import { problemLine, ScriptError } from '../../src/proto/sieve/problem.ts';
import type { Surroundings } from '../../src/proto/sieve/surroundings.ts';
import { parseScript } from '../../src/proto/sieve/syntax/parser.ts';
import { textOf } from '../../src/proto/sieve/text.ts';
import {
  letterOf,
  type Suite,
  suiteCommands,
  suiteTests,
  testsuite,
  type TestResult,
} from './suite-vocabulary.ts';
import { World } from './suite-world.ts';

export interface SuiteResult {
  readonly tests: readonly TestResult[];
  /** The file itself cannot be run. */
  readonly problem: string | undefined;
}

export function runSuite(path: string): SuiteResult {
  const suite: Suite = { world: new World(dirname(path)), results: [] };
  const compiler = new BlockCompiler(
    [...commands, ...suiteCommands(suite)],
    [...tests, ...suiteTests(suite)],
  );
  const limits = { ...defaultLimits, stepsMax: 10 ** 12, actionsMax: 10_000, questionsMax: 10 ** 6 };
  const scope = new Scope(limits, new Set([...capabilities, testsuite]), compiler);
  const nodes = parseScript(textOf(readFileSync(path)), {
    nestingMax: limits.nestingMax,
    report: (at, code, ...fill) => scope.error(at, code, ...fill),
  });
  const body = compiler.script(nodes, scope);
  const errors = scope.problems.filter((problem) => problem.is === 'error');
  if (errors.length > 0)
    return { tests: [], problem: errors.map((each) => problemLine(each, 'en')).join('\n') };
  const { world } = suite;
  const run = new Run({
    letter: letterOf(world.message),
    around: liveAround(world),
    answers: world.answers(),
    limits,
  });
  try {
    body(run);
  } catch (error) {
    return { tests: suite.results, problem: said(error) };
  }
  return { tests: suite.results, problem: undefined };
}

const said = (error: unknown): string =>
  error instanceof ScriptError ? problemLine(error.problem, 'en') : String((error as Error).stack ?? error);

/** What the world is at each moment: the test script changes it as it goes. */
function liveAround(world: World): Surroundings {
  return {
    get envelope() {
      return world.around.envelope;
    },
    nowMs: world.nowMs,
    zoneMinutes: (atMs) => world.around.zoneMinutes(atMs),
    environment: world.around.environment,
    get ownAddress() {
      return world.around.ownAddress;
    },
  };
}

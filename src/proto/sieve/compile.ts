/**
 * The source of a script to a program, or the problems it has, all at once.
 *
 * Promises: never throws; time and memory linear in the source, which is bounded; a program has no error that can be known without a message.
 */
import { capabilities } from './capability.ts';
import { BlockCompiler } from './language/block.ts';
import type { Command } from './language/definition.ts';
import { commands, tests } from './language/vocabulary.ts';
import { Scope } from './language/scope.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { type Problem, ScriptError } from './problem.ts';
import type { Program } from './program.ts';
import { parseScript } from './syntax/parser.ts';
import type { CommandNode } from './syntax/tree.ts';
import { textOf } from './text.ts';

export type Compiled =
  | { readonly is: 'program'; readonly program: Program; readonly warnings: readonly Problem[] }
  | { readonly is: 'problems'; readonly problems: readonly Problem[] };

export interface CompileOptions {
  readonly limits?: Limits;
  /** Those of capability.ts that a server offers; all unless told. */
  readonly capabilities?: readonly string[];
}

const compiler = new BlockCompiler(commands, tests);
/** Problems that are told of one script. */
const problemsMax = 100;

export function compileScript(source: Uint8Array | string, options: CompileOptions = {}): Compiled {
  const { limits = defaultLimits } = options;
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  if (bytes.length > limits.scriptMaxBytes) return tooLarge(limits);
  const scope = new Scope(limits, new Set(options.capabilities ?? capabilities), compiler);
  const nodes = parseScript(withoutMark(textOf(bytes)), {
    nestingMax: limits.nestingMax,
    report: (at, code, ...fill) => scope.error(at, code, ...fill),
  });
  const body = bodyOf(nodes, scope);
  const problems = sorted(scope.problems);
  if (problems.some((problem) => problem.is === 'error')) return { is: 'problems', problems };
  const program = { body, rules: scope.rules, requires: scope.enabled, source: bytes };
  return { is: 'program', program, warnings: problems };
}

function bodyOf(nodes: readonly CommandNode[], scope: Scope): Command {
  try {
    return compiler.script(nodes, scope);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    scope.problems.push(error.problem);
    return () => 'stop';
  }
}

/** A byte order mark, which some editors write. */
const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

function tooLarge({ scriptMaxBytes }: Limits): Compiled {
  const problem: Problem = {
    is: 'error',
    at: { line: 1, column: 1 },
    code: 'scriptTooLarge',
    with: [`${scriptMaxBytes}`],
  };
  return { is: 'problems', problems: [problem] };
}

function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems]
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
    .slice(0, problemsMax);
}

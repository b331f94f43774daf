/**
 * What the compiler knows while it goes through one script: the capabilities that are in force, the loops around, and the problems found.
 *
 * A problem is told and compiling goes on; a script with any error is never run.
 */
import type { Limits } from '../limits.ts';
import { type Position, type Problem, type ProblemCode, ScriptError } from '../problem.ts';
import type { Rule } from '../program.ts';
import type { CallNode, CommandNode, StringNode } from '../syntax/tree.ts';
import type { Command, Test } from './definition.ts';

/** The rest of the compiler, as definitions need it. */
export interface Compiler {
  block(nodes: readonly CommandNode[], scope: Scope): Command;
  test(node: CallNode, scope: Scope): Test;
}

export class Scope {
  readonly limits: Limits;
  readonly compiler: Compiler;
  readonly problems: Problem[] = [];
  readonly rules: Rule[] = [];
  /** Names of the loops around, innermost last; undefined for one without. */
  readonly loops: (string | undefined)[] = [];
  /** Variables of this script, with whether they are global (RFC 6609, 3.4.1). */
  readonly variables = new Map<string, 'local' | 'global'>();
  readonly #supported: ReadonlySet<string>;
  readonly #enabled = new Set<string>();
  #left: number;

  constructor(limits: Limits, supported: ReadonlySet<string>, compiler: Compiler) {
    this.limits = limits;
    this.#supported = supported;
    this.compiler = compiler;
    this.#left = limits.compileStepsMax;
  }

  /** Counts work besides reading. Throws a ScriptError, which ends compiling. */
  spend(amount: number, at: Position): void {
    this.#left -= amount;
    if (this.#left < 0) throw new ScriptError(at, 'regexTooMany');
  }

  get enabled(): readonly string[] {
    return [...this.#enabled];
  }

  has(capability: string): boolean {
    return this.#enabled.has(capability);
  }

  supports(capability: string): boolean {
    return this.#supported.has(capability);
  }

  /** False when there is no such capability. */
  enable(capability: string): boolean {
    if (!this.supports(capability)) return false;
    this.#enabled.add(capability);
    for (const other of implied.get(capability) ?? []) this.#enabled.add(other);
    return true;
  }

  error(at: Position, code: ProblemCode, ...fill: readonly string[]): void {
    this.problems.push({ is: 'error', at, code, with: fill });
  }

  warning(at: Position, code: ProblemCode, ...fill: readonly string[]): void {
    this.problems.push({ is: 'warning', at, code, with: fill });
  }

  /** Makes a name known; tells of names that are none, and of too many. */
  declare(name: StringNode, how: 'local' | 'global'): string | undefined {
    const variable = name.value.toLowerCase();
    if (!/^[a-z_][a-z0-9_]*$/.test(variable) || variable.length > this.limits.variableNameMax) {
      this.error(name.at, 'variableName', name.value);
      return undefined;
    }
    const before = this.variables.get(variable);
    if (how === 'global' && before === 'local') this.error(name.at, 'globalAfterSet', name.value);
    if (before === undefined) {
      if (this.variables.size === this.limits.variablesMax)
        this.error(name.at, 'tooManyVariables', `${this.limits.variablesMax}`);
      this.variables.set(variable, how);
    }
    return variable;
  }
}

/** RFC 6131, 2 and RFC 5235, 2.4: the larger one brings the smaller. */
const implied: ReadonlyMap<string, readonly string[]> = new Map([
  ['vacation-seconds', ['vacation']],
  ['spamtestplus', ['spamtest']],
]);

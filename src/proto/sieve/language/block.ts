/**
 * Commands in a row: what is compiled is one command that runs them until one of them leaves.
 *
 * `if`, `elsif` and `else` are one command here (RFC 5228, 3.1). Where a test is known before anything is run (RFC 5463), a branch that is never taken
 * is not looked at: it may use what this server does not have.
 */
import type { ProblemCode } from '../problem.ts';
import type { CallNode, CommandNode } from '../syntax/tree.ts';
import { Call } from './call.ts';
import type { Command, CommandDefinition, Definition, Flow, Test, TestDefinition } from './definition.ts';
import type { Run } from './run.ts';
import type { Compiler, Scope } from './scope.ts';

interface Branch {
  readonly test: Test;
  readonly body: Command;
}

const ifDefinition: Definition<undefined> = {
  name: 'if',
  tests: 'one',
  block: true,
  compile: () => undefined,
};
const elseDefinition: Definition<undefined> = { name: 'else', block: true, compile: () => undefined };

export class BlockCompiler implements Compiler {
  readonly #commands: ReadonlyMap<string, CommandDefinition>;
  readonly #tests: ReadonlyMap<string, TestDefinition>;

  constructor(commands: readonly CommandDefinition[], tests: readonly TestDefinition[]) {
    this.#commands = new Map(commands.map((each) => [each.name, each]));
    this.#tests = new Map(tests.map((each) => [each.name, each]));
  }

  /** The whole script: its `require`s come first, and each command here is a rule. */
  script(nodes: readonly CommandNode[], scope: Scope): Command {
    let first = 0;
    while (nodes[first]?.name === 'require') first++;
    for (const node of nodes.slice(0, first)) require(node, scope);
    return inOrder(this.#commandsOf(nodes.slice(first), scope, true));
  }

  block(nodes: readonly CommandNode[], scope: Scope): Command {
    return inOrder(this.#commandsOf(nodes, scope, false));
  }

  test(node: CallNode, scope: Scope): Test {
    const definition = found(this.#tests.get(node.name), scope);
    if (definition === undefined) {
      scope.error(node.at, ...unknown(node.name, this.#tests.get(node.name)?.needs, 'test'));
      return { holds: () => false };
    }
    const compiled = definition.compile(new Call(node, definition, scope), scope);
    return traced(compiled, node);
  }

  #commandsOf(nodes: readonly CommandNode[], scope: Scope, top: boolean): Command[] {
    const compiled: Command[] = [];
    for (let i = 0; i < nodes.length; ) {
      const node = nodes[i]!;
      let end = i + 1;
      if (node.name === 'if') while (nodes[end]?.name === 'elsif' || nodes[end]?.name === 'else') end++;
      const command =
        node.name === 'if' ? this.#chain(nodes.slice(i, end), scope) : this.#command(node, scope);
      compiled.push(top ? asRule(command, node, scope) : command);
      i = end;
    }
    return compiled;
  }

  #command(node: CommandNode, scope: Scope): Command {
    if (node.name === 'require') scope.error(node.at, 'requireLate');
    else if (node.name === 'elsif' || node.name === 'else') scope.error(node.at, 'elseWithoutIf', node.name);
    else return this.#defined(node, scope);
    return () => 'next';
  }

  #defined(node: CommandNode, scope: Scope): Command {
    const definition = found(this.#commands.get(node.name), scope);
    if (definition === undefined) {
      const kind = this.#tests.has(node.name) ? 'testNotCommand' : undefined;
      if (kind) scope.error(node.at, kind, node.name);
      else scope.error(node.at, ...unknown(node.name, this.#commands.get(node.name)?.needs, 'command'));
      // What is in the block of an unknown command is looked at all the same.
      if (node.block) this.block(node.block, scope);
      return () => 'next';
    }
    if (definition.block === true && node.block === undefined)
      scope.error(node.at, 'blockMissing', node.name);
    const command = definition.compile(new Call(node, definition, scope), scope);
    return (run) => {
      run.enter(node.at);
      run.tell(node.name);
      return command(run);
    };
  }

  #chain(nodes: readonly CommandNode[], scope: Scope): Command {
    const branches: Branch[] = [];
    let over = false;
    for (const [i, node] of nodes.entries()) {
      if (nodes[i - 1]?.name === 'else') scope.error(node.at, 'elseWithoutIf', node.name);
      if (node.block === undefined) scope.error(node.at, 'blockMissing', node.name);
      if (over) continue;
      const branch = this.#branch(node, scope);
      if (branch.test.always !== false) branches.push(branch);
      over = branch.test.always === true;
    }
    return (run) => {
      for (const { test, body } of branches) {
        if (!run.holds(test)) continue;
        hit(run);
        return body(run);
      }
      return 'next';
    };
  }

  #branch(node: CommandNode, scope: Scope): Branch {
    const isElse = node.name === 'else';
    checkArguments(node, isElse ? elseDefinition : ifDefinition, scope);
    const [first] = node.tests;
    const test: Test = isElse || first === undefined ? { holds: () => isElse } : this.test(first, scope);
    const dead = test.always === false;
    return { test, body: dead || node.block === undefined ? () => 'next' : this.block(node.block, scope) };
  }
}

/** Told of what is wrong; there is nothing to take from it. */
function checkArguments(node: CommandNode, definition: Definition<undefined>, scope: Scope): Call {
  return new Call(node, definition, scope);
}

function require(node: CommandNode, scope: Scope): void {
  const definition: Definition<undefined> = { name: 'require', args: ['strings'], compile: () => undefined };
  const call = new Call(node, definition, scope);
  for (const { value, at } of call.strings(0)) {
    if (!scope.enable(value)) scope.error(at, 'capabilityUnknown', value);
  }
}

/** Undefined also when the capability that brings it was not required: then it is as if it were not there (RFC 5228, 2.10.5). */
function found<C>(definition: Definition<C> | undefined, scope: Scope): Definition<C> | undefined {
  const there = definition?.needs === undefined || scope.has(definition.needs);
  return there ? definition : undefined;
}

function unknown(
  name: string,
  needs: string | undefined,
  what: 'command' | 'test',
): readonly [ProblemCode, ...string[]] {
  if (needs !== undefined) return ['needs', name, needs];
  return [what === 'command' ? 'commandUnknown' : 'testUnknown', name];
}

function traced({ holds, always }: Test, node: CallNode): Test {
  return {
    holds: (run) => {
      run.enter(node.at);
      const result = holds(run);
      run.at = node.at;
      run.tell(node.name, result);
      return result;
    },
    ...(always === undefined ? {} : { always }),
  };
}

/** Only commands of the main script count as rules: what is included belongs to the rule that includes it. */
function asRule(command: Command, node: CommandNode, scope: Scope): Command {
  const { line } = node.at;
  scope.rules.push({ line, name: ruleName(node.comment) });
  return (run) => {
    if (run.included.open.length > 0) return command(run);
    run.rule = line;
    if (node.name !== 'if') hit(run);
    return command(run);
  };
}

/** The rule under way does something. */
function hit(run: Run): void {
  if (run.included.open.length === 0) run.hits.add(run.rule);
}

/** `# rule:[Name]` as Roundcube and others write it; otherwise the last line of the comment. */
function ruleName(comment: string): string {
  const marked = /^rule:\[(.*)\]/m.exec(comment)?.[1];
  return (marked ?? comment.split('\n').at(-1) ?? '')
    .replaceAll(/^[\s#*-]+|[\s#*-]+$/g, '')
    .slice(0, ruleNameMax);
}

const ruleNameMax = 200;

function inOrder(commands: readonly Command[]): Command {
  return (run): Flow => {
    for (const command of commands) {
      const flow = command(run);
      if (flow !== 'next') return flow;
    }
    return 'next';
  };
}

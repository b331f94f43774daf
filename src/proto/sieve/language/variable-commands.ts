/** `set` and `string` (RFC 5229, 4 and 5), and the names that variables may have there (RFC 6609, 3.4.2). */
import { compileMatch, matchTags } from '../match/match-type.ts';
import type { StringNode } from '../syntax/tree.ts';
import { type CommandDefinition, step, test, type TestDefinition } from './definition.ts';
import { compileModifiers, modifierTags } from './modifiers.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

const needs = 'variables';

export const set: CommandDefinition = {
  name: 'set',
  needs,
  tags: modifierTags,
  args: ['string', 'string'],
  compile(call, scope) {
    const assign = compileAssignment(call.string(0), scope);
    const value = call.text(1);
    const modify = compileModifiers(call, scope.limits.variableMaxBytes);
    return step((run) => {
      const given = value.read(run);
      run.spend(given.length);
      assign(run, modify(given));
    });
  },
};

/** Puts a value into a variable of a constant name. */
export function compileAssignment(node: StringNode, scope: Scope): (run: Run, value: string) => void {
  const global = /^global\.(.*)$/is.exec(node.value)?.[1];
  if (global !== undefined && scope.has('include')) {
    const name = global.toLowerCase();
    if (!/^[a-z_][a-z0-9_]*$/.test(name)) scope.error(node.at, 'variableName', node.value);
    return (run, value) => run.variables.setGlobal(name, value);
  }
  const name = scope.declare(node, 'local') ?? '';
  return (run, value) => run.variables.set(name, value);
}

export const string: TestDefinition = {
  name: 'string',
  needs,
  tags: matchTags,
  args: ['strings', 'strings'],
  compile(call, scope) {
    const sources = call.texts(0);
    const match = compileMatch(call, scope, call.texts(1));
    return test((run) => {
      const values = sources.map((source) => source.read(run));
      // An empty string counts as none (RFC 5229, 5).
      return match(run, { values, count: values.filter((value) => value !== '').length });
    });
  },
};

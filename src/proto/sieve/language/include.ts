/**
 * Scripts within scripts (RFC 6609): `include`, `return`, `global`.
 *
 * A script is looked for when it is reached, so that scripts can be stored in any order. Each has its own capabilities and variables; a stop in one stops all.
 */
import type { Program } from '../program.ts';
import { isScriptName } from '../script-name.ts';
import { type Command, type CommandDefinition, type Flow, step } from './definition.ts';
import type { Run } from './run.ts';

const needs = 'include';

export const include: CommandDefinition = {
  name: 'include',
  needs,
  tags: [
    { name: 'personal', group: 'location' },
    { name: 'global', group: 'location' },
    { name: 'once' },
    { name: 'optional' },
  ],
  args: ['string'],
  compile(call, scope): Command {
    const { value: name, at } = call.string(0);
    // The name is constant (RFC 6609, 3.2): a variable in it would never be filled in.
    if (!isScriptName(name) || call.text(0).constant === undefined) scope.error(at, 'scriptName', name);
    const where = call.chosen('location') === 'global' ? 'global' : 'personal';
    const [once, optional] = [call.has('once'), call.has('optional')];
    return (run) => {
      const key = `${where} ${name}`;
      if (once && (run.included.done.has(key) || run.included.open.includes(key))) return 'next';
      const program = scriptNamed(run, where, name);
      if (program === undefined) {
        if (optional) return 'next';
        throw run.error('scriptMissing', name);
      }
      return runIncluded(run, program, { key, name });
    };
  },
};

function scriptNamed(run: Run, where: 'personal' | 'global', name: string): Program | undefined {
  if (run.included.open.includes(`${where} ${name}`)) throw run.error('includesItself', name);
  const program = run.ask<'script'>({ is: 'script', where, name });
  if (program === 'invalid') throw run.error('scriptInvalid', name);
  return program;
}

function runIncluded(run: Run, program: Program, { key, name }: { key: string; name: string }): Flow {
  const { included, limits } = run;
  if (included.open.length + 1 >= limits.includeDepthMax)
    throw run.error('includeDepth', `${limits.includeDepthMax}`);
  if (++included.count > limits.includesMax) throw run.error('tooManyIncludes', `${limits.includesMax}`);
  const before = { variables: run.variables, loops: run.loops, at: run.at };
  included.open.push(key);
  included.done.add(key);
  run.tell(`include ${name}`);
  run.variables = run.newVariables();
  run.loops = [];
  const flow = program.body(run);
  Object.assign(run, before);
  included.open.pop();
  return flow === 'stop' ? 'stop' : 'next';
}

export const returnCommand: CommandDefinition = { name: 'return', needs, compile: () => () => 'return' };

export const global: CommandDefinition = {
  name: 'global',
  needs,
  args: ['strings'],
  compile(call, scope) {
    if (!scope.has('variables')) scope.error(call.at, 'needs', 'global', 'variables');
    const names = call
      .strings(0)
      .map((node) => scope.declare(node, 'global'))
      .filter((name) => name !== undefined);
    return step((run) => {
      for (const name of names) run.variables.declareGlobal(name);
    });
  },
};

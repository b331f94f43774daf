/** `ihave` and `error` (RFC 5463): scripts that go on without a capability that a server lacks. */
import type { CommandDefinition, TestDefinition } from './definition.ts';

const needs = 'ihave';

/**
 * Known when the script is compiled: what follows from it is not even looked at where it is false. Capabilities that are there are in force from here on.
 */
export const ihave: TestDefinition = {
  name: 'ihave',
  needs,
  args: ['strings'],
  compile(call, scope) {
    const names = call.strings(0).map(({ value }) => value);
    const always = names.every((name) => scope.supports(name));
    if (always) for (const name of names) scope.enable(name);
    return { holds: () => always, always };
  },
};

export const error: CommandDefinition = {
  name: 'error',
  needs,
  args: ['string'],
  compile(call) {
    const text = call.text(0);
    return (run) => {
      throw run.error('ownError', text.read(run));
    };
  },
};

/** The test `duplicate` (RFC 7352): whether the same was seen before. What was tested is remembered when the script has ended well. */
import { test, type TestDefinition } from './definition.ts';
import type { Call } from './call.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

export const duplicate: TestDefinition = {
  name: 'duplicate',
  needs: 'duplicate',
  tags: [
    { name: 'handle', value: 'string' },
    { name: 'header', group: 'unique', value: 'string' },
    { name: 'uniqueid', group: 'unique', value: 'string' },
    { name: 'seconds', value: 'number' },
    { name: 'last' },
  ],
  compile(call, scope) {
    const handle = call.tagText('handle');
    const unique = compileUniqueId(call);
    const seconds = secondsOf(call, scope);
    const last = call.has('last');
    return test((run) => {
      const id = unique(run);
      // Without an id nothing is a duplicate of it (RFC 7352, 3).
      if (id === undefined) return false;
      const name = handle?.read(run) ?? '';
      const seen = run.ask<'duplicate'>({ is: 'duplicate', handle: name, id });
      const before = run.tracked.findIndex((each) => each.handle === name && each.id === id);
      if (before !== -1) run.tracked.splice(before, 1);
      // Without :last the time runs from the first, not from each (RFC 7352, 3.2).
      if (!seen || last) run.tracked.push({ handle: name, id, seconds });
      return seen;
    });
  },
};

function compileUniqueId(call: Call): (run: Run) => string | undefined {
  const uniqueId = call.tagText('uniqueid');
  if (uniqueId) return (run) => uniqueId.read(run);
  const header = call.tagText('header');
  return (run) => {
    const name = header?.read(run).toLowerCase() ?? 'message-id';
    const value = run.letter.values(name)[0];
    return value === undefined || value === '' ? undefined : value;
  };
}

function secondsOf(call: Call, { limits }: Scope): number {
  const asked = call.tagNumber('seconds') ?? limits.duplicateSecondsDefault;
  return Math.min(asked, limits.duplicateSecondsMax);
}

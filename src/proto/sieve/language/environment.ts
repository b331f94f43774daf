/** The test `environment` (RFC 5183): what is known of where the script runs. An item that nobody knows has no value: nothing matches. */
import { compileMatch, matchTags } from '../match/match-type.ts';
import { test, type TestDefinition } from './definition.ts';

export const environment: TestDefinition = {
  name: 'environment',
  needs: 'environment',
  tags: matchTags,
  args: ['string', 'strings'],
  compile(call, scope) {
    const item = call.text(0);
    const match = compileMatch(call, scope, call.texts(1));
    return test((run) => {
      const value = run.around.environment.get(item.read(run).toLowerCase());
      // An unknown item fails whatever is asked, also how often it is there (RFC 5183, 4).
      return value !== undefined && match(run, { values: [value] });
    });
  },
};

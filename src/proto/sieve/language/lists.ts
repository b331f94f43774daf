/** The test `valid_ext_list` (RFC 6134, 2.5). The match type `:list` is in match/match-type.ts. */
import { test, type TestDefinition } from './definition.ts';

export const validExtList: TestDefinition = {
  name: 'valid_ext_list',
  needs: 'extlists',
  args: ['strings'],
  compile(call) {
    const lists = call.texts(0);
    return test((run) =>
      lists.every((list) => run.ask<'listExists'>({ is: 'listExists', list: list.read(run) })),
    );
  },
};

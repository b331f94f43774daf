/** What the spam and virus filters found: `spamtest`, `virustest` (RFC 5235). */
import { compileMatch, isCount, matchTags } from '../match/match-type.ts';
import { test, type TestDefinition } from './definition.ts';

/** 0: nobody looked; 1 to 10: clean to spam (RFC 5235, 2.2.1). With `:percent` 0 to 100 (2.4). */
const spamtest: TestDefinition = {
  name: 'spamtest',
  needs: 'spamtest',
  tags: [...matchTags, { name: 'percent', needs: 'spamtestplus' }],
  args: ['string'],
  compile(call, scope) {
    const match = compileMatch(call, scope, [call.text(0)]);
    const percent = call.has('percent');
    const count = isCount(call);
    return test((run) => {
      const { spamScore } = run.around;
      if (count) return match(run, { values: [], count: spamScore === undefined ? 0 : 1 });
      const score = Math.min(1, Math.max(0, spamScore ?? 0));
      const value = percent ? score * 100 : spamScore === undefined ? 0 : 1 + score * 9;
      return match(run, { values: [`${Math.round(value)}`] });
    });
  },
};

/** 0: nobody looked; 1 clean to 5 infected (RFC 5235, 2.5). */
const virustest: TestDefinition = {
  name: 'virustest',
  needs: 'virustest',
  tags: matchTags,
  args: ['string'],
  compile(call, scope) {
    const match = compileMatch(call, scope, [call.text(0)]);
    const count = isCount(call);
    return test((run) => {
      const { virus } = run.around;
      return match(
        run,
        count ? { values: [], count: virus === undefined ? 0 : 1 } : { values: [`${virus ?? 0}`] },
      );
    });
  },
};

export const filterTests: readonly TestDefinition[] = [spamtest, virustest];

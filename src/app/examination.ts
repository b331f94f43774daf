/** Puts together who examines mail from outside: policy, with the rules that organisations keep in the directory. */
import { systemClock } from '../base/clock.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Settings } from '../config/schema.ts';
import type { Directory } from '../directory/directory.ts';
import type { IntakeParts } from '../intake/intake.ts';
import type { Resolver } from '../net/resolver.ts';
import { Examiner } from '../policy/examiner.ts';
import { authenticationOptions } from './part-options.ts';

export interface ExaminationParts {
  readonly settings: Settings;
  readonly directory: Pick<Directory, 'senderRules'>;
  readonly resolver: Resolver;
  readonly metrics: Metrics;
}

export function openExaminer(parts: ExaminationParts): NonNullable<IntakeParts['examine']> {
  const { settings, directory, resolver: dns, metrics } = parts;
  const examiner = new Examiner({
    dns,
    clock: systemClock,
    metrics,
    options: authenticationOptions(settings),
    rulesOf: async (org, domain) => {
      const own = await directory.senderRules(org, domain);
      if (own === undefined) return undefined;
      const { mailingLists, ...same } = own;
      return { ...same, ...(mailingLists && { spareLists: mailingLists === 'junk' }) };
    },
  });
  return (mail) => examiner.begin(mail);
}

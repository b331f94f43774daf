/** Puts together who looks at mail: the proof of senders and the chain of filters, with the rules that organisations keep in the directory. */
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Settings } from '../config/schema.ts';
import type { Directory } from '../directory/directory.ts';
import type { IntakeParts } from '../intake/intake.ts';
import type { Resolver } from '../net/resolver.ts';
import { Chain } from '../policy/chain.ts';
import { Examiner } from '../policy/examiner.ts';
import { Inspector } from '../policy/inspector.ts';
import { openChecks } from './filter-checks.ts';
import { openLists } from './own-checks.ts';
import { authenticationOptions, verdictRules } from './part-options.ts';

export interface ExaminationParts {
  readonly settings: Settings;
  readonly directory: Pick<Directory, 'senderRules' | 'filterRules' | 'domainNames'>;
  readonly resolver: Resolver;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Undefined when the settings want nothing looked at. */
export function openInspector(parts: ExaminationParts): IntakeParts['examine'] {
  const { authentication, filters } = parts.settings;
  if (!authentication.verify && !filters.enabled) return undefined;
  const inspector = new Inspector({
    ...(authentication.verify && { examiner: openExaminer(parts) }),
    ...(filters.enabled && { chain: openChain(parts) }),
  });
  return (mail) => inspector.begin(mail);
}

function openExaminer({ settings, directory, resolver: dns, metrics }: ExaminationParts): Examiner {
  return new Examiner({
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
}

function openChain({ settings, directory, resolver, log, metrics }: ExaminationParts): Chain {
  const lists = openLists(settings, resolver, log);
  const server = verdictRules(settings);
  return new Chain({
    checks: openChecks({ settings, directory, resolver, lists }),
    rulesOf: async (org) => {
      const own = await directory.filterRules(org);
      if (own === undefined) return server;
      return { ...server, ...own, weights: { ...server.weights, ...own.weights } };
    },
    clock: systemClock,
    log,
    metrics,
  });
}

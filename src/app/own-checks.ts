/** The checks that need nobody else: lists, headers, impersonation, links, rules of an organisation's own. */
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../config/schema.ts';
import type { Directory } from '../directory/directory.ts';
import type { Resolver } from '../net/resolver.ts';
import type { Check } from '../policy/check.ts';
import { connectionCheck } from '../policy/connection-check.ts';
import { headerCheck } from '../policy/header-check.ts';
import { impersonationCheck } from '../policy/impersonation-check.ts';
import type { FactsOf } from '../policy/org-facts.ts';
import { ownRulesCheck } from '../policy/own-rules-check.ts';
import { ReputationLists } from '../policy/reputation-lists.ts';
import { urlCheck } from '../policy/url-check.ts';

export interface OwnCheckParts {
  readonly settings: Settings;
  readonly directory: Pick<Directory, 'filterRules' | 'domainNames'>;
  readonly lists: ReputationLists;
}

/** For checks that wait for DNS or for the directory. */
const lookupTimeoutMs = 10_000;

/** In the order in which they are begun; their order has no other meaning. */
export function ownChecks({ settings, directory, lists }: OwnCheckParts): readonly Check[] {
  const factsOf = orgFacts(directory);
  const ownNames = [settings.hostname, ...settings.listeners.map(({ hostname }) => hostname)];
  return [
    connectionCheck(lists, lookupTimeoutMs),
    headerCheck({ clock: systemClock, ownNames: ownNames.filter((name) => name !== '') }),
    impersonationCheck(factsOf, lookupTimeoutMs),
    urlCheck({ lists, factsOf, timeoutMs: lookupTimeoutMs }),
    ownRulesCheck(factsOf, lookupTimeoutMs),
  ];
}

export function openLists(settings: Settings, resolver: Resolver, log: Log): ReputationLists {
  const lists = settings.filters.lists.map((list) => ({
    zone: list.zone.replace(/\.$/, ''),
    of: list.of,
    weight: list.weight,
    answers: list.answers.map((one) => ({ answer: one.answer, weight: one.weight })),
  }));
  return new ReputationLists({ dns: resolver, clock: systemClock, log, lists });
}

function orgFacts(directory: OwnCheckParts['directory']): FactsOf {
  return async (org) => {
    if (org === '') return nothing;
    const [own, domains] = await Promise.all([directory.filterRules(org), directory.domainNames(org)]);
    const { protectedDomains = [], protectedNames = [], rules = [] } = own ?? {};
    return { domains, protectedDomains, protectedNames, rules };
  };
}

const nothing = { domains: [], protectedDomains: [], protectedNames: [], rules: [] };

/** Puts together who looks at mail: the proof of senders and the chain of filters, with the rules that organisations keep in the directory. */
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Settings } from '../config/schema.ts';
import type { Directory } from '../directory/directory.ts';
import type { IntakeParts } from '../intake/intake.ts';
import { parseBlocks } from '../net/address-block.ts';
import type { Resolver } from '../net/resolver.ts';
import { Chain, type ChainParts } from '../policy/chain.ts';
import type { Door } from '../policy/door.ts';
import { Examiner } from '../policy/examiner.ts';
import { LearnedTallies } from '../policy/learned.ts';
import { Gateways } from '../policy/gateways.ts';
import { Inspector } from '../policy/inspector.ts';
import type { LineFinder } from '../policy/line-check.ts';
import { isReport, reportable, type Reportable } from '../policy/report-row.ts';
import type { ReputationLists } from '../policy/reputation-lists.ts';
import type { Store } from '../store/store.ts';
import { openDoor } from './door.ts';
import { openChecks } from './filter-checks.ts';
import { openLines } from './line-lists.ts';
import { openLists } from './own-checks.ts';
import { authenticationOptions, verdictRules } from './part-options.ts';

export interface ExaminationParts {
  readonly settings: Settings;
  readonly store: Store;
  readonly directory: Pick<Directory, 'senderRules' | 'filterRules' | 'domainNames'>;
  readonly resolver: Resolver;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Hears of mail that a domain wants reports of. */
  readonly count?: (finding: Reportable) => void;
}

export interface Examination {
  /** What intake asks about mail: nothing, where the settings want nothing looked at. */
  readonly intake: Pick<IntakeParts, 'examine' | 'examinesOwn' | 'door'>;
  readonly chain?: Chain;
}

export function openExamination(parts: ExaminationParts): Examination {
  const { settings, resolver, log, store, directory } = parts;
  const { authentication, filters } = settings;
  if (!authentication.verify && !filters.enabled) return { intake: {} };
  const lists = openLists(settings, resolver, log);
  const lines = filters.enabled ? openLines(settings, resolver) : undefined;
  const rulesOf = verdictRulesOf(parts);
  const chain = filters.enabled ? openChain(parts, { lists, lines, rulesOf }) : undefined;
  const gateways = new Gateways(parseBlocks(authentication.gateways));
  const inspector = new Inspector({
    ...(authentication.verify && { examiner: openExaminer(parts) }),
    ...(chain && { chain }),
    gateways,
  });
  return {
    intake: {
      examine: (mail) => inspector.begin(mail),
      examinesOwn: filters.enabled && filters.outgoing,
      ...(chain && {
        door: doorFor(openDoor({ settings, store, directory, lists, lines, rulesOf, log }), gateways),
      }),
    },
    ...(chain && { chain }),
  };
}

/** Who stands before us has let them in already. */
function doorFor(door: Door, gateways: Gateways): Pick<Door, 'admit'> {
  return { admit: async (at) => (gateways.has(at.ip) ? undefined : door.admit(at)) };
}

type RulesOf = ChainParts['rulesOf'];

/** Of an organisation over those of the server. */
function verdictRulesOf({ settings, directory }: ExaminationParts): RulesOf {
  const server = verdictRules(settings);
  return async (org) => {
    const own = await directory.filterRules(org);
    if (own === undefined) return server;
    return { ...server, ...own, weights: { ...server.weights, ...own.weights } };
  };
}

function openExaminer({ settings, directory, resolver: dns, metrics, count }: ExaminationParts): Examiner {
  return new Examiner({
    dns,
    clock: systemClock,
    metrics,
    options: authenticationOptions(settings),
    ...(count && {
      onFinding: (found, decision, { header, block }) => {
        const finding = isReport(header, block) ? undefined : reportable(found, decision);
        if (finding) count(finding);
      },
    }),
    rulesOf: async (org, domain) => {
      const own = await directory.senderRules(org, domain);
      if (own === undefined) return undefined;
      const { mailingLists, ...same } = own;
      return { ...same, ...(mailingLists && { spareLists: mailingLists === 'junk' }) };
    },
  });
}

function openChain(
  { settings, directory, resolver, store, log, metrics }: ExaminationParts,
  {
    lists,
    lines,
    rulesOf,
  }: {
    readonly lists: ReputationLists;
    readonly lines: LineFinder | undefined;
    readonly rulesOf: RulesOf;
  },
): Chain {
  const learned = new LearnedTallies({ store, clock: systemClock });
  const checks = openChecks({ settings, directory, resolver, lists, learned, lines });
  return new Chain({ checks, rulesOf, clock: systemClock, log, metrics });
}

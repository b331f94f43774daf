/** Who stands at the door of mail from outside: lists and greylisting before the text, and what address blocks do. As the settings have it. */
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Settings } from '../config/schema.ts';
import type { Directory } from '../directory/directory.ts';
import { parseBlocks } from '../net/address-block.ts';
import { Door } from '../policy/door.ts';
import { Greylist, greylistDefaults } from '../policy/greylist.ts';
import type { LineFinder } from '../policy/line-check.ts';
import { Neighbourhood, neighbourhoodDefaults } from '../policy/neighbourhood.ts';
import type { ReputationLists } from '../policy/reputation-lists.ts';
import type { VerdictRules } from '../policy/verdict.ts';
import type { Store } from '../store/store.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** This machine, and networks that nobody in the world has. */
const ownNetworks = [
  '127.0.0.0/8',
  '::1',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

export function openGreylist({ filters }: Settings, store: Store): Greylist {
  const options = {
    ...greylistDefaults,
    delayMs: filters.greylistMinutes * minuteMs,
    keepMs: filters.greylistDays * dayMs,
  };
  return new Greylist({ store, clock: systemClock, options });
}

export interface DoorFacts {
  readonly settings: Settings;
  readonly store: Store;
  readonly directory: Pick<Directory, 'filterRules'>;
  readonly lists: ReputationLists;
  readonly lines: LineFinder | undefined;
  readonly rulesOf: (org: string) => Promise<VerdictRules>;
  readonly log: Log;
}

export function openDoor({ settings, store, directory, lists, lines, rulesOf, log }: DoorFacts): Door {
  return new Door({
    lists,
    ...(lines && { lines }),
    rulesOf: async (org) => {
      const own = (await directory.filterRules(org)) ?? {};
      const { greylisting = settings.filters.greylisting, rules = [] } = own;
      const mayVouch = rules.some(({ weight }) => weight < 0);
      return { ...(await rulesOf(org)), greylisting, mayVouch };
    },
    greylist: openGreylist(settings, store),
    clock: systemClock,
    log,
  });
}

export function openNeighbourhood({ filters, authentication }: Settings, metrics: Metrics): Neighbourhood {
  const exempt = filters.exemptNetworks.length === 0 ? ownNetworks : filters.exemptNetworks;
  return new Neighbourhood({
    clock: systemClock,
    metrics,
    options: {
      ...neighbourhoodDefaults,
      exempt: parseBlocks([...exempt, ...authentication.gateways]),
      connectionsMax: filters.blockConnectionsMax,
      connectionsPerMinuteMax: filters.blockConnectionsPerMinuteMax,
      unknownMax: filters.unknownRecipientsMax,
      greetDelayMs: filters.greetDelayMs,
    },
  });
}

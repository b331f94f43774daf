/** How mail to others goes and how we stand with them, for the HTTP server: outcomes by provider, warm-ups, block lists. */
import { systemClock } from '../base/clock.ts';
import { countWaysOut } from '../events/way-out.ts';
import type { BlockListVerdict, ProviderCount, ReputationDesk, WarmUpNow } from '../httpd/parts.ts';
import { keptWarmUps } from '../shaping/kept-states.ts';
import { providerOfServer, providerTitle } from '../shaping/provider-list.ts';
import { askBlockList } from './doctor/block-lists.ts';
import type { ThreadParts } from './thread-parts.ts';
import { worldAddresses } from './world-addresses.ts';

/** Lists are asked at most so often: they count questions. */
const listsKeptMs = 10 * 60_000;

export function reputationDesk({
  facts: { settings, store },
  resolver,
  shaper,
}: ThreadParts): ReputationDesk {
  let asked: { readonly atMs: number; readonly verdicts: Promise<readonly BlockListVerdict[]> } | undefined;
  const ask = async (): Promise<readonly BlockListVerdict[]> => {
    const own = await worldAddresses(settings, resolver);
    const sources = shaper.options.sources.flatMap(({ addresses }) => addresses);
    const addresses = [...new Set([...own, ...sources])];
    return Promise.all(
      addresses.flatMap((address) =>
        settings.doctor.blockLists.map(async (list) => ({
          address,
          list,
          ...(await askBlockList(list, address, resolver)),
        })),
      ),
    );
  };
  return {
    async byProvider(org, fromMs, stepMs) {
      const found = await store.scan(countWaysOut, { engine: store.engine, org, fromMs, stepMs });
      return found.map(({ host, domain, ...rest }): ProviderCount => {
        const provider = providerOfServer(host, domain);
        return { ...rest, provider, title: providerTitle(provider) };
      });
    },
    async warmUps() {
      const kept = await store.read(() => keptWarmUps());
      return kept.map(
        (one): WarmUpNow => ({
          ...one,
          receiverTitle: providerTitle(one.receiver) || one.receiver,
          plan: shaper.warmUpPlan,
        }),
      );
    },
    async blockLists() {
      const nowMs = systemClock.monotonicMs();
      if (!asked || nowMs - asked.atMs > listsKeptMs) {
        const verdicts = ask();
        verdicts.catch(() => (asked = undefined));
        asked = { atMs: nowMs, verdicts };
      }
      return asked.verdicts;
    },
  };
}

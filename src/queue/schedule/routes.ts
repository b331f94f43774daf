/**
 * Which site each hop leads to: asked of delivery, and again when the answer's time is over. A hop is a destination, or what `hopOf` makes of it and the sender. Entries whose hop
 * has no answer yet wait here.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { HopOf, Route, SiteRoute } from '../attempt.ts';
import type { Entry } from './entry.ts';
import type { Site } from './site.ts';

/** A destination whose route could not be made is asked for again after this. */
const routeAgainMs = 60_000;

export interface RoutesParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly route: Route;
  readonly hopOf?: HopOf;
  readonly siteOf: (found: SiteRoute, destination: string) => Site;
  /** Entries have come to the site. */
  readonly pump: (site: Site) => void;
}

/** Where mail for one hop goes. */
interface HopRoute {
  readonly destination: string;
  site: Site | undefined;
  /** The answer holds until then. */
  untilMs: number;
  asking: boolean;
  /** Entries that came before the first answer. */
  readonly waiting: Entry[];
}

export class Routes {
  readonly #parts: RoutesParts;
  readonly #routes = new Map<string, HopRoute>();
  /** The hops of destinations that have more than their own name. */
  readonly #hops = new Map<string, Set<string>>();

  constructor(parts: RoutesParts) {
    this.#parts = parts;
  }

  /** The site whose turn the entry waits for now; undefined: it waits for the answer. */
  add(entry: Entry): Site | undefined {
    const route = this.#routeOf(entry);
    if (route.site) route.site.ready.push(entry.lane.lane, entry);
    else route.waiting.push(entry);
    return route.site;
  }

  takeBack(picks: (entry: Entry) => boolean): Entry[] {
    const taken: Entry[] = [];
    for (const route of this.#routes.values()) {
      const kept = route.waiting.filter((entry) => !picks(entry));
      if (kept.length === route.waiting.length) continue;
      taken.push(...route.waiting.filter(picks));
      route.waiting.splice(0, Infinity, ...kept);
    }
    return taken;
  }

  /** Each destination is asked about again before its next mail. */
  askAgain(): void {
    for (const route of this.#routes.values()) route.untilMs = 0;
  }

  leadsTo(destination: string, site: Site): boolean {
    const leads = (hop: string): boolean => this.#routes.get(hop)?.site === site;
    return leads(destination) || this.#hops.get(destination)?.values().some(leads) === true;
  }

  /** Forgets answers whose time is over, and those that lead to a site that is known no more. */
  tidy(nowMs: number, isKnown: (site: Site) => boolean): void {
    for (const [hop, route] of this.#routes) {
      const unused = route.waiting.length === 0 && !route.asking && route.untilMs < nowMs;
      if (!unused && !(route.site && !isKnown(route.site))) continue;
      this.#routes.delete(hop);
      this.#hops.get(route.destination)?.delete(hop);
    }
  }

  #routeOf({ destination, live }: Entry): HopRoute {
    const { hopOf, clock } = this.#parts;
    const hop = hopOf === undefined ? destination : hopOf(destination, live.message.sender);
    let route = this.#routes.get(hop);
    if (!route) {
      route = { destination, site: undefined, untilMs: 0, asking: false, waiting: [] };
      this.#routes.set(hop, route);
      if (hop !== destination)
        this.#hops.set(destination, (this.#hops.get(destination) ?? new Set()).add(hop));
    }
    if (!route.asking && route.untilMs <= clock.nowMs()) void this.#ask(hop, route);
    return route;
  }

  /** Until the new answer is there, entries go where the old one said. */
  async #ask(hop: string, route: HopRoute): Promise<void> {
    const { siteOf, pump } = this.#parts;
    route.asking = true;
    const found = await this.#routed(hop);
    route.asking = false;
    route.untilMs = found.untilMs;
    const site = siteOf(found, route.destination);
    route.site = site;
    for (const entry of route.waiting.splice(0)) {
      if (!entry.lane.shard.lost) site.ready.push(entry.lane.lane, entry);
    }
    // Destinations that are asked about together are often answered together, and a message for several of them may be one attempt.
    setImmediate(() => pump(site));
  }

  /** A route that throws is a bug of ours: the destination stands alone, and its attempts tell why. */
  async #routed(hop: string): Promise<SiteRoute> {
    try {
      return await this.#parts.route(hop);
    } catch (error) {
      this.#parts.log.error({ error, destination: hop }, 'no route');
      return { site: `? ${hop}`, untilMs: this.#parts.clock.nowMs() + routeAgainMs };
    }
  }
}

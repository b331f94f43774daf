/**
 * Hands ready entries out, site by site, as far as each site's pace and the limits of the thread allow.
 *
 * Nothing is shared between sites but the thread's own limit on attempts, which is far above what one site may take: a slow destination never
 * slows another. Everything here is plain memory; what must last is the settler's.
 */
import type { Clock } from '../../base/clock.ts';
import { randomFraction } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { StoredBody } from '../../store/body.ts';
import type { GateOf, Pass } from '../gate.ts';
import type { Attempt, AttemptResult, Deliver, HopOf, Outcome, Route, SiteRoute } from '../attempt.ts';
import type { QueueOptions } from '../options.ts';
import { entryFlags } from '../rows/entry-row.ts';
import { ringCount, ringOfLane, rings } from '../rows/lane.ts';
import type { Entry } from './entry.ts';
import type { WeightOf } from './fair-queue.ts';
import { FeedbackPace, isThrottled, type Pace } from './pace.ts';
import type { OwnedShard } from './shard.ts';
import { Routes } from './routes.ts';
import { Site } from './site.ts';

/** Attempts out for each connection a site may have: the second one is what lets a client send it right behind the first. */
export const attemptsPerConnection = 2;

/** With fewer connections all are for everybody. */
const keptFreeFrom = 4;

/** Waits shorter than this have a timer of their own. */
const soonMs = 1000;
/** What was refused for what others have in hand is asked for again after this. */
const lookAgainMs = 250;

/** While others wait for a place, a site keeps its own so long. */
const turnMs = 10_000;

/** A site nobody has used for so long is forgotten. */
const siteIdleMs = 120_000;

export interface DispatcherParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly options: QueueOptions;
  readonly deliver: Deliver;
  readonly route: Route;
  readonly hopOf?: HopOf;
  /** Absent: no limits but the queue's own. */
  readonly gateOf?: GateOf;
  /** Turns of a lane before the next lane's; absent: one. */
  readonly weightOf?: WeightOf;
  readonly readBody: (entry: Entry) => Promise<StoredBody>;
  /** The attempt is over. */
  readonly onResult: (entries: readonly Entry[], result: AttemptResult) => void;
  /** The attempt came to nothing, because we are being stopped or the lease has passed: the entries stay in the store as they are. */
  readonly onUntried: (entries: readonly Entry[]) => void;
  /** Look at the site again at that time. */
  readonly onPause: (site: Site, untilMs: number) => void;
  /** The site answers again. */
  readonly onSiteBack: (leadsThere: (destination: string) => boolean) => void;
  readonly onSiteDown: (leadsThere: (destination: string) => boolean) => void;
  /** False while too many outcomes wait for the store. */
  readonly mayDispatch: () => boolean;
}

/** Connections that bulk mail leaves free for mail that people wait for: of few none. */
const keptFree = (connections: number): number =>
  connections < keptFreeFrom ? 0 : Math.max(1, Math.floor(connections / 10));

function connectionsFor({ lane }: Entry, connections: number, pass: Pass): number {
  const most = Math.min(connections, pass.connections);
  return ringOfLane(lane.lane) === rings.bulk ? most - keptFree(most) : most;
}

const waitedForLimit = {
  phase: 'connect',
  host: '',
  ip: '',
  reply: '451 4.4.5 It waits for a limit of the receiver',
} as const;

/** What an attempt took along. */
interface Out {
  readonly entries: readonly Entry[];
  readonly pass: Pass | undefined;
}

export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #sites = new Map<string, Site>();
  readonly #routes: Routes;
  #inHand = 0;
  /** Sites with attempts out. */
  #busySites = 0;
  #stopped = false;
  /** Sites that have something ready and were passed over for want of room. */
  readonly #passedOver = new Set<Site>();
  /** Of these, those with mail that people wait for: first to have their turn. */
  readonly #urgentOver = new Set<Site>();
  #idle: (() => void) | undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#routes = new Routes({
      ...parts,
      siteOf: (found, destination) => this.#siteOf(found, destination),
      pump: (site) => this.pump(site),
    });
  }

  get inHand(): number {
    return this.#inHand;
  }

  /** The entry is ready. Call `pump` with the site that is given, once for all entries that came together. */
  add(entry: Entry): Site | undefined {
    return this.#routes.add(entry);
  }

  pump(site: Site): void {
    const nowMs = this.#parts.clock.nowMs();
    site.usedAtMs = nowMs;
    site.ready.comeBack(nowMs);
    while (site.ready.size > 0 && !this.#stopped) {
      const state = site.pace.state(nowMs);
      if (state.at === 'waiting') return this.#parts.onPause(site, state.untilMs);
      if (state.at === 'down') return this.#sendBack(site, state.answer);
      const ways = site.gate?.ways ?? 1;
      const connections = this.#connectionsOf(site);
      const room = state.at === 'probing' ? 1 : connections * ways * attemptsPerConnection;
      if (site.inHand >= room) return;
      if (!this.#hasRoomFor(site)) return this.#passOver(site);
      const kept = keptFree(connections) * ways * attemptsPerConnection;
      const below = site.inHand >= room - kept ? rings.bulk : ringCount;
      const pass = site.gate === undefined ? undefined : this.#pass(site, below, nowMs);
      if (pass === null) return;
      this.#launch(site, this.#gather(site, pass?.recipientsMax), pass);
    }
  }

  /** When the thread's attempts do not suffice for all sites with mail, each has its part of them: few connections that carry much, instead of many with a mail or two. */
  #connectionsOf(site: Site): number {
    const connections = site.pace.connections();
    const waiting = this.#passedOver.size + this.#urgentOver.size;
    if (waiting === 0) return connections;
    const part = this.#parts.options.attemptsMax / ((this.#busySites + waiting) * attemptsPerConnection);
    return Math.min(connections, Math.max(1, Math.floor(part)));
  }

  /** The last tenth of the thread's attempts is for mail that people wait for. */
  #hasRoomFor({ ready }: Site): boolean {
    const { attemptsMax } = this.#parts.options;
    const most = ready.hasBelow(rings.bulk) ? attemptsMax : attemptsMax - keptFree(attemptsMax);
    return this.#inHand < most && this.#parts.mayDispatch();
  }

  #passOver(site: Site): void {
    const urgent = site.ready.hasBelow(rings.bulk);
    (urgent ? this.#urgentOver : this.#passedOver).add(site);
    if (urgent) this.#passedOver.delete(site);
  }

  /** Null: nothing may go now, and the site is looked at again in time. */
  #pass(site: Site, below: number, nowMs: number): Pass | null {
    for (let head = site.ready.head(below); head; head = site.ready.head(below)) {
      const answer = site.gate!.ask(head.live.message, head.destination, nowMs);
      if (answer.is === 'pass') return answer;
      if (answer.whole) {
        this.#wakeAt(site, answer.untilMs, nowMs);
        return null;
      }
      site.ready.putAside(answer.untilMs);
    }
    this.#wakeAt(site, site.ready.asideUntilMs, nowMs);
    return null;
  }

  /** The wheel is coarse: what waits for a moment has a timer of its own. Infinity: the end of something in hand will wake it. */
  #wakeAt(site: Site, untilMs: number, nowMs: number): void {
    if (untilMs === Infinity) {
      // What others hold (threads, other sites of the provider) is given back without a word to us.
      if (site.inHand > 0) return;
      untilMs = nowMs + lookAgainMs;
    }
    if (untilMs - nowMs > soonMs) return this.#parts.onPause(site, untilMs);
    site.soon ??= this.#parts.clock.after(untilMs - nowMs, () => {
      site.soon = undefined;
      this.pump(site);
    });
  }

  /** There is room again: sites that were passed over have their turn, those with urgent mail first, then the longest waiting. */
  pumpPassedOver(): void {
    for (const waiting of [this.#urgentOver, this.#passedOver])
      for (const site of waiting) {
        if (site.ready.size > 0 && !this.#hasRoomFor(site)) break;
        waiting.delete(site);
        site.turnAtMs = this.#parts.clock.nowMs();
        this.pump(site);
      }
  }

  /** Its turn has been long, and others wait for theirs: a site that is slow or has much does not keep its place for ever. */
  #turnIsOver(site: Site): boolean {
    const others = this.#passedOver.size + this.#urgentOver.size > 0;
    return others && site.ready.size > 0 && this.#parts.clock.nowMs() - site.turnAtMs > turnMs;
  }

  /** Takes back what is ready but not in hand. */
  takeBack(picks: (entry: Entry) => boolean): Entry[] {
    const taken = this.#routes.takeBack(picks);
    for (const site of this.#sites.values()) taken.push(...site.ready.take(picks));
    return taken;
  }

  /** An administrator has acted: sites that are down are looked at again. */
  lookAgain(): void {
    for (const site of this.#sites.values()) site.pace.lookAgain();
  }

  /** Each destination is asked about again before its next mail; what is ready goes to delivery, which knows the way by then. */
  forgetRoutes(): void {
    this.#routes.askAgain();
  }

  /** No new attempts; resolves when those in hand are over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#inHand > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  /** Forgets sites and routes that nobody has used for a while, and judges what a limit has kept waiting for too long. */
  tidy(): void {
    const nowMs = this.#parts.clock.nowMs();
    for (const site of this.#sites.values()) if (site.gate !== undefined) this.#sendBackOverdue(site, nowMs);
    for (const [key, site] of this.#sites) {
      const idle = site.inHand === 0 && site.ready.size === 0 && nowMs - site.usedAtMs > siteIdleMs;
      if (!idle || site.pace.state(nowMs).at !== 'up') continue;
      this.#sites.delete(key);
      site.gate?.close();
    }
    this.#routes.tidy(nowMs, ({ site }) => this.#sites.has(site));
  }

  #siteOf({ site: key, hosts = [] }: SiteRoute, destination: string): Site {
    let site = this.#sites.get(key);
    if (!site) {
      const { clock, gateOf, weightOf } = this.#parts;
      const facts = { site: key, hosts, destination };
      const gate = gateOf?.(facts);
      const pace = this.#newPace(gate?.connectionsMax);
      site = new Site(facts, { pace, gate, weightOf, nowMs: clock.nowMs() });
      this.#sites.set(key, site);
    }
    return site;
  }

  #newPace(most: number | undefined): Pace {
    const { siteConnectionsStart, siteConnectionsMax } = this.#parts.options;
    return new FeedbackPace({
      connectionsStart: siteConnectionsStart,
      connectionsMax: most ?? siteConnectionsMax,
      random: randomFraction,
    });
  }

  /** Limits have changed: what is in hand ends as it began. */
  remakeGates(): void {
    const { gateOf } = this.#parts;
    for (const site of this.#sites.values()) {
      site.gate?.close();
      site.gate = gateOf?.(site.facts);
      site.ready.comeBack(Infinity, true);
      this.pump(site);
    }
  }

  /** The next entry, with the other recipients of its message that stand behind it. */
  #gather(site: Site, recipientsMax = Infinity): Entry[] {
    const first = site.ready.next()!;
    const entries = [first];
    if (first.live.only) return entries;
    const max = Math.min(this.#parts.options.attemptRecipientsMax, recipientsMax);
    const suits = (e: Entry): boolean =>
      e.live.message.id === first.live.message.id && e.lane.shard === first.lane.shard;
    while (entries.length < max) {
      const more = site.ready.nextCompanion(suits);
      if (!more) break;
      entries.push(more);
    }
    return entries;
  }

  #launch(site: Site, entries: readonly Entry[], pass: Pass | undefined): void {
    if (site.inHand === 0) {
      this.#busySites += 1;
      site.turnAtMs = this.#parts.clock.nowMs();
    }
    site.inHand += 1;
    this.#inHand += 1;
    const { shard } = entries[0]!.lane;
    const { message } = entries[0]!.live;
    const connections = this.#connectionsOf(site);
    pass?.go(entries.length, message);
    const attempt: Attempt = {
      message,
      recipients: entries,
      site: site.site,
      connectionsMax: pass === undefined ? connections : connectionsFor(entries[0]!, connections, pass),
      ...(pass !== undefined && { way: pass.way }),
      body: () => entries[0]!.live.body ?? this.#parts.readBody(entries[0]!),
      leaseValid: () => shard.valid(),
    };
    this.#parts.deliver(attempt).then(
      (result) => this.#over(site, { entries, pass }, result),
      (error: unknown) => this.#over(site, { entries, pass }, this.#broken(error, entries)),
    );
  }

  /** A delivery that throws is a bug or an outage of our own: the mail waits. */
  #broken(error: unknown, entries: readonly Entry[]): AttemptResult {
    this.#parts.log.error({ error, message: entries[0]!.live.message.id }, 'delivery failed inside');
    const answer = {
      phase: 'connect',
      host: '',
      ip: '',
      reply: '451 4.3.0 Internal error, trying again later',
    } as const;
    return { outcomes: entries.map(() => ({ is: 'deferred', answer, siteDown: false })), conversations: [] };
  }

  #over(site: Site, { entries, pass }: Out, result: AttemptResult): void {
    site.inHand -= 1;
    this.#inHand -= 1;
    if (site.inHand === 0) this.#busySites -= 1;
    if (result.untried) return this.#untried(entries, pass);
    const learned = pass?.over(entries[0]!.live.message, result);
    this.#learn(site, entries, result.outcomes);
    if (learned?.tooMany ?? result.outcomes.some(isThrottled)) site.pace.throttled();
    if (pass !== undefined) site.ready.comeBack(this.#parts.clock.nowMs(), true);
    this.#parts.onResult(entries, result);
    if (this.#inHand === 0 && this.#idle) this.#idle();
    if (this.#turnIsOver(site)) this.#passOver(site);
    else this.pump(site);
    this.pumpPassedOver();
  }

  /** We are being stopped, or the lease has passed. */
  #untried(entries: readonly Entry[], pass: Pass | undefined): void {
    pass?.over(entries[0]!.live.message, { outcomes: [], conversations: [] });
    this.#parts.onUntried(entries);
    if (this.#inHand === 0 && this.#idle) this.#idle();
    this.pumpPassedOver();
  }

  #learn(site: Site, entries: readonly Entry[], outcomes: readonly Outcome[]): void {
    const { clock, onSiteBack, onSiteDown } = this.#parts;
    const down = outcomes.find((o) => o.is === 'deferred' && o.siteDown);
    if (down?.is === 'deferred') {
      site.pace.unreachable(clock.nowMs(), down.answer);
      site.toldBack = false;
      onSiteDown((destination) => this.#routes.leadsTo(destination, site));
      return;
    }
    // A site may have been forgotten, as by a restart, while mail still waits for it to answer: its first success with such mail says so.
    if (site.pace.heard() || (!site.toldBack && entries.some(waitedForSite))) {
      site.toldBack = true;
      onSiteBack((destination) => this.#routes.leadsTo(destination, site));
    }
  }

  /** A limit only delays; but whoever sent mail hears that it is late, and gets it back when its time is up, also when it was never tried. */
  #sendBackOverdue(site: Site, nowMs: number): void {
    const { delayNoticeAfterMs } = this.#parts.options;
    const isOverdue = ({ live: { message }, flags }: Entry): boolean =>
      nowMs >= message.expiresAtMs ||
      (delayNoticeAfterMs > 0 &&
        (flags & entryFlags.delayTold) === 0 &&
        nowMs >= message.notBeforeMs + delayNoticeAfterMs);
    for (const entry of site.ready.take(isOverdue))
      this.#parts.onResult([entry], {
        outcomes: [{ is: 'deferred', answer: waitedForLimit, siteDown: false }],
        conversations: [],
      });
  }

  /** The site is down: what is ready is deferred with what was heard last, without another try. */
  #sendBack(site: Site, answer: Extract<Outcome, { is: 'deferred' }>['answer']): void {
    for (let entry = site.ready.next(); entry; entry = site.ready.next()) {
      this.#parts.onResult([entry], {
        outcomes: [{ is: 'deferred', answer, siteDown: true }],
        conversations: [],
      });
    }
  }
}

const waitedForSite = (entry: Entry): boolean => (entry.flags & entryFlags.siteDown) !== 0;

/** Whether the entries of this shard are to go. */
export const ofShard = (shard: OwnedShard) => (entry: Entry) => entry.lane.shard === shard;

/**
 * Mail to other servers: plans, one pool of connections for each site, and what came of each recipient.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { Resolver } from '../../net/resolver.ts';
import type { Attempt, AttemptRecipient, AttemptResult, SiteRoute } from '../../queue/attempt.ts';
import type { Way } from '../../queue/gate.ts';
import type { Bodies } from '../../store/body.ts';
import type { DeliveryOptions } from '../options.ts';
import { hopOf, readHop } from '../route/hop.ts';
import { planFor, type HostPlan, type NoPlan, type Plan } from '../route/plan.ts';
import type { TlsResults } from '../tls-results.ts';
import type { Variant } from '../tls/demand.ts';
import { enforcedSts } from '../tls/security.ts';
import { sessionResults } from '../tls/session-results.ts';
import type { StsPolicies } from '../tls/sts-policies.ts';
import { Assembly, unplanned } from './assembly.ts';
import { HostMemory } from './host-memory.ts';
import { IdleConnections } from './idle.ts';
import { Job } from './job.ts';
import type { Session } from './opening.ts';
import { SitePool, type Carrier } from './pool.ts';
import { traceHeaderMaxBytes } from '../trace-fields.ts';
import { cameThrough, passOn, type Forwarding } from './passing-on.ts';
import { asBuffer, textOf, type OutgoingText } from './text.ts';
import { unansweredPolicy } from './unanswered.ts';
import { isAlike, type Wish } from './wish.ts';

export interface RemoteParts {
  readonly clock: Clock;
  readonly resolver: Resolver;
  readonly bodies: Bodies;
  readonly options: DeliveryOptions;
  /** Absent: MTA-STS is not looked at. */
  readonly sts?: StsPolicies;
  /** Counts TLS sessions for reports. */
  readonly tlsResults?: Pick<TlsResults, 'record'>;
  readonly forwarding?: Forwarding;
  /** Absent: nobody looks whether port 25 is closed on the way out. */
  readonly port25Closed?: () => boolean;
}

/** How often deadlines and idle connections are looked at. */
const watchEveryMs = 1000;
/** Plans and pools that nobody has used for so long are forgotten. */
const forgetAfterMs = 600_000;
/** How often the plans of destinations are gone through for what is no longer true. */
const sweepEveryMs = 60_000;

/** While we are being stopped, mail that is on its way has so long until it is given up before its dot. */
const leaveGraceMs = 1000;

interface Site {
  /** The latest of the plans of its destinations. */
  plan: HostPlan;
  plannedAtMs: number;
  /** By the name of the source that they leave by. */
  readonly pools: Map<string, { readonly pool: SitePool; readonly way: Way | undefined }>;
}

export class RemoteDelivery {
  readonly #parts: RemoteParts;
  readonly #memory: HostMemory;
  readonly #idle: IdleConnections<Carrier>;
  readonly #sites = new Map<string, Site>();
  readonly #none = new Map<string, NoPlan>();
  /** Destinations share a site, but each has a DNS, an order of its hosts and policies of its own. Without the routed ones: those have none of these. */
  readonly #plans = new Map<string, HostPlan>();
  #sweptAtMs = 0;
  #leftAtMs = Infinity;
  #timer: Timer | undefined;

  constructor(parts: RemoteParts) {
    this.#parts = parts;
    this.#memory = new HostMemory(parts.clock);
    this.#idle = new IdleConnections(parts.options.idleConnectionsMax);
  }

  /** `hop` is what `hopOf` gave. */
  async route(hop: string): Promise<SiteRoute> {
    const plan = await this.#plan(hop);
    const { site, untilMs } = plan;
    return plan.is === 'none'
      ? { site, untilMs }
      : { site, untilMs, hosts: plan.targets.map(({ host }) => host) };
  }

  /** What decides where mail of this sender for this destination goes. */
  hopOf(destination: string, sender: string): string {
    return hopOf(this.#parts.options.routes, destination, sender);
  }

  deliver(attempt: Attempt): Promise<AttemptResult> {
    const site = this.#sites.get(attempt.site);
    const body = attempt.body();
    const later = site === undefined || body instanceof Promise || attempt.recipients.some(cameThrough);
    if (later) return this.#deliverLater(attempt, site);
    const { bodyKind, sizeBytes, smtpUtf8 } = attempt.message;
    const text = textOf({ bodies: this.#parts.bodies, body, sizeBytes, bodyKind, smtpUtf8 });
    return text instanceof Promise
      ? text.then((t) => this.#send(attempt, site, t))
      : this.#send(attempt, site, text);
  }

  async #deliverLater(attempt: Attempt, known: Site | undefined): Promise<AttemptResult> {
    const site = known ?? (await this.#siteOf(attempt));
    if ('why' in site) return unplanned(attempt, site);
    const { bodyKind, sizeBytes, smtpUtf8 } = attempt.message;
    const body = await attempt.body();
    const { bodies } = this.#parts;
    const text = await textOf({ bodies, body, sizeBytes, bodyKind, smtpUtf8 });
    if (!attempt.recipients.some(cameThrough)) return this.#send(attempt, site, text);
    const head = body.is === 'inline' ? body.bytes : await bodies.read(body, 0, traceHeaderMaxBytes);
    const send = (part: Attempt, its: OutgoingText): Promise<AttemptResult> => this.#send(part, site, its);
    return passOn({ attempt, text, head: asBuffer(head), send, ...this.#parts.forwarding });
  }

  /** We are being stopped: what waits for a connection comes back untried, and what has not been sent to its end a little later. */
  leave(): void {
    this.#leftAtMs = this.#parts.clock.monotonicMs();
    for (const { pools } of this.#sites.values()) for (const { pool } of pools.values()) pool.leave();
  }

  stop(): void {
    for (const { pools } of this.#sites.values())
      for (const { pool } of pools.values()) {
        pool.quit();
        if (this.#leftAtMs !== Infinity) pool.drop();
      }
    this.#timer?.[Symbol.dispose]();
  }

  /** Connections open now, for the gauge. */
  get connections(): number {
    let count = 0;
    for (const { pools } of this.#sites.values())
      for (const { pool } of pools.values()) count += pool.connections;
    return count;
  }

  async #plan(hop: string): Promise<Plan> {
    const plan = await planFor({ ...this.#parts, nowMs: () => this.#parts.clock.nowMs() }, hop);
    if (plan.is === 'none') this.#none.set(plan.site, plan);
    else {
      this.#use(plan);
      if (plan.steps.length > 0) this.#plans.set(readHop(hop).destination, plan);
    }
    return plan;
  }

  #use(plan: HostPlan): Site {
    let site = this.#sites.get(plan.site);
    if (site === undefined) {
      site = { plan, plannedAtMs: 0, pools: new Map() };
      this.#sites.set(plan.site, site);
      this.#watchLater();
    }
    site.plan = plan;
    site.plannedAtMs = this.#parts.clock.monotonicMs();
    return site;
  }

  /** Where limits have changed there is another way of the same name: connections of before end when they are idle. */
  #poolOf(site: Site, way: Way | undefined): SitePool {
    const name = way?.source ?? '';
    const found = site.pools.get(name);
    if (found && found.way === way) return found.pool;
    found?.pool.quit();
    const pool = this.#newPool(way);
    if (this.#leftAtMs !== Infinity) pool.leave();
    site.pools.set(name, { pool, way });
    if (found && !found.pool.idle) site.pools.set(`${name} until ${site.pools.size}`, found);
    return pool;
  }

  #newPool(way: Way | undefined): SitePool {
    return new SitePool({
      ...this.#parts,
      ...(way && { way }),
      memory: this.#memory,
      idle: this.#idle,
      nowMs: () => this.#parts.clock.nowMs(),
      port25Closed: this.#parts.port25Closed ?? (() => false),
      onSession: (destinations, wish, session) => this.#tellSession(destinations, wish, session),
    });
  }

  /** The plan of a destination at a site. */
  #planAt({ plan }: Site, destination: string): HostPlan {
    const own = this.#plans.get(destination);
    return own?.site === plan.site ? own : plan;
  }

  #tellSession(destinations: readonly string[], { variant }: Wish, session: Session): void {
    const { sts, tlsResults } = this.#parts;
    for (const destination of destinations) {
      const plan = this.#plans.get(destination);
      // What the operator named is nobody's to report to.
      if (plan === undefined || plan.trusted) continue;
      const { security } = plan;
      if (session.facts.problem !== undefined && enforcedSts(security)) sts?.doubt(security.domain);
      if (tlsResults === undefined || variant === 'waived') continue;
      for (const result of sessionResults(security, session)) tlsResults.record(result);
    }
  }

  /** The site has been forgotten since the queue was told of it, or there never was a way. */
  async #siteOf(attempt: Attempt): Promise<Site | NoPlan> {
    const none = this.#none.get(attempt.site);
    if (none && none.untilMs > this.#parts.clock.nowMs()) return none;
    const plan = await this.#plan(this.hopOf(attempt.recipients[0]!.destination, attempt.message.sender));
    return plan.is === 'none' ? plan : this.#use(plan);
  }

  #send(attempt: Attempt, site: Site, text: OutgoingText): Promise<AttemptResult> {
    return new Promise((resolve) => {
      const variant = variantOf(attempt);
      const pool = this.#poolOf(site, attempt.way);
      const planOf = (destination: string): HostPlan => this.#planAt(site, destination);
      const submit = (given: readonly AttemptRecipient[]): void => {
        const plan = planOf(given[0]!.destination);
        const recipients =
          given.length === 1
            ? given
            : given.filter((one) => isAlike({ plan: planOf(one.destination), variant }, { plan, variant }));
        const job = new Job(attempt, recipients, text, (done) => pool.over(done));
        pool.submit({
          job,
          plan,
          variant,
          carrier: undefined,
          unopened: undefined,
          reused: false,
          lost: undefined,
          untried: false,
          connectionsMax: attempt.connectionsMax,
          over: (pooled) => assembly.over(pooled),
        });
        if (recipients.length < given.length) submit(given.filter((one) => !recipients.includes(one)));
      };
      const assembly = new Assembly(attempt, {
        resolve,
        submit,
        planOf,
        variant,
        clock: this.#parts.clock,
        unanswered: (mail) => unansweredPolicy(this.#parts.options.unanswered, mail),
      });
      assembly.begin();
    });
  }

  #watchLater(): void {
    this.#timer ??= this.#parts.clock.after(watchEveryMs, () => {
      this.#timer = undefined;
      this.#watch();
    });
  }

  #watch(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    for (const [key, { pools, plannedAtMs }] of this.#sites) {
      for (const [name, { pool }] of pools) {
        pool.watch(nowMs);
        if (nowMs - this.#leftAtMs > leaveGraceMs) pool.drop();
        if (pool.idle && nowMs - pool.usedAtMs > forgetAfterMs) pools.delete(name);
      }
      if (pools.size === 0 && nowMs - plannedAtMs > forgetAfterMs) this.#sites.delete(key);
    }
    for (const [key, plan] of this.#none)
      if (plan.untilMs < this.#parts.clock.nowMs()) this.#none.delete(key);
    if (nowMs - this.#sweptAtMs > sweepEveryMs) {
      this.#sweptAtMs = nowMs;
      for (const [key, { untilMs }] of this.#plans)
        if (untilMs + forgetAfterMs < this.#parts.clock.nowMs()) this.#plans.delete(key);
    }
    if (this.#sites.size > 0) this.#watchLater();
  }
}

/** How much encryption the message asks for; REQUIRETLS outweighs a header that says otherwise (RFC 8689, 3). */
function variantOf({ message }: Attempt): Variant {
  if (message.requireTls) return 'requireTls';
  return message.tlsOptional === true ? 'waived' : 'normal';
}

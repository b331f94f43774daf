/**
 * Mail to other servers: plans, one pool of connections for each site, and what came of each recipient.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { DnsStep, EventData } from '../../events/event.ts';
import type { Resolver } from '../../net/resolver.ts';
import type {
  Answer,
  Attempt,
  AttemptRecipient,
  AttemptResult,
  Outcome,
  SiteRoute,
} from '../../queue/attempt.ts';
import type { Bodies } from '../../store/body.ts';
import type { DeliveryOptions } from '../options.ts';
import { planFor, type HostPlan, type NoPlan, type Plan } from '../route/plan.ts';
import { HostMemory } from './host-memory.ts';
import { Job, unnamed, type Said } from './job.ts';
import { SitePool, type PooledJob } from './pool.ts';
import { traceHeaderMaxBytes } from '../trace-fields.ts';
import { cameThrough, passOn } from './passing-on.ts';
import { asBuffer, textOf, type OutgoingText } from './text.ts';

export interface RemoteParts {
  readonly clock: Clock;
  readonly resolver: Resolver;
  readonly bodies: Bodies;
  readonly options: DeliveryOptions;
}

/** How often deadlines and idle connections are looked at. */
const watchEveryMs = 1000;
/** Plans and pools that nobody has used for so long are forgotten. */
const forgetAfterMs = 600_000;
/** How often what was asked of DNS for each destination is gone through for what is no longer true. */
const sweepEveryMs = 60_000;

/** What DNS said of the MX of a destination: destinations share a site, but each has questions of its own. */
interface Asked {
  readonly steps: readonly DnsStep[];
  readonly untilMs: number;
}

interface Site {
  plan: HostPlan;
  readonly pool: SitePool;
}

export class RemoteDelivery {
  readonly #parts: RemoteParts;
  readonly #memory: HostMemory;
  readonly #sites = new Map<string, Site>();
  readonly #none = new Map<string, NoPlan>();
  readonly #asked = new Map<string, Asked>();
  #sweptAtMs = 0;
  #timer: Timer | undefined;

  constructor(parts: RemoteParts) {
    this.#parts = parts;
    this.#memory = new HostMemory(parts.clock);
  }

  async route(destination: string): Promise<SiteRoute> {
    const plan = await this.#plan(destination);
    return { site: plan.site, untilMs: plan.untilMs };
  }

  deliver(attempt: Attempt): Promise<AttemptResult> {
    const site = this.#sites.get(attempt.site);
    const body = attempt.body();
    const later = site === undefined || body instanceof Promise || attempt.recipients.some(cameThrough);
    if (later) return this.#deliverLater(attempt, site);
    const { bodyKind, sizeBytes } = attempt.message;
    const text = textOf({ bodies: this.#parts.bodies, body, sizeBytes, bodyKind });
    return text instanceof Promise
      ? text.then((t) => this.#send(attempt, site, t))
      : this.#send(attempt, site, text);
  }

  async #deliverLater(attempt: Attempt, known: Site | undefined): Promise<AttemptResult> {
    const site = known ?? (await this.#siteOf(attempt));
    if ('why' in site) return unplanned(attempt, site);
    const { bodyKind, sizeBytes } = attempt.message;
    const body = await attempt.body();
    const { bodies } = this.#parts;
    const text = await textOf({ bodies, body, sizeBytes, bodyKind });
    if (!attempt.recipients.some(cameThrough)) return this.#send(attempt, site, text);
    const head = body.is === 'inline' ? body.bytes : await bodies.read(body, 0, traceHeaderMaxBytes);
    const send = (part: Attempt, its: OutgoingText): Promise<AttemptResult> => this.#send(part, site, its);
    return passOn({ attempt, text, head: asBuffer(head), send });
  }

  stop(): void {
    for (const { pool } of this.#sites.values()) pool.quit();
    this.#timer?.[Symbol.dispose]();
  }

  /** Connections open now, for the gauge. */
  get connections(): number {
    let count = 0;
    for (const { pool } of this.#sites.values()) count += pool.connections;
    return count;
  }

  async #plan(destination: string): Promise<Plan> {
    const plan = await planFor({ ...this.#parts, nowMs: () => this.#parts.clock.nowMs() }, destination);
    if (plan.is === 'none') this.#none.set(plan.site, plan);
    else {
      this.#use(plan);
      if (plan.steps.length > 0) this.#asked.set(destination, plan);
    }
    return plan;
  }

  #use(plan: HostPlan): Site {
    const known = this.#sites.get(plan.site);
    if (known) {
      known.plan = plan;
      return known;
    }
    const { clock, options, resolver } = this.#parts;
    const pool = new SitePool({
      clock,
      options,
      resolver,
      memory: this.#memory,
      nowMs: () => clock.nowMs(),
      plan: () => site.plan,
    });
    const site: Site = { plan, pool };
    this.#sites.set(plan.site, site);
    this.#watchLater();
    return site;
  }

  /** The site has been forgotten since the queue was told of it, or there never was a way. */
  async #siteOf(attempt: Attempt): Promise<Site | NoPlan> {
    const none = this.#none.get(attempt.site);
    if (none && none.untilMs > this.#parts.clock.nowMs()) return none;
    const plan = await this.#plan(attempt.recipients[0]!.destination);
    return plan.is === 'none' ? plan : this.#use(plan);
  }

  #send(attempt: Attempt, site: Site, text: OutgoingText): Promise<AttemptResult> {
    return new Promise((resolve) => {
      const submit = (recipients: readonly AttemptRecipient[]): void => {
        const job = new Job(attempt, recipients, text, (done) => site.pool.over(done));
        site.pool.submit({
          job,
          carrier: undefined,
          unopened: undefined,
          reused: false,
          lost: undefined,
          connectionsMax: attempt.connectionsMax,
          over: (pooled) => assembly.over(pooled),
        });
      };
      const asked = (destination: string) => this.#asked.get(destination)?.steps ?? [];
      const assembly = new Assembly(attempt, { resolve, submit, asked, clock: this.#parts.clock });
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
    for (const [key, { pool }] of this.#sites) {
      pool.watch(nowMs);
      if (pool.idle && nowMs - pool.usedAtMs > forgetAfterMs) this.#sites.delete(key);
    }
    for (const [key, plan] of this.#none)
      if (plan.untilMs < this.#parts.clock.nowMs()) this.#none.delete(key);
    if (nowMs - this.#sweptAtMs > sweepEveryMs) {
      this.#sweptAtMs = nowMs;
      for (const [key, { untilMs }] of this.#asked)
        if (untilMs < this.#parts.clock.nowMs()) this.#asked.delete(key);
    }
    if (this.#sites.size > 0) this.#watchLater();
  }
}

interface AssemblyParts {
  readonly clock: Clock;
  readonly resolve: (result: AttemptResult) => void;
  readonly submit: (recipients: readonly AttemptRecipient[]) => void;
  /** What DNS was asked to find the hosts of a destination. */
  readonly asked: (destination: string) => readonly DnsStep[];
}

/** The results of the jobs of one attempt, put together. There is more than one when the server takes fewer recipients at once. */
class Assembly {
  readonly #attempt: Attempt;
  readonly #parts: AssemblyParts;
  readonly #startedMs: number;
  readonly #outcomes = new Map<AttemptRecipient, Outcome>();
  readonly #conversations: EventData['attempted'][] = [];

  constructor(attempt: Attempt, parts: AssemblyParts) {
    this.#attempt = attempt;
    this.#parts = parts;
    this.#startedMs = parts.clock.monotonicMs();
  }

  begin(): void {
    this.#parts.submit(this.#attempt.recipients);
  }

  over(pooled: PooledJob): void {
    const { job } = pooled;
    const { asked } = this.#parts;
    const ms = Math.round(this.#parts.clock.monotonicMs() - this.#startedMs);
    const again: AttemptRecipient[] = [];
    let allDelivered = true;
    for (let i = 0; i < job.recipients.length; i++) {
      const recipient = job.recipients[i]!;
      const said = job.said[i];
      if (said === unnamed || (job.accepted > 0 && said !== undefined && isTooMany(said))) {
        again.push(recipient);
        continue;
      }
      const outcome = outcomeOf(pooled, said, recipient, { ms, asked });
      if (outcome.is !== 'delivered') allDelivered = false;
      this.#outcomes.set(recipient, outcome);
    }
    if (!allDelivered) this.#conversations.push(conversation(pooled, { ms, asked }));
    if (again.length > 0) return this.#parts.submit(again);
    const outcomes = this.#attempt.recipients.map((recipient) => this.#outcomes.get(recipient)!);
    this.#parts.resolve({ outcomes, conversations: this.#conversations });
  }
}

/** "Too many recipients" is about the transaction, not the recipient (RFC 5321, 4.5.3.1.10; 552 is how old servers say it). */
const isTooMany = (said: Said): boolean =>
  said.phase === 'rcpt' &&
  (said.code === 452 || said.code === 552) &&
  /^\d{3}[ -](?:[45]\.5\.3|.*too many recipients)/i.test(said.reply);

interface Circumstances extends Pick<AssemblyParts, 'asked'> {
  readonly ms: number;
}

function outcomeOf(
  pooled: PooledJob,
  said: Said | undefined,
  recipient: AttemptRecipient,
  { ms, asked }: Circumstances,
): Outcome {
  const { job, carrier, unopened } = pooled;
  if (unopened) {
    const answer: Answer = {
      phase: unopened.said.phase,
      host: unopened.host,
      ip: unopened.ip,
      reply: unopened.said.reply,
    };
    if (unopened.said.code === 0 && answer.reply.startsWith('5'))
      return { is: 'failed', answer, why: 'loop' };
    return { is: 'deferred', answer, siteDown: true };
  }
  const final = said !== undefined && (said.code >= 400 || said.phase === 'dot') ? said : pooled.lost;
  const { host, ip } = carrier?.place ?? { host: '', ip: '' };
  if (final === undefined) {
    const reply = job.leaseLost
      ? '451 4.3.0 Another owner has taken over'
      : '451 4.3.0 The server gave no answer';
    return { is: 'deferred', siteDown: false, answer: { phase: 'dot', host, ip, reply } };
  }
  const answer: Answer = { phase: final.phase, host, ip, reply: final.reply };
  if (final === pooled.lost && job.dotSent) return { is: 'unknown', answer };
  if (final.code === 0) return { is: 'deferred', answer, siteDown: false };
  if (final.code >= 500) return { is: 'failed', answer, why: 'refused' };
  if (final.code >= 300) return { is: 'deferred', answer, siteDown: false };
  return {
    is: 'delivered',
    notice: carrier!.client.can.dsn ? 'passedOn' : 'relayed',
    event: {
      host,
      ip,
      reply: final.reply,
      ms,
      tls: carrier!.client.wire.tls,
      reused: pooled.reused,
      try: recipient.try,
      ...(pooled.reused ? {} : { dns: [...asked(recipient.destination), ...carrier!.steps] }),
    },
  };
}

function conversation(pooled: PooledJob, { ms, asked }: Circumstances): EventData['attempted'] {
  const { job, carrier, unopened, lost } = pooled;
  const first = job.recipients[0]!;
  const said = unopened?.said ?? job.said.find((s) => s !== undefined && s.code >= 400) ?? lost;
  return {
    recipients: job.recipients.map((r) => r.address),
    destination: first.destination,
    dns: [...asked(first.destination), ...(unopened?.steps ?? carrier?.steps ?? [])],
    host: unopened?.host ?? carrier?.place.host ?? '',
    ip: unopened?.ip ?? carrier?.place.ip ?? '',
    port: unopened?.port ?? carrier?.place.port ?? 0,
    localIp: carrier?.localIp ?? '',
    tls: carrier?.client.wire.tls ?? null,
    reused: pooled.reused,
    phase: said?.phase ?? 'dot',
    reply: said?.reply ?? '',
    ms,
    try: first.try,
  };
}

/** No host to go to: told at once, without a connection. */
function unplanned(attempt: Attempt, plan: NoPlan): AttemptResult {
  const { answer, why, steps } = plan;
  const outcome: Outcome = why ? { is: 'failed', answer, why } : { is: 'deferred', answer, siteDown: true };
  const [first] = attempt.recipients;
  return {
    outcomes: attempt.recipients.map(() => outcome),
    conversations: [
      {
        recipients: attempt.recipients.map((r) => r.address),
        destination: first!.destination,
        dns: steps,
        host: '',
        ip: '',
        port: 0,
        localIp: '',
        tls: null,
        reused: false,
        phase: 'dns',
        reply: answer.reply,
        ms: steps.reduce((sum, step) => sum + step.ms, 0),
        try: first!.try,
      },
    ],
  };
}

/**
 * The connections of one site (from one local address): opened as jobs ask for them, kept while there is work and a little longer.
 *
 * A job goes to an idle connection, the latest used first; else a new one is opened if the site may have more; else it goes behind a
 * job that is on its way, when that connection pipelines; else it waits. Opening walks over the addresses of the plan until one
 * answers. When none does and no other connection is left, the jobs that wait fail together: the site is down.
 *
 * Jobs whose connection is lost before their dot go to another one, a few times: servers close idle connections without a word.
 */
import type { Clock } from '../../base/clock.ts';
import type { DnsStep } from '../../events/event.ts';
import { dial, DialError } from '../../net/dialer.ts';
import { Fifo } from '../../base/fifo.ts';
import type { DeliveryOptions } from '../options.ts';
import { placesOf, type HostPlan, type Place, type PlanParts } from '../route/plan.ts';
import { SmtpClient } from './client.ts';
import { abilitiesOf } from './envelope.ts';
import { HandshakeError, shakeHands } from './handshake.ts';
import type { HostMemory } from './host-memory.ts';
import type { Job, Said } from './job.ts';
import type { Wire } from './wire.ts';

/** Jobs on one pipelining connection. */
const depthMax = 4;
/** Connections a job may lose before its dot. */
const restartsMax = 3;

/** Why nothing could be sent: nobody of the site answered, or what the last of them said instead of letting us in. */
export interface Unopened {
  readonly said: Said;
  readonly host: string;
  readonly ip: string;
  readonly port: number;
  readonly steps: readonly DnsStep[];
}

export interface PoolParts extends PlanParts {
  readonly clock: Clock;
  readonly options: DeliveryOptions;
  readonly memory: HostMemory;
  /** Where the site is now; asked at each opening. */
  readonly plan: () => HostPlan;
}

/** Over which connection a job went. */
export interface Carrier {
  readonly client: SmtpClient;
  readonly place: Place;
  readonly localIp: string;
  /** How its host was looked up; told with its first mail only. */
  readonly steps: readonly DnsStep[];
}

export interface PooledJob {
  readonly job: Job;
  carrier: Carrier | undefined;
  unopened: Unopened | undefined;
  /** It went over a connection that had carried another mail before. */
  reused: boolean;
  connectionsMax: number;
  /** The job was lost with its connection, for good. */
  lost: Said | undefined;
  readonly over: (pooled: PooledJob) => void;
}

export class SitePool {
  readonly #parts: PoolParts;
  readonly #carriers: Carrier[] = [];
  readonly #waiting = new Fifo<PooledJob>();
  readonly #byJob = new Map<Job, PooledJob>();
  readonly #opening = new Set<{ wire: Wire | undefined }>();
  usedAtMs = 0;

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  get connections(): number {
    return this.#carriers.length;
  }

  get idle(): boolean {
    return this.#carriers.length === 0 && this.#opening.size === 0 && this.#waiting.size === 0;
  }

  submit(pooled: PooledJob): void {
    this.#byJob.set(pooled.job, pooled);
    this.usedAtMs = this.#parts.clock.monotonicMs();
    const free = this.#leastLoaded();
    if (free?.client.load === 0) return this.#give(free, pooled);
    if (this.#carriers.length + this.#opening.size < pooled.connectionsMax) {
      this.#waiting.push(pooled);
      void this.#open();
      return;
    }
    if (free?.client.takesAhead && free.client.load < depthMax) return this.#give(free, pooled);
    this.#waiting.push(pooled);
  }

  /** Called about once a second: deadlines, and connections nobody needs. */
  watch(nowMs: number): void {
    for (const { wire } of this.#opening) wire?.watch(nowMs);
    for (const carrier of this.#carriers.slice()) {
      const { client } = carrier;
      if (client.load > 0) client.wire.watch(nowMs);
      else if (nowMs - client.idleSinceMs > this.#parts.options.connectionIdleMs) this.#retire(carrier);
    }
  }

  quit(): void {
    for (const carrier of this.#carriers.slice()) if (carrier.client.load === 0) this.#retire(carrier);
  }

  over(job: Job): void {
    const pooled = this.#byJob.get(job);
    if (!pooled) return;
    this.#byJob.delete(job);
    pooled.over(pooled);
  }

  /** An idle one, the latest used first; else the one with the least to do that takes another. */
  #leastLoaded(): Carrier | undefined {
    let best: Carrier | undefined;
    for (let i = this.#carriers.length - 1; i >= 0; i--) {
      const carrier = this.#carriers[i]!;
      if (!carrier.client.takesMore) continue;
      if (carrier.client.load === 0) return carrier;
      if (carrier.client.takesAhead && (!best || carrier.client.load < best.client.load)) best = carrier;
    }
    return best;
  }

  #give(carrier: Carrier, pooled: PooledJob): void {
    const { client } = carrier;
    pooled.carrier = carrier;
    pooled.reused = client.started > 0;
    client.send(pooled.job);
  }

  /** A connection has room: it takes what waits, one when it is busy, and goes to the end of the row, where the latest used is. */
  #room(carrier: Carrier): void {
    const { client } = carrier;
    while (
      this.#waiting.size > 0 &&
      client.takesMore &&
      (client.load === 0 || (client.takesAhead && client.load < 2))
    ) {
      this.#give(carrier, this.#waiting.shift()!);
    }
    if (client.load === 0) client.idleSinceMs = this.#parts.clock.monotonicMs();
  }

  #retire(carrier: Carrier): void {
    this.#remove(carrier);
    carrier.client.quit();
  }

  #remove(carrier: Carrier): void {
    const at = this.#carriers.indexOf(carrier);
    if (at !== -1) this.#carriers.splice(at, 1);
  }

  async #open(): Promise<void> {
    const opening: { wire: Wire | undefined } = { wire: undefined };
    this.#opening.add(opening);
    let carrier: Carrier | Unopened;
    try {
      carrier = await this.#firstThatAnswers(opening);
    } catch (error) {
      carrier = unopened('connect', `451 4.3.0 ${error instanceof Error ? error.message : 'internal error'}`);
    }
    this.#opening.delete(opening);
    if ('client' in carrier) {
      this.#carriers.push(carrier);
      this.#room(carrier);
    } else this.#couldNotOpen(carrier);
  }

  /** The jobs wait for another connection where there is one; else that was it. */
  #couldNotOpen(why: Unopened): void {
    if (this.#carriers.length > 0 || this.#opening.size > 0) {
      for (const carrier of this.#carriers) this.#room(carrier);
      return;
    }
    for (let pooled = this.#waiting.shift(); pooled; pooled = this.#waiting.shift()) {
      pooled.unopened = why;
      this.over(pooled.job);
    }
  }

  async #firstThatAnswers(opening: { wire: Wire | undefined }): Promise<Carrier | Unopened> {
    const plan = this.#parts.plan();
    const { places, steps, problem } = await placesOf(this.#parts, plan);
    let last = { ...unopened('dns', problem), steps };
    for (const place of this.#parts.memory.bestFirst(places)) {
      const tried = await this.#try(plan, place, opening);
      if (tried instanceof SmtpClientReady) return tried.carrier(steps);
      last = { ...tried, steps };
    }
    return last;
  }

  async #try(
    plan: HostPlan,
    place: Place,
    opening: { wire: Wire | undefined },
  ): Promise<SmtpClientReady | Unopened> {
    const { memory } = this.#parts;
    for (;;) {
      const tlsBroken = plan.tls === 'opportunistic' && memory.tlsIsBroken(place.ip);
      try {
        return await this.#connect(plan, place, tlsBroken, opening);
      } catch (error) {
        const said = saidOf(error);
        const retryInTheClear =
          error instanceof HandshakeError && error.tlsFailed && plan.tls === 'opportunistic' && !tlsBroken;
        if (retryInTheClear) {
          memory.tlsBroke(place.ip);
          continue;
        }
        if (said.code === 0) memory.failed(place.ip);
        return { said, ...place, steps: [] };
      }
    }
  }

  async #connect(
    plan: HostPlan,
    place: Place,
    tlsBroken: boolean,
    opening: { wire: Wire | undefined },
  ): Promise<SmtpClientReady> {
    const { clock, options } = this.#parts;
    const { localAddress } = options;
    const connection = await dial({
      ip: place.ip,
      port: place.port,
      clock,
      ...(localAddress ? { localAddress } : {}),
    });
    const { wire, extensions } = await shakeHands(connection, {
      clock,
      hostname: options.hostname,
      host: place.host,
      lmtp: plan.lmtp,
      tls: plan.tls,
      tlsBroken,
      ...(plan.auth ? { auth: plan.auth } : {}),
      ...(options.caCertificates ? { caCertificates: options.caCertificates } : {}),
      onWire: (made) => (opening.wire = made),
    });
    if (wire.lost) throw new HandshakeError('ehlo', 0, '451 4.4.2 The server closed the connection');
    this.#parts.memory.answered(place.ip);
    let carrier: Carrier | undefined;
    const client = new SmtpClient({
      wire,
      can: abilitiesOf(extensions, wire.tls),
      lmtp: plan.lmtp,
      host: place.host,
      messagesMax: Math.min(options.connectionMessagesMax, extensions.limit('MAILMAX') ?? Infinity),
      onRoom: () => carrier && this.#room(carrier),
      onGone: (jobs, why) => this.#gone(carrier, jobs, why),
    });
    return new SmtpClientReady((steps) => {
      carrier = { client, place, localIp: connection.local.ip, steps };
      return carrier;
    });
  }

  #gone(carrier: Carrier | undefined, jobs: readonly Job[], why: Said): void {
    if (carrier) this.#remove(carrier);
    for (const job of jobs) {
      const pooled = this.#byJob.get(job);
      if (!pooled) continue;
      if (!job.dotSent && !job.leaseLost && job.restarts < restartsMax) {
        job.restart();
        this.submit(pooled);
      } else {
        pooled.lost = why;
        this.over(job);
      }
    }
    // Whoever waited for this connection needs another.
    const first = this.#waiting.peek();
    const room = first !== undefined && this.#carriers.length + this.#opening.size < first.connectionsMax;
    if (room && this.#opening.size < this.#waiting.size) void this.#open();
  }
}

/** A client whose carrier is made once the steps of its opening are known. */
class SmtpClientReady {
  readonly carrier: (steps: readonly DnsStep[]) => Carrier;
  constructor(carrier: (steps: readonly DnsStep[]) => Carrier) {
    this.carrier = carrier;
  }
}

function unopened(phase: Said['phase'], reply: string): Unopened {
  return { said: { phase, code: 0, reply }, host: '', ip: '', port: 0, steps: [] };
}

function saidOf(error: unknown): Said {
  if (error instanceof HandshakeError) return { phase: error.phase, code: error.code, reply: error.reply };
  if (error instanceof DialError)
    return { phase: 'connect', code: 0, reply: `451 4.4.1 ${dialText[error.reason]} (${error.code})` };
  throw error;
}

const dialText = {
  refused: 'Connection refused',
  unreachable: 'No way to the server',
  timeout: 'The server does not answer',
  reset: 'Connection reset',
  localAddress: 'Our own address cannot be used',
  forbidden: 'Address not allowed',
  aborted: 'Given up',
  failed: 'Connection failed',
} as const satisfies Record<DialError['reason'], string>;

/**
 * The connections of one site (from one local address): opened as jobs ask for them, kept while there is work and a little longer.
 *
 * A job goes to an idle connection, the latest used first; else a new one is opened if the site may have more; else it goes behind a
 * job that is on its way, when that connection pipelines; else it waits. When no address answers and no other connection is left, the
 * jobs that wait fail together: the site is down.
 *
 * A connection that was opened for other wishes (wish.ts) does not serve a job, but it counts: where the site may have no more, an idle one makes room.
 *
 * Jobs whose connection is lost before their dot go to another one, a few times: servers close idle connections without a word.
 */
import { Fifo } from '../../base/fifo.ts';
import { SmtpClient } from './client.ts';
import type { IdleConnections } from './idle.ts';
import { abilitiesOf } from './envelope.ts';
import type { HostPlan } from '../route/plan.ts';
import type { Job, Said } from './job.ts';
import {
  openConnection,
  unopened,
  type Opened,
  type Opening,
  type OpeningParts,
  type Unopened,
} from './opening.ts';
import { isAlike, isBest, mayStandIn, type Wish } from './wish.ts';

/** Jobs on one pipelining connection. */
const depthMax = 4;
/** Connections a job may lose before its dot. */
const restartsMax = 3;

/** Over which connection a job went. */
export interface Carrier extends Omit<Opened, 'wire' | 'extensions'> {
  readonly client: SmtpClient;
  /** What it was opened for. */
  readonly wish: Wish;
  /** Destinations for which this session was counted. */
  readonly told: Set<string>;
}

export interface PooledJob extends Wish {
  readonly job: Job;
  /** Its own, until that has led nowhere while another did. */
  plan: HostPlan;
  carrier: Carrier | undefined;
  unopened: Unopened | undefined;
  /** It went over a connection that had carried another mail before. */
  reused: boolean;
  connectionsMax: number;
  /** The job was lost with its connection, for good. */
  lost: Said | undefined;
  /** It was given up before its dot, for we are being stopped. */
  untried: boolean;
  readonly over: (pooled: PooledJob) => void;
}

export interface PoolParts extends OpeningParts {
  readonly idle: IdleConnections<Carrier>;
}

export class SitePool {
  readonly #parts: PoolParts;
  readonly #carriers: Carrier[] = [];
  readonly #waiting = new Fifo<PooledJob>();
  readonly #byJob = new Map<Job, PooledJob>();
  readonly #opening = new Set<Opening>();
  #leaving = false;
  usedAtMs = 0;

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  get #messagesMax(): number {
    const { way, options } = this.#parts;
    return way?.connectionMessages ?? options.connectionMessagesMax;
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
    if (this.#leaving) return this.#giveUp(pooled);
    const free = this.#leastLoaded(pooled);
    if (free?.client.load === 0) return this.#give(free, pooled);
    if (this.#mayOpen(pooled.connectionsMax)) {
      this.#waiting.push(pooled);
      void this.#open(pooled);
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
    // What was not allowed a connection may be by now.
    if (this.#waiting.size > 0) this.#openForOrphans();
  }

  quit(): void {
    for (const carrier of this.#carriers.slice()) if (carrier.client.load === 0) this.#retire(carrier);
  }

  /** We are being stopped: what no connection carries comes back untried. */
  leave(): void {
    this.#leaving = true;
    for (const pooled of this.#waiting.take(() => true)) this.#giveUp(pooled);
    this.quit();
  }

  /** Ends connections on which no mail has been sent to its end: no server takes it for whole. */
  drop(): void {
    for (const { wire } of this.#opening) wire?.lose({ is: 'closed', detail: 'we are being stopped' });
    for (const { client } of this.#carriers.slice())
      if (client.load > 0 && !client.dotSent)
        client.wire.lose({ is: 'closed', detail: 'we are being stopped' });
  }

  #giveUp(pooled: PooledJob): void {
    pooled.untried = true;
    this.over(pooled.job);
  }

  over(job: Job): void {
    const pooled = this.#byJob.get(job);
    if (!pooled) return;
    this.#byJob.delete(job);
    pooled.over(pooled);
  }

  /** An idle one, the latest used first; else the one with the least to do that takes another. */
  #leastLoaded(wish: Wish): Carrier | undefined {
    let best: Carrier | undefined;
    for (let i = this.#carriers.length - 1; i >= 0; i--) {
      const carrier = this.#carriers[i]!;
      if (!carrier.client.takesMore || !serves(carrier, wish)) continue;
      if (carrier.client.load === 0) return carrier;
      if (carrier.client.takesAhead && (!best || carrier.client.load < best.client.load)) best = carrier;
    }
    return best;
  }

  #give(carrier: Carrier, pooled: PooledJob): void {
    const { client } = carrier;
    this.#parts.idle.delete(carrier);
    pooled.carrier = carrier;
    pooled.reused = client.started > 0;
    for (const { destination } of pooled.job.recipients)
      if (!carrier.told.has(destination)) this.#tellSession(carrier, destination);
    client.send(pooled.job);
  }

  #tellSession(carrier: Carrier, destination: string): void {
    carrier.told.add(destination);
    if (!carrier.plan.trusted) this.#parts.onSession([destination], carrier.wish, carrier);
  }

  /** A connection has room: it takes what waits, one when it is busy, and goes to the end of the row, where the latest used is. */
  #room(carrier: Carrier): void {
    const { client } = carrier;
    while (
      this.#waiting.size > 0 &&
      client.takesMore &&
      (client.load === 0 || (client.takesAhead && client.load < 2))
    ) {
      const next = this.#nextFor(carrier);
      if (next === undefined) break;
      this.#give(carrier, next);
    }
    if (client.load > 0) return;
    client.idleSinceMs = this.#parts.clock.monotonicMs();
    if (this.#waiting.size > 0) this.#openForOrphans();
    if (client.open) this.#parts.idle.add(carrier, () => this.#retire(carrier));
  }

  /** Of those who wait and may go over it, the first. */
  #nextFor(carrier: Carrier): PooledJob | undefined {
    if (serves(carrier, this.#waiting.peek()!)) return this.#waiting.shift();
    let found: PooledJob | undefined;
    this.#waiting.take((pooled) => {
      if (found !== undefined || !serves(carrier, pooled)) return false;
      found = pooled;
      return true;
    });
    return found;
  }

  /** There is room, and those who count connections have counted one in. */
  #mayOpen(connectionsMax: number): boolean {
    return this.#hasRoom(connectionsMax) && (this.#parts.way?.open() ?? true);
  }

  /** Another connection may be opened, at worst in the place of one that is idle. */
  #hasRoom(connectionsMax: number): boolean {
    const used = this.#carriers.length + this.#opening.size;
    if (used < connectionsMax) return true;
    const idle = used === connectionsMax && this.#carriers.find(({ client }) => client.load === 0);
    if (!idle) return false;
    this.#retire(idle);
    // Whoever waited may have taken the place.
    return this.#carriers.length + this.#opening.size < connectionsMax;
  }

  #retire(carrier: Carrier): void {
    this.#remove(carrier);
    carrier.client.quit();
  }

  #remove(carrier: Carrier): void {
    const at = this.#carriers.indexOf(carrier);
    this.#parts.idle.delete(carrier);
    if (at === -1) return;
    this.#carriers.splice(at, 1);
    this.#parts.way?.closed();
  }

  async #open({ plan, variant }: Wish): Promise<void> {
    const wish = { plan, variant };
    const opening: Opening = {
      wire: undefined,
      localIp: '',
      wish,
      wantedBy: () => this.#destinationsWaiting(wish),
    };
    this.#opening.add(opening);
    let result: Opened | Unopened;
    try {
      result = await openConnection(this.#parts, opening);
    } catch (error) {
      result = unopened('connect', `451 4.3.0 ${error instanceof Error ? error.message : 'internal error'}`);
    }
    this.#opening.delete(opening);
    if ('wire' in result) this.#opened(wish, result);
    else {
      this.#parts.way?.closed();
      this.#couldNotOpen(wish, result);
    }
  }

  #opened(wish: Wish, { wire, extensions, ...opened }: Opened): void {
    const { options } = this.#parts;
    const client = new SmtpClient({
      wire,
      can: abilitiesOf(extensions, wire.tls),
      lmtp: opened.plan.lmtp,
      host: opened.place.host,
      messagesMax: Math.min(this.#messagesMax, extensions.limit('MAILMAX') ?? Infinity),
      eightBitAnyway: options.eightBitAnyway,
      onRoom: () => this.#room(carrier),
      onGone: (jobs, why) => this.#gone(carrier, jobs, why),
    });
    const carrier: Carrier = { ...opened, client, wish, told: new Set() };
    this.#carriers.push(carrier);
    if (this.#leaving) this.#retire(carrier);
    else this.#room(carrier);
  }

  /** The destinations of mail that has no connection yet. */
  #destinationsWaiting(wish: Wish): readonly string[] {
    const destinations = new Set<string>();
    for (const pooled of this.#byJob.values())
      if (pooled.carrier === undefined && isAlike(pooled, wish))
        for (const { destination } of pooled.job.recipients) destinations.add(destination);
    return [...destinations];
  }

  /** The jobs wait for another connection where there is one, in whatever order it was found: theirs has been tried. Else that was it. */
  #couldNotOpen(wish: Wish, why: Unopened): void {
    const others = [...this.#carriers, ...this.#opening].map((other) => other.wish);
    const standIn =
      others.find((other) => isAlike(other, wish)) ?? others.find((other) => mayStandIn(other, wish));
    for (const pooled of this.#waiting.take((one) => isAlike(one, wish))) {
      if (standIn !== undefined) {
        pooled.plan = standIn.plan;
        this.#waiting.push(pooled);
      } else {
        pooled.unopened = why;
        this.over(pooled.job);
      }
    }
    for (const carrier of this.#carriers.slice()) this.#room(carrier);
    this.#openForOrphans();
  }

  /** Mail that no connection serves, and for which none is being opened, gets one. */
  #openForOrphans(): void {
    const comes = (wish: Wish): boolean =>
      this.#carriers.some((carrier) => serves(carrier, wish)) ||
      this.#opening.values().some((opening) => isAlike(opening.wish, wish));
    for (const pooled of this.#waiting.items()) {
      if (comes(pooled)) continue;
      if (!this.#mayOpen(pooled.connectionsMax)) return;
      void this.#open(pooled);
    }
  }

  #gone(carrier: Carrier, jobs: readonly Job[], why: Said): void {
    this.#remove(carrier);
    for (const job of jobs) {
      const pooled = this.#byJob.get(job);
      if (!pooled) continue;
      if (this.#leaving && !job.dotSent) this.#giveUp(pooled);
      else if (!job.dotSent && !job.leaseLost && job.restarts < restartsMax) {
        job.restart();
        this.submit(pooled);
      } else {
        pooled.lost = why;
        this.over(job);
      }
    }
    // Whoever waited for this connection needs another.
    this.#openForOrphans();
    const first = this.#waiting.peek();
    const room = first !== undefined && this.#carriers.length + this.#opening.size < first.connectionsMax;
    if (room && this.#opening.size < this.#waiting.size && (this.#parts.way?.open() ?? true))
      void this.#open(first);
  }
}

/** In the order that the mail wants, no other place would have been reached. */
const serves = (carrier: Carrier, wish: Wish): boolean =>
  isAlike(carrier.wish, wish) || (mayStandIn(carrier.wish, wish) && isBest(wish.plan, carrier.place));

/**
 * The connections of one site (from one local address): opened as jobs ask for them, kept while there is work and a little longer.
 *
 * A job goes to an idle connection, the latest used first; else a new one is opened if the site may have more; else it goes behind a
 * job that is on its way, when that connection pipelines; else it waits. When no address answers and no other connection is left, the
 * jobs that wait fail together: the site is down.
 *
 * Jobs whose connection is lost before their dot go to another one, a few times: servers close idle connections without a word.
 */
import { Fifo } from '../../base/fifo.ts';
import { SmtpClient } from './client.ts';
import { abilitiesOf } from './envelope.ts';
import type { Job, Said } from './job.ts';
import {
  openConnection,
  unopened,
  type Opened,
  type Opening,
  type OpeningParts,
  type Unopened,
} from './opening.ts';

/** Jobs on one pipelining connection. */
const depthMax = 4;
/** Connections a job may lose before its dot. */
const restartsMax = 3;

/** Over which connection a job went. */
export interface Carrier extends Omit<Opened, 'wire' | 'extensions'> {
  readonly client: SmtpClient;
  /** Destinations for which this session was counted. */
  readonly told: Set<string>;
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
  readonly #parts: OpeningParts;
  readonly #carriers: Carrier[] = [];
  readonly #waiting = new Fifo<PooledJob>();
  readonly #byJob = new Map<Job, PooledJob>();
  readonly #opening = new Set<Opening>();
  usedAtMs = 0;

  constructor(parts: OpeningParts) {
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
    for (const { destination } of pooled.job.recipients)
      if (!carrier.told.has(destination)) this.#tellSession(carrier, destination);
    client.send(pooled.job);
  }

  #tellSession(carrier: Carrier, destination: string): void {
    carrier.told.add(destination);
    if (!carrier.plan.trusted) this.#parts.onSession([destination], carrier);
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
    const opening: Opening = { wire: undefined, wantedBy: () => this.#destinationsWaiting() };
    this.#opening.add(opening);
    let result: Opened | Unopened;
    try {
      result = await openConnection(this.#parts, opening);
    } catch (error) {
      result = unopened('connect', `451 4.3.0 ${error instanceof Error ? error.message : 'internal error'}`);
    }
    this.#opening.delete(opening);
    if ('wire' in result) this.#opened(result);
    else this.#couldNotOpen(result);
  }

  #opened({ wire, extensions, ...opened }: Opened): void {
    const { options } = this.#parts;
    const client = new SmtpClient({
      wire,
      can: abilitiesOf(extensions, wire.tls),
      lmtp: opened.plan.lmtp,
      host: opened.place.host,
      messagesMax: Math.min(options.connectionMessagesMax, extensions.limit('MAILMAX') ?? Infinity),
      eightBitAnyway: options.eightBitAnyway,
      onRoom: () => this.#room(carrier),
      onGone: (jobs, why) => this.#gone(carrier, jobs, why),
    });
    const carrier: Carrier = { ...opened, client, told: new Set() };
    this.#carriers.push(carrier);
    this.#room(carrier);
  }

  /** The destinations of mail that has no connection yet. */
  #destinationsWaiting(): readonly string[] {
    const destinations = new Set<string>();
    for (const { carrier, job } of this.#byJob.values())
      if (carrier === undefined) for (const { destination } of job.recipients) destinations.add(destination);
    return [...destinations];
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

  #gone(carrier: Carrier, jobs: readonly Job[], why: Said): void {
    this.#remove(carrier);
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

/** The shards of this thread: claimed at start, renewed at a third of the lease, lost when another has taken them. */
import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Store } from '../../store/store.ts';
import { claim, giveUp, leaseMs, orphans, renew } from '../rows/lease.ts';
import { OwnedShard } from './shard.ts';

/** An orphan waits this long beyond its lease for the thread whose own it is. */
const orphanGraceMs = 10_000;

export interface OwnershipParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
  /** The thread's own shard. */
  readonly shard: number;
  readonly onTaken: (shard: OwnedShard) => void;
  readonly onLost: (shard: OwnedShard) => void;
}

export class Ownership {
  readonly #parts: OwnershipParts;
  readonly #shards = new Map<number, OwnedShard>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  get(shard: number): OwnedShard | undefined {
    return this.#shards.get(shard);
  }

  shards(): Iterable<OwnedShard> {
    return this.#shards.values();
  }

  async start(): Promise<void> {
    await this.#claim(this.#parts.shard);
    this.#again();
  }

  /** The epoch no longer holds: whatever is in memory of this shard is void. */
  lose(shard: OwnedShard): void {
    if (this.#shards.get(shard.shard) !== shard) return;
    shard.lost = true;
    this.#shards.delete(shard.shard);
    this.#parts.log.warn({ shard: shard.shard }, 'queue shard lost to another owner');
    this.#parts.onLost(shard);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    for (const { shard, epoch } of this.#shards.values()) {
      await this.#parts.store
        .write(giveUp, { shard, epoch, nowMs: this.#parts.clock.nowMs() })
        .catch((error: unknown) => {
          this.#parts.log.warn({ shard, error }, 'queue shard could not be given up; its lease will pass');
        });
    }
    this.#shards.clear();
  }

  #again(): void {
    if (this.#stopped) return;
    this.#timer = this.#parts.clock.after(leaseMs / 3, () => void this.#tend());
  }

  async #tend(): Promise<void> {
    try {
      await this.#renew();
      if (!this.#shards.has(this.#parts.shard)) await this.#claim(this.#parts.shard);
      const found = await this.#parts.store.read(() => orphans(this.#parts.clock.nowMs(), orphanGraceMs));
      for (const shard of found) if (!this.#shards.has(shard)) await this.#claim(shard);
    } catch (error) {
      this.#parts.log.error({ error }, 'queue leases could not be renewed');
    } finally {
      this.#again();
    }
  }

  async #renew(): Promise<void> {
    const mine = [...this.#shards.values()];
    if (mine.length === 0) return;
    const sentAt = this.#parts.clock.monotonicMs();
    const shards = mine.map(({ shard, epoch }) => ({ shard, epoch }));
    const kept = new Set(await this.#parts.store.write(renew, { shards, nowMs: this.#parts.clock.nowMs() }));
    for (const shard of mine) {
      if (kept.has(shard.shard)) shard.renewed(sentAt);
      else this.lose(shard);
    }
  }

  async #claim(shard: number): Promise<void> {
    const { store, clock, owner, onTaken } = this.#parts;
    const sentAt = clock.monotonicMs();
    const epoch = await store.write(claim, { shard, owner, nowMs: clock.nowMs() });
    if (epoch === undefined || this.#stopped) return;
    const owned = new OwnedShard(shard, epoch, clock, sentAt);
    this.#shards.set(shard, owned);
    onTaken(owned);
  }
}

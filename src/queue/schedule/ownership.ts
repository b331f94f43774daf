/**
 * The shards of this thread: its own, and those of threads that went away and did not come back.
 *
 * Claimed at start, renewed at a third of the lease, lost when another has taken them. A thread that comes back and finds its shard with another
 * asks for it; that one is told by `onWanted`, ends what it has in hand, and hands it over. Of several threads the one with the
 * fewest shards takes an orphan, for it asks soonest.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Store } from '../../store/store.ts';
import { claim, giveUp, leaseMs, orphans, renew, shardFree } from '../rows/lease.ts';
import { OwnedShard } from './shard.ts';

const tendEveryMs = Math.floor(leaseMs / 3);
/** An orphan waits this long beyond its lease for the thread whose own it is, and so much longer for each shard that a thread has to tend already. */
const orphanGraceMs = 1000;
const graceForEachMs = 1000;
/** A hand-over that came to nothing is not tried again before this. */
const wantedAgainMs = 60_000;

export interface OwnershipParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
  /** The thread's own shard. */
  readonly shard: number;
  readonly onTaken: (shard: OwnedShard) => void;
  readonly onLost: (shard: OwnedShard) => void;
  /** Its lease had passed here, and nobody has taken it meanwhile. */
  readonly onRenewed: (shard: OwnedShard) => void;
  /** The thread whose own it is asks for it: `handOver` when nothing of it is in hand any more. */
  readonly onWanted: (shard: OwnedShard) => void;
}

export class Ownership {
  readonly #parts: OwnershipParts;
  readonly #shards = new Map<number, OwnedShard>();
  readonly #claiming = new Set<number>();
  readonly #askedAtMs = new Map<number, number>();
  #timer: Timer | undefined;
  #hints: Disposable | undefined;
  #stopped = false;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  get(shard: number): OwnedShard | undefined {
    return this.#shards.get(shard);
  }

  async start(): Promise<void> {
    const { store, shard } = this.#parts;
    this.#hints = store.onHint(shardFree, (key) => {
      if (Number(key) === shard && !this.#shards.has(shard)) void this.#claimOwn();
    });
    await this.#claim(shard);
    this.#again();
  }

  /** The epoch no longer holds: whatever is in memory of this shard is void. */
  lose(shard: OwnedShard): void {
    if (!this.#drop(shard)) return;
    this.#parts.log.warn({ shard: shard.shard }, 'queue shard lost to another owner');
    // Its lease may have passed, or whoever has it is asked for it.
    if (shard.shard === this.#parts.shard && !this.#stopped) void this.#claimOwn();
  }

  /** Nothing of it is in hand: its own thread may have it at once. */
  async handOver(shard: OwnedShard): Promise<void> {
    if (!this.#drop(shard)) return;
    this.#parts.log.info({ shard: shard.shard }, 'queue shard handed back to its own thread');
    await this.#giveUp(shard);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    this.#hints?.[Symbol.dispose]();
    for (const shard of this.#shards.values()) await this.#giveUp(shard);
    this.#shards.clear();
  }

  #drop(shard: OwnedShard): boolean {
    if (this.#shards.get(shard.shard) !== shard) return false;
    shard.lost = true;
    this.#shards.delete(shard.shard);
    this.#parts.onLost(shard);
    return true;
  }

  async #giveUp({ shard, epoch }: OwnedShard): Promise<void> {
    const { store, log } = this.#parts;
    await store.write(giveUp, { shard, epoch }).catch((error: unknown) => {
      log.warn({ shard, error }, 'queue shard could not be given up; its lease will pass');
    });
  }

  #again(): void {
    if (this.#stopped) return;
    this.#timer = this.#parts.clock.after(tendEveryMs, () => void this.#tend());
  }

  async #tend(): Promise<void> {
    try {
      await this.#renew();
      if (!this.#shards.has(this.#parts.shard)) await this.#claim(this.#parts.shard);
      const graceMs = orphanGraceMs + this.#shards.size * graceForEachMs;
      const found = await this.#parts.store.read(() => orphans(graceMs));
      // One at a time: the next one may be another thread's to take.
      const next = found.find((shard) => !this.#shards.has(shard));
      if (next !== undefined) await this.#claim(next);
    } catch (error) {
      this.#parts.log.error({ error }, 'queue leases could not be renewed');
    } finally {
      this.#again();
    }
  }

  async #renew(): Promise<void> {
    const mine = [...this.#shards.values()];
    if (mine.length === 0) return;
    const { clock, store } = this.#parts;
    const sentAt = clock.monotonicMs();
    const shards = mine.map(({ shard, epoch }) => ({ shard, epoch }));
    const kept = await store.write(renew, { shards });
    for (const shard of mine) {
      const renewed = kept.find((each) => each.shard === shard.shard);
      if (renewed === undefined) this.lose(shard);
      else {
        const lapsed = !shard.valid();
        shard.renewed(sentAt);
        if (lapsed) this.#parts.onRenewed(shard);
        if (renewed.wanted) this.#wanted(shard);
      }
    }
  }

  #wanted(shard: OwnedShard): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const askedMs = this.#askedAtMs.get(shard.shard) ?? -Infinity;
    if (shard.shard === this.#parts.shard || shard.leaving || nowMs - askedMs < wantedAgainMs) return;
    this.#askedAtMs.set(shard.shard, nowMs);
    this.#parts.onWanted(shard);
  }

  async #claimOwn(): Promise<void> {
    const { shard, log } = this.#parts;
    await this.#claim(shard).catch((error: unknown) => {
      log.error({ error, shard }, 'queue shard could not be claimed; it is asked for again');
    });
  }

  async #claim(shard: number): Promise<void> {
    if (this.#claiming.has(shard)) return;
    this.#claiming.add(shard);
    try {
      const { store, clock, owner, onTaken } = this.#parts;
      const sentAt = clock.monotonicMs();
      const epoch = await store.write(claim, { shard, owner, own: shard === this.#parts.shard });
      if (epoch === undefined || this.#stopped) return;
      const owned = new OwnedShard(shard, epoch, clock, sentAt);
      this.#shards.set(shard, owned);
      this.#askedAtMs.delete(shard);
      onTaken(owned);
    } finally {
      this.#claiming.delete(shard);
    }
  }
}

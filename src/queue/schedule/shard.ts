/**
 * A shard that this thread owns.
 *
 * `valid()` compares monotonic time with the time at which the last good renewal was *sent*, less a margin, so neither a slow
 * store nor a stopped process nor a change of the clock can make a stale owner believe in his lease.
 *
 *   owned --its own thread is back--> leaving --nothing in hand--> lost (given up)
 *     ^                                  |
 *     +-------- it took too long --------+         owned --another has it--> lost
 */
import type { Clock } from '../../base/clock.ts';
import { leaseMarginMs, leaseMs } from '../rows/lease.ts';

export class OwnedShard {
  readonly shard: number;
  readonly epoch: number;
  lost = false;
  /** It is being handed over: what is in hand is brought to its end, and nothing new is begun. */
  leaving = false;
  /** Of its entries in memory: ready, in hand, or settled and not yet in the store. */
  entries = 0;
  #validUntilMonotonicMs: number;
  readonly #clock: Clock;

  constructor(shard: number, epoch: number, clock: Clock, sentAtMonotonicMs: number) {
    this.shard = shard;
    this.epoch = epoch;
    this.#clock = clock;
    this.#validUntilMonotonicMs = sentAtMonotonicMs + leaseMs - leaseMarginMs;
  }

  /** Its mail is handed out here. */
  get works(): boolean {
    return !this.lost && !this.leaving;
  }

  valid(): boolean {
    return !this.lost && this.#clock.monotonicMs() < this.#validUntilMonotonicMs;
  }

  renewed(sentAtMonotonicMs: number): void {
    this.#validUntilMonotonicMs = sentAtMonotonicMs + leaseMs - leaseMarginMs;
  }
}

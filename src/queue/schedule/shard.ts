/**
 * A shard that this thread owns.
 *
 * `valid()` compares monotonic time with the time at which the last good renewal was *sent*, less a margin, so neither a slow
 * store nor a stopped process nor a change of the clock can make a stale owner believe in his lease.
 */
import type { Clock } from '../../base/clock.ts';
import { leaseMarginMs, leaseMs } from '../rows/lease.ts';

export class OwnedShard {
  readonly shard: number;
  readonly epoch: number;
  lost = false;
  #validUntilMonotonicMs: number;
  readonly #clock: Clock;

  constructor(shard: number, epoch: number, clock: Clock, sentAtMonotonicMs: number) {
    this.shard = shard;
    this.epoch = epoch;
    this.#clock = clock;
    this.#validUntilMonotonicMs = sentAtMonotonicMs + leaseMs - leaseMarginMs;
  }

  valid(): boolean {
    return !this.lost && this.#clock.monotonicMs() < this.#validUntilMonotonicMs;
  }

  renewed(sentAtMonotonicMs: number): void {
    this.#validUntilMonotonicMs = sentAtMonotonicMs + leaseMs - leaseMarginMs;
  }
}

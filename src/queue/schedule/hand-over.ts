/**
 * Handing a shard over to the thread whose own it is: nothing new is begun, what is in hand comes to its end and into the store, then the shard is
 * given up. So nothing is sent twice. Work that does not end soon is not waited for: the shard goes on here, and is asked for again later.
 */
import type { Clock } from '../../base/clock.ts';
import { ofShard, type Dispatcher } from './dispatcher.ts';
import type { Loader } from './loader.ts';
import type { Ownership } from './ownership.ts';
import type { OwnedShard } from './shard.ts';

/** How long mail of a shard may wait for attempts in hand. */
const handOverWithinMs = 30_000;

export interface HandOverParts {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly loader: Loader;
  readonly ownership: Ownership;
}

export class HandOver {
  readonly #parts: HandOverParts;

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  begin(shard: OwnedShard): void {
    const { clock, dispatcher, loader } = this.#parts;
    shard.leaving = true;
    for (const entry of dispatcher.takeBack(ofShard(shard))) {
      loader.left(entry);
      entry.lane.wantMore();
    }
    clock.after(handOverWithinMs, () => this.#tooLong(shard));
    this.settled(shard);
  }

  /** Something of the shard is out of memory. */
  settled(shard: OwnedShard): void {
    if (shard.leaving && shard.entries === 0) void this.#parts.ownership.handOver(shard);
  }

  #tooLong(shard: OwnedShard): void {
    if (shard.lost) return;
    shard.leaving = false;
    this.#parts.loader.round(shard);
  }
}

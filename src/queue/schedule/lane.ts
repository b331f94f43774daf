/**
 * A lane of one destination in memory: which of its entries are here, and where reading goes on.
 *
 * Invariant: an entry of this lane that is in the store and due is either in `here`, or `more` is true, or the wheel will
 * fire for it, or the next round over the lanes finds it.
 */
import type { EntryId } from '../../base/ids.ts';
import { laneStart, type Cursor } from '../rows/window.ts';
import type { OwnedShard } from './shard.ts';
import { WheelItem } from './timer-wheel.ts';

export class Lane extends WheelItem {
  readonly shard: OwnedShard;
  readonly destination: string;
  readonly lane: string;
  /** Entries ready or in hand, until their outcome is in the store. */
  readonly here = new Set<EntryId>();
  /** The store has due entries that are not here. */
  more = false;
  /** More came behind the cursor since reading last began at the front. */
  missed = false;
  cursor: Cursor = laneStart;
  /** While reading, what left memory since it began: a window that was read before that may still show it, and it must not go out again. */
  leftMeanwhile: Set<EntryId> | undefined;
  /** When the wheel fires for it, if it is on the wheel. */
  wheelDueMs = 0;
  /** Its site has come back: entries that only waited for that are due now, up to this time. */
  earlyUntilMs = 0;

  constructor(shard: OwnedShard, destination: string, lane: string) {
    super();
    this.shard = shard;
    this.destination = destination;
    this.lane = lane;
  }

  /** There is something in the store to be read now. */
  wantMore(): void {
    this.more = true;
    this.missed = true;
  }

  get loading(): boolean {
    return this.leftMeanwhile !== undefined;
  }

  /** Nothing here and nothing known: it can be forgotten. */
  get idle(): boolean {
    return this.here.size === 0 && !this.more && !this.loading && !this.onWheel;
  }
}

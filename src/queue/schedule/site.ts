/** A site in memory: what is ready for it, how much is out, and how it is paced. */
import type { Entry } from './entry.ts';
import { FairQueue } from './fair-queue.ts';
import type { Pace } from './pace.ts';
import { WheelItem } from './timer-wheel.ts';

export class Site extends WheelItem {
  readonly site: string;
  readonly pace: Pace;
  readonly ready = new FairQueue<Entry>();
  /** Attempts out. */
  inHand = 0;
  usedAtMs: number;
  /** Mail that waited for it to answer has been told that it does. */
  toldBack = false;

  constructor(site: string, pace: Pace, nowMs: number) {
    super();
    this.site = site;
    this.pace = pace;
    this.usedAtMs = nowMs;
  }
}

/** Where a destination leads, as far as known; entries wait in `waiting` until it is. */
export interface DestinationRoute {
  readonly destination: string;
  site: Site | undefined;
  untilMs: number;
  asking: boolean;
  readonly waiting: Entry[];
}

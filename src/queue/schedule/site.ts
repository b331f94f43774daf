/** A site in memory: what is ready for it, how much is out, and how it is paced. */
import type { Timer } from '../../base/clock.ts';
import type { Gate, SiteFacts } from '../gate.ts';
import type { Entry } from './entry.ts';
import { FairQueue, type WeightOf } from './fair-queue.ts';
import type { Pace } from './pace.ts';
import { WheelItem } from './timer-wheel.ts';

export interface SiteParts {
  readonly pace: Pace;
  readonly gate: Gate | undefined;
  readonly weightOf?: WeightOf | undefined;
  readonly nowMs: number;
}

export class Site extends WheelItem {
  readonly facts: SiteFacts;
  readonly pace: Pace;
  /** Absent: nothing is limited. */
  gate: Gate | undefined;
  readonly ready: FairQueue<Entry>;
  /** Set while it waits for a moment only. */
  soon: Timer | undefined;
  /** Attempts out. */
  inHand = 0;
  usedAtMs: number;
  /** When its turn began: since then it has had attempts out. */
  turnAtMs = 0;
  /** Mail that waited for it to answer has been told that it does. */
  toldBack = false;

  get site(): string {
    return this.facts.site;
  }

  constructor(facts: SiteFacts, { pace, gate, weightOf, nowMs }: SiteParts) {
    super();
    this.facts = facts;
    this.pace = pace;
    this.gate = gate;
    this.ready = new FairQueue<Entry>(weightOf);
    this.usedAtMs = nowMs;
  }
}

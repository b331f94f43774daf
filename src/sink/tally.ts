/** What came, and what was refused, where and why: the numbers of one provider. */
import { LastMinute } from './meter.ts';
import type { LimitKind, Phase } from './options.ts';

/** Replies with an address in them are all different: so many are told apart. */
const refusalsMax = 1_000;

export interface RefusalCount {
  readonly phase: Phase;
  /** `limit messagesPerMinute`, `fault`, `recipient`, `greylist`, `foreign`, `blocked`. */
  readonly why: string;
  /** As the scenario has it, with its {…}. */
  readonly reply: string;
  count: number;
}

export class Tally {
  connections = 0;
  connectionsNow = 0;
  connectionsPeak = 0;
  tlsConnections = 0;
  messages = 0;
  recipients = 0;
  bytes = 0;
  /** Transactions that a client began and left, or that broke off. */
  abandoned = 0;
  duplicates = 0;
  readonly pace = new LastMinute();
  readonly refusals = new Map<string, RefusalCount>();
  readonly limits = new Map<LimitKind, { hits: number; peak: number }>();
  readonly returns = { sent: 0, failed: 0, dropped: 0 };

  opened(): void {
    this.connections += 1;
    this.connectionsNow += 1;
    this.connectionsPeak = Math.max(this.connectionsPeak, this.connectionsNow);
  }

  refused(phase: Phase, why: string, reply: string): void {
    const key = `${phase} ${why} ${reply}`;
    const known = this.refusals.get(key);
    if (known) known.count += 1;
    else if (this.refusals.size < refusalsMax) this.refusals.set(key, { phase, why, reply, count: 1 });
  }

  /** The most that one sender reached of what is limited. */
  reached(of: LimitKind, value: number): void {
    const known = this.limits.get(of);
    if (known === undefined) this.limits.set(of, { hits: 0, peak: value });
    else if (value > known.peak) known.peak = value;
  }

  hit(of: LimitKind): void {
    const known = this.limits.get(of) ?? { hits: 0, peak: 0 };
    known.hits += 1;
    this.limits.set(of, known);
  }

  /** All replies that were no. */
  get refusedCount(): number {
    let sum = 0;
    for (const { count } of this.refusals.values()) sum += count;
    return sum;
  }
}

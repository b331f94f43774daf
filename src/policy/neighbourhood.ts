/**
 * How address blocks behave that bring mail: a /24 of IPv4, a /64 of IPv6. A block that comes too often, or guesses addresses, waits longer and longer
 * for its answers, and in the end is sent away for a while. A block that has waited for its greeting once need not do so again for a day.
 *
 * Memory: `blocksMax` blocks; those with open connections are never forgotten. Sessions that wait are bounded too: above `waitingMax` nobody waits, but
 * is sent away. Each thread keeps its own count: the kernel spreads connections over threads, so a block is let in about so many times as often as there
 * are threads.
 */
import type { Clock } from '../base/clock.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { anyBlockContains, blockOf, type AddressBlock } from '../net/address-block.ts';

export interface NeighbourhoodOptions {
  /** Networks whose connections and mistakes are not counted. */
  readonly exempt: readonly AddressBlock[];
  readonly connectionsMax: number;
  readonly connectionsPerMinuteMax: number;
  /** Until a block is known, its clients wait so long for the greeting, and must not talk meanwhile; 0: nobody waits. */
  readonly greetDelayMs: number;
  /** Unknown recipients that cost nothing, and those after which the block is sent away. */
  readonly unknownFree: number;
  readonly unknownMax: number;
  readonly banMs: number;
}

export const neighbourhoodDefaults: Omit<NeighbourhoodOptions, 'exempt'> = {
  connectionsMax: 200,
  connectionsPerMinuteMax: 600,
  greetDelayMs: 2000,
  unknownFree: 5,
  unknownMax: 25,
  banMs: 15 * 60_000,
};

export interface NeighbourhoodParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly options: NeighbourhoodOptions;
}

/** `tooMany`: connections at a time. `tooOften`: connections in a minute. `banned`: for what it did before. */
export type Unwelcome = 'tooMany' | 'tooOften' | 'banned';

export interface Visit {
  readonly greetDelayMs: number;
  /** It has waited for the greeting as it should. */
  greeted(): void;
  /** A recipient was refused because nobody has that address, or because it is elsewhere. Gives how long the answer waits; undefined: enough of it. */
  unknownRecipient(): number | undefined;
  knownRecipient(): void;
  leave(): void;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const blocksMax = 50_000;
const waitingMax = 500;
const waitFirstMs = 1000;
const waitLongestMs = 10_000;
/** What was guessed is half forgotten after so long. */
const halfLifeMs = 5 * minuteMs;
const knownCounts = 0.5;

interface Block {
  open: number;
  /** Connections of the present minute. */
  minute: number;
  recent: number;
  unknown: number;
  unknownAtMs: number;
  bannedUntilMs: number;
  knownUntilMs: number;
}

const noVisit: Visit = {
  greetDelayMs: 0,
  greeted() {},
  unknownRecipient: () => 0,
  knownRecipient() {},
  leave() {},
};

export class Neighbourhood {
  readonly #parts: NeighbourhoodParts;
  /** The one that was seen longest ago first. */
  readonly #blocks = new Map<string, Block>();
  readonly #turnedAway: Counter<'why'>;
  #waiting = 0;

  constructor(parts: NeighbourhoodParts) {
    this.#parts = parts;
    this.#turnedAway = parts.metrics.counter(
      'hikyaku_smtpd_blocks_turned_away_total',
      'Connections that were ended for what their address block does.',
      ['why'],
    );
  }

  arrive(ip: string): Visit | Unwelcome {
    const { options } = this.#parts;
    if (anyBlockContains(options.exempt, ip)) return noVisit;
    const block = this.#block(blockOf(ip));
    const nowMs = this.#parts.clock.monotonicMs();
    const minute = Math.floor(nowMs / minuteMs);
    if (block.minute !== minute) Object.assign(block, { minute, recent: 0 });
    block.recent += 1;
    const no = this.#unwelcome(block, nowMs);
    if (no !== undefined) {
      this.#turnedAway.add(1, { why: no });
      return no;
    }
    block.open += 1;
    return this.#visit(block, nowMs);
  }

  #unwelcome({ bannedUntilMs, open, recent }: Block, nowMs: number): Unwelcome | undefined {
    const { connectionsMax, connectionsPerMinuteMax } = this.#parts.options;
    if (bannedUntilMs > nowMs) return 'banned';
    if (open >= connectionsMax) return 'tooMany';
    return recent > connectionsPerMinuteMax ? 'tooOften' : undefined;
  }

  #visit(block: Block, nowMs: number): Visit {
    const { clock, options } = this.#parts;
    const known = block.knownUntilMs > nowMs;
    let left = false;
    return {
      greetDelayMs: known ? 0 : options.greetDelayMs,
      greeted: () => {
        block.knownUntilMs = clock.monotonicMs() + dayMs;
      },
      unknownRecipient: () => this.#unknown(block),
      knownRecipient: () => {
        block.unknown = Math.max(0, this.#faded(block) - knownCounts);
      },
      leave: () => {
        if (!left) block.open -= 1;
        left = true;
      },
    };
  }

  #unknown(block: Block): number | undefined {
    const { unknownFree, unknownMax, banMs } = this.#parts.options;
    const nowMs = this.#parts.clock.monotonicMs();
    block.unknown = this.#faded(block) + 1;
    block.knownUntilMs = 0;
    if (block.unknown > unknownMax) {
      block.bannedUntilMs = nowMs + banMs;
      this.#turnedAway.add(1, { why: 'guessing' });
      return undefined;
    }
    if (block.unknown <= unknownFree) return 0;
    return this.#wait(
      Math.min(waitLongestMs, waitFirstMs * 2 ** Math.floor(block.unknown - unknownFree - 1)),
    );
  }

  /** Reserves a place among those who wait, for as long as the wait lasts. */
  #wait(waitMs: number): number | undefined {
    if (this.#waiting >= waitingMax) return undefined;
    this.#waiting += 1;
    this.#parts.clock.after(waitMs, () => {
      this.#waiting -= 1;
    });
    return waitMs;
  }

  #faded(block: Block): number {
    const nowMs = this.#parts.clock.monotonicMs();
    const left = block.unknown * 0.5 ** ((nowMs - block.unknownAtMs) / halfLifeMs);
    block.unknownAtMs = nowMs;
    return left;
  }

  #block(key: string): Block {
    const known = this.#blocks.get(key);
    const block = known ?? {
      open: 0,
      minute: 0,
      recent: 0,
      unknown: 0,
      unknownAtMs: 0,
      bannedUntilMs: 0,
      knownUntilMs: 0,
    };
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    if (this.#blocks.size > blocksMax) this.#forgetOne();
    return block;
  }

  #forgetOne(): void {
    for (const [key, { open }] of this.#blocks) {
      if (open > 0) continue;
      this.#blocks.delete(key);
      return;
    }
  }
}

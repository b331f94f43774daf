/**
 * Greylisting (RFC 6647): mail of who was never seen before is put off once; a mail server comes again, and much that sends spam does not. What came
 * again is known for weeks, and an address block of which several have is known as a whole.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { blockOf } from '../net/address-block.ts';
import type { Store } from '../store/store.ts';
import { see, tidy, type Seen } from './rows/greylist.ts';

export interface GreylistOptions {
  /** How long a stranger is put off. */
  readonly delayMs: number;
  /** How long it may take to come again (RFC 6647, 5: a day at least). */
  readonly retryMs: number;
  /** How long who came again is known. */
  readonly keepMs: number;
  /** Triplets of a block that have come again until all of the block is known. */
  readonly passesMin: number;
}

const hourMs = 3_600_000;

export const greylistDefaults: GreylistOptions = {
  delayMs: 5 * 60_000,
  retryMs: 48 * hourMs,
  keepMs: 36 * 24 * hourMs,
  passesMin: 5,
};

export interface GreylistParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly options: GreylistOptions;
}

export interface Stranger {
  readonly ip: string;
  readonly sender: string;
  readonly recipient: string;
}

/** Blocks that are known are remembered for so long without a look into the store. */
const rememberedMs = hourMs;
const rememberedMax = 20_000;
const tidiedMax = 1000;

export class Greylist {
  readonly #parts: GreylistParts;
  readonly #known = new Map<string, number>();

  constructor(parts: GreylistParts) {
    this.#parts = parts;
  }

  /** How long the stranger has to wait before it comes again; 0: it may come in. */
  async waitMs({ ip, sender, recipient }: Stranger): Promise<number> {
    const { store, clock, options } = this.#parts;
    const block = blockOf(ip);
    const nowMs = clock.nowMs();
    if ((this.#known.get(block) ?? 0) > nowMs) return 0;
    const triplet = digest(sender, recipient);
    const seen: Seen = await store.write(see, { block, triplet, nowMs, ...options });
    if (seen.is === 'wait') return Math.max(1, seen.untilMs - nowMs);
    if (seen.is === 'known') this.#remember(block, nowMs + rememberedMs);
    return 0;
  }

  /** Forgets who has not come for long. Gives how many. */
  async tidy(signal?: AbortSignal): Promise<number> {
    const { store, clock, options } = this.#parts;
    for (let count = 0; ; ) {
      if (signal?.aborted) return count;
      const gone = await store.write(tidy, { nowMs: clock.nowMs(), ...options, max: tidiedMax });
      count += gone;
      if (gone === 0) return count;
    }
  }

  #remember(block: string, untilMs: number): void {
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.set(block, untilMs);
  }
}

/** Senders that differ in a number alone, as those of lists do that count their mail (VERP), are one. */
function digest(sender: string, recipient: string): string {
  const at = sender.lastIndexOf('@');
  const local = sender.slice(0, Math.max(0, at)).replace(/\d+/g, '#').replace(/\+.*/, '');
  const who = `${local}${sender.slice(Math.max(0, at))}`.toLowerCase();
  return createHash('sha256').update(`${who}\n${recipient.toLowerCase()}`).digest('base64url').slice(0, 22);
}

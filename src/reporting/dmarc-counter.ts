/**
 * Counts what came in the name of domains that ask for reports (RFC 9990): in memory, added to the store now and then, off the way of the mail. A crash loses a
 * minute's numbers; no mail depends on them.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { DmarcRow, PublishedPolicy } from '../proto/reports/dmarc-report.ts';
import type { Store } from '../store/store.ts';
import { dayOf, dueOf } from './day.ts';
import { addCounted, type CountedDomain } from './rows/counted.ts';

export interface DmarcFinding {
  /** Where the record was found. */
  readonly policyDomain: string;
  /** The record itself: it says who gets the report. */
  readonly record: string;
  readonly published: PublishedPolicy;
  readonly row: Omit<DmarcRow, 'count'>;
}

/** What is kept of what a domain has published. */
export interface KeptPolicy {
  readonly record: string;
  readonly published: PublishedPolicy;
}

export interface DmarcCounterParts {
  readonly store: Pick<Store, 'write'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly hostname: string;
}

const flushAfterMs = 60_000;
/** With so many lines the store is told at once. */
const linesMax = 5000;

interface Gathered {
  readonly day: string;
  policy: string;
  readonly lines: Map<string, number>;
}

export class DmarcCounter {
  readonly #parts: DmarcCounterParts;
  #gathered = new Map<string, Gathered>();
  #lines = 0;
  #timer: Timer | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(parts: DmarcCounterParts) {
    this.#parts = parts;
  }

  count({ policyDomain, record, published, row }: DmarcFinding): void {
    const { clock } = this.#parts;
    const day = dayOf(clock.nowMs());
    const key = `${day} ${policyDomain}`;
    const policy = JSON.stringify({ record, published } satisfies KeptPolicy);
    let gathered = this.#gathered.get(key);
    if (gathered === undefined) this.#gathered.set(key, (gathered = { day, policy, lines: new Map() }));
    gathered.policy = policy;
    const facts = JSON.stringify(row);
    const before = gathered.lines.get(facts);
    if (before === undefined) this.#lines += 1;
    gathered.lines.set(facts, (before ?? 0) + 1);
    this.#timer ??= clock.after(flushAfterMs, () => void this.flush());
    if (this.#lines >= linesMax) void this.flush();
  }

  /** Resolves when all that was counted until now is in the store, or lost because the store would not have it. */
  flush(): Promise<void> {
    const { store, log, hostname } = this.#parts;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const domains = [...this.#gathered].map(([key, { day, policy, lines }]): CountedDomain => {
      const domain = key.slice(day.length + 1);
      const counted = [...lines].map(([facts, count]) => ({ facts, count }));
      return { day, domain, policy, lines: counted, dueMs: dueOf(day, domain, hostname) };
    });
    this.#gathered = new Map();
    this.#lines = 0;
    if (domains.length > 0)
      this.#flushing = this.#flushing
        .then(() => store.write(addCounted, domains))
        .catch((error: unknown) => {
          log.warn({ error, domains: domains.length }, 'counts for DMARC reports were lost');
        });
    return this.#flushing;
  }
}

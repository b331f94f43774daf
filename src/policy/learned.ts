/**
 * What was learned, in the memory of a thread: of the accounts and organisations that get mail.
 *
 * A tally is looked at for changes every `currentMs`, and added up anew, by the thread for long reads, no more often than every `freshMs`: what is taught speaks within a
 * minute. Memory: `memoryMaxBytes`, those that were not asked for longest go first.
 */
import type { Clock } from '../base/clock.ts';
import type { Store } from '../store/store.ts';
import { headOf, tallyOf } from './classifier/lesson-rows.ts';
import { speaksFrom } from './classifier/score.ts';
import { Tally } from './classifier/tally.ts';
import { scopeKey, type Scope } from './lessons.ts';

const currentMs = 5000;
const freshMs = 60_000;
const memoryMaxBytes = 64 * 1024 * 1024;
/** What an entry costs besides its tally. */
const entryBytes = 1024;

interface Known {
  readonly tally: Tally;
  readonly version: number;
  readonly loadedMs: number;
  checkedMs: number;
}

export class LearnedTallies {
  readonly #store: Pick<Store, 'read' | 'scan'>;
  readonly #clock: Clock;
  /** Those asked for last come last. */
  readonly #known = new Map<string, Known>();
  readonly #loading = new Map<string, Promise<Tally>>();
  #bytes = 0;

  constructor({ store, clock }: { readonly store: Pick<Store, 'read' | 'scan'>; readonly clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  async of(scope: Scope): Promise<Tally> {
    const key = scopeKey(scope);
    const known = this.#known.get(key);
    const now = this.#clock.monotonicMs();
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      const { tally, checkedMs, loadedMs } = known;
      if (now - checkedMs < currentMs || (now - loadedMs < freshMs && speaks(tally))) return tally;
      known.checkedMs = now;
    }
    const loading = this.#loading.get(key);
    if (loading) return loading;
    const begun = this.#load(key, known).finally(() => this.#loading.delete(key));
    this.#loading.set(key, begun);
    return begun;
  }

  async #load(key: string, known: Known | undefined): Promise<Tally> {
    const { version } = await this.#store.read(() => headOf(key));
    if (known?.version === version) return known.tally;
    const tally = version === 0 ? new Tally() : Tally.unpack(await this.#store.scan(tallyOf, key));
    const now = this.#clock.monotonicMs();
    this.#keep(key, { tally, version, loadedMs: now, checkedMs: now });
    return tally;
  }

  #keep(key: string, known: Known): void {
    this.#forget(key);
    this.#known.set(key, known);
    this.#bytes += costOf(known);
    for (const oldest of this.#known.keys()) {
      if (this.#bytes <= memoryMaxBytes || this.#known.size === 1) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    this.#known.delete(key);
    this.#bytes -= costOf(known);
  }
}

const costOf = ({ tally }: Known): number => tally.sizeBytes + entryBytes;
const speaks = ({ spamMails, hamMails }: Tally): boolean => Math.min(spamMails, hamMails) >= speaksFrom;

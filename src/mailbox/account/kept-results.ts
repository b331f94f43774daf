/**
 * Answers to queries of one map, and those of maps before it with the emails that something has happened to since: such an answer is brought up to date
 * when it is asked for again. Answers name emails by their numbers, in order.
 */
import type { EmailNumber } from '../ids.ts';

/** Answers that are kept. */
const resultsMax = 16;
/** Emails beyond which an answer is made anew. */
const touchedMax = 2000;

export interface OldResult {
  readonly emails: Uint32Array;
  readonly touched: ReadonlySet<EmailNumber>;
}

export class KeptResults {
  readonly #now = new Map<string, Uint32Array>();
  readonly #collapsed = new Map<string, Uint32Array>();
  readonly #old = new Map<string, OldResult>();

  get(key: string): Uint32Array | undefined {
    return this.#now.get(key);
  }

  /** Of an earlier map. */
  old(key: string): OldResult | undefined {
    return this.#old.get(key);
  }

  /** One for each thread, of an answer that is kept: made of it again when it has changed. */
  collapsed(key: string, make: () => Uint32Array): Uint32Array {
    let found = this.#collapsed.get(key);
    if (found === undefined) this.#collapsed.set(key, (found = make()));
    if (this.#collapsed.size > resultsMax) this.#collapsed.delete(this.#collapsed.keys().next().value!);
    return found;
  }

  keep(key: string, emails: Uint32Array): void {
    this.#now.set(key, emails);
    this.#old.delete(key);
    if (this.#now.size > resultsMax) this.#now.delete(this.#now.keys().next().value!);
  }

  /** Takes over what another map was asked, the last asked last. */
  follow(before: KeptResults, touched: Iterable<EmailNumber>): void {
    const all = [...touched];
    for (const [key, { emails, touched: earlier }] of before.#old) {
      const together = new Set([...earlier, ...all]);
      if (together.size <= touchedMax) this.#old.set(key, { emails, touched: together });
    }
    const set = new Set(all);
    for (const [key, emails] of before.#now) this.#old.set(key, { emails, touched: set });
    while (this.#old.size > resultsMax) this.#old.delete(this.#old.keys().next().value!);
  }
}

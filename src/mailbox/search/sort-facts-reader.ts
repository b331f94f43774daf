/** Sort facts, kept while there is room: an email never changes, so what was made once of it stays true. */
import type { AccountId } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import type { EmailNumber } from '../ids.ts';
import { KnownFacts } from '../known-facts.ts';
import { readSortFacts } from './read-sort-facts.ts';

/** Emails asked about in one piece, so that a search can be stopped in between. */
const piece = 1_000;
/** Emails whose facts are kept, per thread: some 400 bytes each. */
const keptMax = 150_000;

export class SortFactsReader {
  readonly #store: Store;
  /** Accounts by last use. */
  readonly #accounts = new Map<AccountId, KnownFacts>();
  #kept = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Emails that are gone are missing from the result. Throws the signal's reason when aborted. */
  async facts(account: AccountId, emails: readonly EmailNumber[], signal?: AbortSignal): Promise<KnownFacts> {
    const known = this.#accounts.get(account) ?? new KnownFacts();
    this.#accounts.delete(account);
    this.#accounts.set(account, known);
    const missing = [...new Set(emails.filter((email) => !known.has(email)))];
    for (let at = 0; at < missing.length; at += piece) {
      signal?.throwIfAborted();
      const found = await this.#store.scan(readSortFacts, { account, emails: missing.slice(at, at + piece) });
      for (const [email, facts] of found) {
        if (!known.has(email)) this.#kept += 1;
        known.set(email, facts);
      }
    }
    this.#makeRoom(account);
    return known;
  }

  /** Whole accounts go, the longest unused first; the one in hand last of all. */
  #makeRoom(current: AccountId): void {
    for (const [account, facts] of this.#accounts) {
      if (this.#kept <= keptMax) return;
      this.#accounts.delete(account);
      this.#kept -= facts.size;
      if (account === current) return;
    }
  }
}

/**
 * Keeps the index of texts up with the mail, in a thread that serves nobody.
 *
 * What it has not come to yet is found by reading (search/search.ts), so it may be late, stopped, or begun anew at any moment: the watermark of each account tells where to go on, and is
 * looked at for all accounts at the start. Texts of attachments are made as soon as a mail comes; a segment, when there are enough messages for one or the oldest has waited.
 */
import { type Clock, sleep, type Timer } from '../base/clock.ts';
import { type AccountId, newSecret } from '../base/ids.ts';
import { emptiedAccounts, indexedAccounts, takeIndexLease } from '../search/index-operations.ts';
import { AccountIndex, type IndexParts } from './account-index.ts';
import type { EmailNumber } from './ids.ts';
import { accountsAfter } from './rules/check.ts';
import type { AccountState } from './search/index-source.ts';

/** A tail of so many messages is made a segment at once; a shorter one when its first has waited. Reading it costs a search some milliseconds. */
const tailMax = 100;
const tailWaitMs = 5 * 60_000;
/** How often all accounts are looked at, since hints may be lost. */
const lookEveryMs = 60 * 60_000;
/** How soon a rebuild is noticed that another process asked for. */
const lookForEmptiedMs = 30_000;
const afterFailureMs = 10_000;
const gatherMs = 200;
const accountsPerPage = 200;
/** A node's turn at the index of a shared store, prolonged while it works. */
const leaseMs = 60_000;
/** A segment is written anew when more than one in so many of its messages are gone: at once, and when all accounts are looked at. */
const goneAtOnce = 8;
const goneAtAll = 100;

export interface IndexerParts extends Omit<IndexParts, 'signal'> {
  readonly clock: Clock;
}

export class Indexer implements AsyncDisposable {
  readonly #parts: IndexerParts;
  readonly #stop = new AbortController();
  readonly #hints: Disposable;
  /** Accounts of which something was heard. */
  readonly #heard = new Set<AccountId>();
  /** Accounts with a short tail, and since when they have it: the longest first. */
  readonly #waiting = new Map<AccountId, number>();
  /** Up to which email texts of attachments are made, where that is above the watermark. */
  readonly #attachmentsUpTo = new Map<AccountId, EmailNumber>();
  #wake = new AbortController();
  readonly #name = newSecret(12);
  #turn = new AbortController();
  #prolonging: Timer | undefined;
  #lookedAtMs: number | undefined;
  #lookedForEmptiedAtMs = Number.NEGATIVE_INFINITY;
  readonly #done: Promise<void>;

  constructor(parts: IndexerParts) {
    this.#parts = parts;
    this.#hints = parts.store.onHint('account', (key) => {
      this.#heard.add(key as AccountId);
      this.#wake.abort();
    });
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      let waitMs = lookForEmptiedMs;
      try {
        if (await this.#mayWrite()) {
          await this.#lookAtAll();
          await this.#lookForEmptied();
          await this.#round();
        } else waitMs = leaseMs;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error }, 'the index of texts waits; searches read the mail meanwhile');
        waitMs = afterFailureMs;
      }
      await sleep(clock, waitMs, AbortSignal.any([signal, this.#wake.signal])).catch(() => {});
      // What comes together is looked at together.
      await sleep(clock, gatherMs, signal).catch(() => {});
    }
  }

  /** Alone with a SQLite store; of nodes that share PostgreSQL one is at it, and stops when its turn could not be prolonged. */
  async #mayWrite(): Promise<boolean> {
    const { store, index } = this.#parts;
    if (store.engine === 'sqlite') return true;
    const taken = await index.write(takeIndexLease, { owner: this.#name, forMs: leaseMs });
    if (taken) this.#prolong();
    return taken;
  }

  #prolong(): void {
    const { index, clock } = this.#parts;
    this.#prolonging?.[Symbol.dispose]();
    this.#turn = new AbortController();
    const turn = this.#turn;
    const again = (): void => {
      this.#prolonging = clock.after(leaseMs / 4, () => {
        index.write(takeIndexLease, { owner: this.#name, forMs: leaseMs }).then(
          (taken) => (taken ? again() : turn.abort(new Error('another node has the index'))),
          (error: unknown) => turn.abort(error),
        );
      });
    };
    again();
  }

  /** What came while this did not run, and what is gone. */
  async #lookAtAll(): Promise<void> {
    const { store, clock } = this.#parts;
    const now = clock.monotonicMs();
    if (this.#lookedAtMs !== undefined && now - this.#lookedAtMs < lookEveryMs) return;
    for await (const account of each((after) => store.scan(accountsAfter, { after, limit: accountsPerPage })))
      this.#heard.add(account);
    for await (const account of each((after) =>
      store.scan(indexedAccounts, { after, limit: accountsPerPage }),
    ))
      await this.#tidy(account);
    this.#lookedAtMs = now;
  }

  async #tidy(account: AccountId): Promise<void> {
    const index = this.#index(account);
    const state = await index.state();
    if (state === undefined) return index.forget();
    await index.sweep();
    if (hasGone(state, goneAtAll)) await index.purge(goneAtAll);
  }

  /** Their tail is all of their mail, and does not wait. */
  async #lookForEmptied(): Promise<void> {
    const { store, clock } = this.#parts;
    const now = clock.monotonicMs();
    if (now - this.#lookedForEmptiedAtMs < lookForEmptiedMs) return;
    for (const account of await store.scan(emptiedAccounts, undefined))
      await this.#catchUp(account, Number.NEGATIVE_INFINITY);
    this.#lookedForEmptiedAtMs = now;
  }

  /** Accounts that were heard of, then those whose tail has waited long enough: how many others wait does not matter. */
  async #round(): Promise<void> {
    const { clock } = this.#parts;
    for (const account of this.#heard) {
      this.#heard.delete(account);
      const sinceMs = this.#waiting.get(account) ?? clock.monotonicMs();
      if (await this.#catchUp(account, sinceMs)) this.#waiting.delete(account);
      else if (!this.#waiting.has(account)) this.#waiting.set(account, sinceMs);
    }
    for (const [account, sinceMs] of this.#waiting) {
      if (clock.monotonicMs() - sinceMs < tailWaitMs) return;
      this.#waiting.delete(account);
      await this.#catchUp(account, sinceMs);
    }
  }

  /** Gives false when the tail is left for later. */
  async #catchUp(account: AccountId, sinceMs: number): Promise<boolean> {
    const { clock } = this.#parts;
    const index = this.#index(account);
    const state = await index.state();
    if (state === undefined) {
      await index.forget();
      return true;
    }
    if (state.documents > 0 && state.emails === 0) await index.empty();
    else if (hasGone(state, goneAtOnce)) await index.purge(goneAtOnce);
    const tail = state.emailNext - 1 - state.watermark;
    if (tail <= 0) return true;
    if (tail < tailMax && clock.monotonicMs() - sinceMs < tailWaitMs) {
      const upTo = Math.max(state.watermark, this.#attachmentsUpTo.get(account) ?? 0);
      this.#attachmentsUpTo.set(account, await index.readAttachments(upTo));
      return false;
    }
    await index.catchUp(state.watermark);
    this.#attachmentsUpTo.delete(account);
    return true;
  }

  #index(account: AccountId): AccountIndex {
    const signal = AbortSignal.any([this.#stop.signal, this.#turn.signal]);
    return new AccountIndex({ ...this.#parts, signal }, account);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hints[Symbol.dispose]();
    this.#prolonging?.[Symbol.dispose]();
    this.#stop.abort(new Error('the indexer stops'));
    await this.#done;
  }
}

/** Whether more than one in `part` of the indexed messages are gone, at least. */
const hasGone = ({ documents, emails }: AccountState, part: number): boolean =>
  (documents - emails) * part > documents;

async function* each(read: (after: string) => Promise<readonly AccountId[]>): AsyncGenerator<AccountId> {
  for (let after = ''; ; ) {
    const page = await read(after);
    yield* page;
    if (page.length < accountsPerPage) return;
    after = page.at(-1)!;
  }
}

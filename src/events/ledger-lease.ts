/**
 * Which of the nodes on one database keeps the ledger: moves events into it, and makes traces of them. What two did at once they would do in each other's way. On the
 * embedded store there is one node.
 */
import type { Clock } from '../base/clock.ts';
import { newSecret } from '../base/ids.ts';
import { operation } from '../store/operation.ts';
import { rows, type Transaction } from '../store/transaction.ts';
import type { Store } from '../store/store.ts';

/** A node that is gone is followed by another within this. */
const leaseMs = 10_000;
const renewEveryMs = 3000;

export const claimLedger = operation(
  'events.claimLedger',
  function* ({ owner }: { owner: string }): Transaction<boolean> {
    const held = yield* rows(
      `update events.keeper set owner = ?, lease_until = now_ms() + ${leaseMs} where owner = ? or lease_until < now_ms() returning owner`,
      owner,
      owner,
    );
    return held.length > 0;
  },
  { essential: true },
);

export const releaseLedger = operation(
  'events.releaseLedger',
  function* ({ owner }: { owner: string }): Transaction<void> {
    yield* rows('update events.keeper set lease_until = 0 where owner = ?', owner);
  },
  { essential: true },
);

export class LedgerLease implements AsyncDisposable {
  readonly #store: Store;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #owner = newSecret(12);
  #held = false;
  #askedAtMs = -Infinity;
  #asking: Promise<boolean> | undefined;

  constructor(store: Store, clock: Pick<Clock, 'monotonicMs'>) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Whether the ledger is this node's to keep. Rejects when the store cannot be asked. */
  isHeld(): Promise<boolean> {
    if (this.#store.engine === 'sqlite') return Promise.resolve(true);
    if (this.#clock.monotonicMs() - this.#askedAtMs < renewEveryMs) return Promise.resolve(this.#held);
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    const askedAtMs = this.#clock.monotonicMs();
    this.#held = false;
    this.#held = await this.#store.write(claimLedger, { owner: this.#owner });
    this.#askedAtMs = askedAtMs;
    return this.#held;
  }

  /** Another node may have it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#held) return;
    await this.#store.write(releaseLedger, { owner: this.#owner }).catch(() => {});
  }
}

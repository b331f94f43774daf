/** Who wants to hear of changes of an account. One listener at the store for all of them, so that thousands of sessions cost a map. */
import type { AccountId } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';

export class ChangeListeners implements Disposable {
  readonly #store: Store;
  readonly #byAccount = new Map<AccountId, Set<() => void>>();
  #hints: Disposable | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  on(account: AccountId, listener: () => void): Disposable {
    this.#hints ??= this.#store.onHint('account', (key) => {
      for (const each of this.#byAccount.get(key as AccountId) ?? []) each();
    });
    const listeners = this.#byAccount.get(account) ?? new Set();
    listeners.add(listener);
    this.#byAccount.set(account, listeners);
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.#byAccount.get(account) === listeners)
          this.#byAccount.delete(account);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#hints?.[Symbol.dispose]();
    this.#byAccount.clear();
  }
}

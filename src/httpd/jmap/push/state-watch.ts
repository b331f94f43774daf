/**
 * Tells what has changed in the accounts of a user, from whichever side: IMAP, LMTP, POP3, JMAP, this node or another. Hints say that something may have
 * changed; the store says what. Changes that come together are told together.
 */
import type { AccountId } from '../../../base/ids.ts';
import type { Log } from '../../../base/log.ts';
import type { JmapAccess } from '../access.ts';
import type { JmapUser } from '../method.ts';
import { type StateParts, type TypeStates, typeStates, wordFor } from './type-states.ts';

export type Changed = Readonly<Record<string, TypeStates>>;

export interface WatchOf {
  readonly access: JmapAccess;
  readonly user: JmapUser;
  /** Undefined: all. */
  readonly types: readonly string[] | undefined;
  readonly log: Log;
  /** `word` stands for all states as they are then. */
  readonly tell: (changed: Changed, word: string) => void;
}

export class StateWatch implements Disposable {
  readonly #parts: StateParts;
  readonly #of: WatchOf;
  readonly #told = new Map<AccountId, TypeStates>();
  readonly #listening = new DisposableStack();
  readonly #waiting = new Set<AccountId>();
  #working = false;

  constructor(parts: StateParts, of: WatchOf) {
    this.#parts = parts;
    this.#of = of;
  }

  /** From the states as they are now. Gives the word for them. */
  async start(): Promise<string> {
    const accounts = (await this.#of.access.accounts(this.#of.user)).map(({ id }) => id);
    const note = (account: AccountId): void => this.#note(account);
    for (const account of accounts)
      this.#listening.use(this.#parts.mailboxes.onChange(account, () => note(account)));
    for (const part of [this.#parts.contacts, this.#parts.profiles, this.#parts.scripts])
      this.#listening.use(part.onChange(note));
    for (const account of accounts) this.#told.set(account, await this.#states(account));
    return wordFor(this.#told);
  }

  /** All states as they were told last. */
  all(): Changed {
    return Object.fromEntries(this.#told);
  }

  #note(account: AccountId): void {
    if (!this.#told.has(account)) return;
    this.#waiting.add(account);
    if (this.#working) return;
    this.#working = true;
    this.#work()
      .catch((error: unknown) => this.#of.log.warn({ error }, 'changes of an account could not be told'))
      .finally(() => {
        this.#working = false;
      });
  }

  async #work(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#listening.disposed) {
      const accounts = [...this.#waiting];
      this.#waiting.clear();
      const changed: Record<string, TypeStates> = {};
      for (const account of accounts) {
        const news = await this.#newsOf(account);
        if (Object.keys(news).length > 0) changed[account] = news;
      }
      if (Object.keys(changed).length > 0 && !this.#listening.disposed)
        this.#of.tell(changed, wordFor(this.#told));
    }
  }

  async #newsOf(account: AccountId): Promise<TypeStates> {
    // What is no longer shared is no longer told of.
    if ((await this.#of.access.account(this.#of.user, account)) === undefined) return {};
    const before = this.#told.get(account) ?? {};
    const now = await this.#states(account);
    this.#told.set(account, now);
    return Object.fromEntries(Object.entries(now).filter(([type, state]) => before[type] !== state));
  }

  async #states(account: AccountId): Promise<TypeStates> {
    const all = await typeStates(this.#parts, account);
    const { types } = this.#of;
    if (types === undefined) return all;
    return Object.fromEntries(Object.entries(all).filter(([type]) => types.includes(type)));
  }

  [Symbol.dispose](): void {
    this.#listening.dispose();
  }
}

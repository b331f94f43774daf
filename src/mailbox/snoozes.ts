/** Mail that sleeps until a time, as servers see it (rules/snooze.ts). */
import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Store } from '../store/store.ts';
import type { EmailNumber, MailboxNumber } from './ids.ts';
import { asleep, type Due, snooze, snoozeTopic, wake } from './rules/snooze.ts';

/** Further ahead than anybody means. */
const aheadMaxMs = 5 * 366 * 24 * 60 * 60_000;
/** Told of one account. */
const toldMax = 5000;

export class Snoozes {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Gives how many could not be put to sleep. Refusal `invalid`: the time is past, or too far ahead. */
  async put(
    account: AccountId,
    emails: readonly EmailNumber[],
    { from, untilMs }: { readonly from: MailboxNumber; readonly untilMs: number },
  ): Promise<number> {
    const nowMs = this.#clock.nowMs();
    if (untilMs <= nowMs || untilMs > nowMs + aheadMaxMs)
      throw new Refusal('invalid', 'a time within the next five years', { at: 'untilMs' });
    const failed = await this.#store.write(snooze, { account, emails, from, untilMs, nowMs });
    return failed.length;
  }

  list(account: AccountId): Promise<readonly Due[]> {
    return this.#store.read(() => asleep({ account, limit: toldMax }));
  }

  /** The first to wake, of all accounts. */
  next(limit: number): Promise<readonly Due[]> {
    return this.#store.read(() => asleep({ limit }));
  }

  /** Gives whether it came back. */
  wake({ account, email }: Pick<Due, 'account' | 'email'>): Promise<boolean> {
    return this.#store.write(wake, { account, email, nowMs: this.#clock.nowMs() });
  }

  onPut(listener: () => void): Disposable {
    return this.#store.onHint(snoozeTopic, listener);
  }
}

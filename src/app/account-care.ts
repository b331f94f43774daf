/**
 * What a change of an account means for its mailboxes: a new limit is told to them, and the mail of an account that is gone goes too.
 *
 * The directory notes what is to be done in the transaction of the change (directory/task.ts); here it is done, soon after the hint, and what a
 * crash cut short, at the next start. Every piece may be done twice, also by several nodes at once. A day after the mail of an account has
 * gone its last trace goes: by then nothing that began before the deletion can still write to it.
 */
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { dropContactsOf } from '../contact/care.ts';
import { dueTasks, finishTask } from '../directory/operations.ts';
import { accountTaskTopic, type AccountTask } from '../directory/task.ts';
import { forgetMail, limitMail, removeMail } from '../mailbox/care.ts';
import { dropParcelsOf } from '../parcel/care.ts';
import { Profiles } from '../profile/profiles.ts';
import { dropLessonsOf } from '../policy/lessons.ts';
import { dropSendingOf } from '../policy/sending.ts';
import { dropScriptsOf } from '../sieve/care.ts';
import type { Store } from '../store/store.ts';

const forgetAfterMs = 24 * 60 * 60_000;
/** Hints may be lost, and what is to be forgotten falls due without one. */
const lookEveryMs = 10 * 60_000;
const afterFailureMs = 10_000;
const tasksAtOnce = 100;

export interface AccountCareParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

export class AccountCare implements AsyncDisposable {
  readonly #parts: AccountCareParts;
  readonly #stop = new AbortController();
  readonly #hints: Disposable;
  readonly #done: Promise<void>;
  /** Ends the wait in hand. */
  #wake = new AbortController();
  #asked = true;

  constructor(parts: AccountCareParts) {
    this.#parts = parts;
    this.#hints = parts.store.onHint(accountTaskTopic, () => {
      this.#asked = true;
      this.#wake.abort();
    });
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    while (!this.#stop.signal.aborted) {
      let waitMs = lookEveryMs;
      try {
        this.#asked = false;
        await this.#round();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        log.warn({ error }, 'what was to be done for an account waits');
        waitMs = afterFailureMs;
      }
      if (this.#asked) continue;
      this.#wake = new AbortController();
      await sleep(clock, waitMs, AbortSignal.any([this.#stop.signal, this.#wake.signal])).catch(() => {});
    }
  }

  async #round(): Promise<void> {
    const { store, clock } = this.#parts;
    for (;;) {
      const due = await store.scan(dueTasks, {
        forgetBeforeMs: clock.nowMs() - forgetAfterMs,
        limit: tasksAtOnce,
      });
      for (const task of due) await this.#do(task);
      if (due.length < tasksAtOnce) return;
    }
  }

  async #do(task: AccountTask): Promise<void> {
    const { store, clock, log } = this.#parts;
    const { account, quotaBytes } = task;
    const { signal } = this.#stop;
    signal.throwIfAborted();
    if (task.task === 'remove') await this.#remove(task);
    else if (task.task === 'forget') await this.#forget(task);
    else if (quotaBytes !== undefined) await limitMail(store, { account, quotaBytes, nowMs: clock.nowMs() });
    await store.write(finishTask, { task, nowMs: clock.nowMs() });
    if (task.task === 'remove') log.info({ account }, 'the mail of a deleted account is removed');
  }

  async #remove({ account, org }: AccountTask): Promise<void> {
    const { store } = this.#parts;
    await dropScriptsOf(store, { is: 'account', id: account });
    await dropLessonsOf(store, { account, org });
    await dropContactsOf(store, account);
    await dropParcelsOf(store, account);
    await new Profiles({ store }).drop(account);
    await dropSendingOf(store, { account, org });
    await removeMail(store, account, this.#stop.signal);
  }

  /** Also what was learned or noted of its last mail while that was going. */
  async #forget({ account, org }: AccountTask): Promise<void> {
    const { store } = this.#parts;
    await dropLessonsOf(store, { account, org });
    await dropContactsOf(store, account);
    await dropParcelsOf(store, account);
    await dropSendingOf(store, { account, org });
    await forgetMail(store, account, this.#stop.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hints[Symbol.dispose]();
    this.#stop.abort();
    await this.#done;
  }
}

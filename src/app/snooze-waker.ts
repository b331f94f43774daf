/**
 * Brings mail back whose time has come (mailbox/snoozes.ts): on the main thread, whether or not anybody reads. What came due while the server was away comes back when
 * it starts. Several nodes may do it at once: each mail is woken by the one whose transaction deletes its note.
 */
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Snoozes } from '../mailbox/snoozes.ts';
import type { Store } from '../store/store.ts';

/** How late mail comes that another node has put to sleep. */
const lookEveryMs = 30_000;
const afterFailureMs = 10_000;
const atOnce = 50;

export interface SnoozeWakerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

export class SnoozeWaker implements AsyncDisposable {
  readonly #parts: SnoozeWakerParts;
  readonly #snoozes: Snoozes;
  readonly #stop = new AbortController();
  readonly #hints: Disposable;
  readonly #done: Promise<void>;
  #look = new AbortController();

  constructor(parts: SnoozeWakerParts) {
    this.#parts = parts;
    this.#snoozes = new Snoozes(parts);
    this.#hints = this.#snoozes.onPut(() => this.#look.abort());
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#look = new AbortController();
      const waitMs = await this.#round().catch((error: unknown) => {
        if (!signal.aborted) log.warn({ error }, 'mail that sleeps could not be looked at');
        return afterFailureMs;
      });
      await sleep(clock, waitMs, AbortSignal.any([signal, this.#look.signal])).catch(() => {});
    }
  }

  /** Gives how long nothing is to be done. */
  async #round(): Promise<number> {
    const { clock } = this.#parts;
    const next = await this.#snoozes.next(atOnce);
    for (const due of next) {
      this.#stop.signal.throwIfAborted();
      const leftMs = due.untilMs - clock.nowMs();
      if (leftMs > 0) return Math.min(leftMs, lookEveryMs);
      await this.#snoozes.wake(due);
    }
    return next.length === atOnce ? 0 : lookEveryMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hints[Symbol.dispose]();
    this.#stop.abort();
    await this.#done;
  }
}

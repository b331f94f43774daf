/**
 * One check at work on one mail, held to its time: whatever it throws, and however long it takes, the mail goes on, and what went wrong is told.
 */
import type { Clock } from '../base/clock.ts';
import type { OnPart } from '../proto/mime/part-stream.ts';
import type { Check, CheckedMail, Found, RunningCheck, Seen } from './check.ts';
import type { Failure } from './verdict.ts';

const nothing: Found = { findings: [] };

export class GuardedCheck {
  readonly check: Check;
  readonly #clock: Clock;
  #running: RunningCheck | undefined;
  #failure: Failure | undefined;

  constructor(check: Check, mail: CheckedMail, clock: Clock) {
    this.check = check;
    this.#clock = clock;
    this.#running = this.#try(() => check.begin(mail));
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** It has something to look at. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  body(chunk: Buffer): Promise<void> | undefined {
    if (this.#running?.body === undefined) return undefined;
    const wait = this.#try(() => this.#running?.body?.(chunk));
    return wait && this.#within(wait);
  }

  /** Undefined when it looks at no parts. */
  get part(): OnPart | undefined {
    if (this.#running?.part === undefined) return undefined;
    return (part) => {
      const sink = this.#try(() => this.#running?.part?.(part));
      if (sink === undefined) return undefined;
      const guarded = (run: () => void): void => {
        if (this.#running) this.#try(run);
      };
      return { write: (bytes) => guarded(() => sink.write(bytes)), end: () => guarded(() => sink.end()) };
    };
  }

  async finish(seen: Seen): Promise<Found> {
    const found =
      this.#running && (await this.#within(Promise.resolve(this.#try(() => this.#running?.finish(seen)))));
    return found ?? nothing;
  }

  abort(): void {
    const running = this.#running;
    this.#running = undefined;
    try {
      running?.abort?.();
    } catch {
      // It is given up anyway.
    }
  }

  #try<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** The answer; undefined when it does not come in time, or is that there is none. */
  async #within<T>(answer: Promise<T>): Promise<T | undefined> {
    const { promise: timeUp, resolve } = Promise.withResolvers<'late'>();
    using timer = this.#clock.after(this.check.timeoutMs, () => resolve('late'));
    void timer;
    try {
      const first = await Promise.race([answer, timeUp]);
      if (first !== 'late') return first;
      this.#fail(`no answer within ${this.check.timeoutMs} ms`);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }

  #fail(why: string): void {
    const { name, onFailure } = this.check;
    this.#failure ??= { check: name, why, policy: onFailure };
    this.abort();
  }
}

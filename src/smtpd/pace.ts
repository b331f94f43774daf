/** How long the present line or text has taken, against clients that send an octet now and then and so stay within every idle limit. */
import type { Clock } from '../base/clock.ts';
import type { SmtpdOptions } from './options.ts';

export class Pace {
  readonly #clock: Clock;
  readonly #options: Pick<SmtpdOptions, 'commandTimeoutMs' | 'textWholeTimeoutMs'>;
  /** On the monotonic clock. */
  #sinceMs = 0;

  constructor(clock: Clock, options: Pick<SmtpdOptions, 'commandTimeoutMs' | 'textWholeTimeoutMs'>) {
    this.#clock = clock;
    this.#options = options;
  }

  /** A line or a text begins. */
  begin(): void {
    this.#sinceMs = this.#clock.monotonicMs();
  }

  lineTooLong(): boolean {
    return this.#elapsedMs() > this.#options.commandTimeoutMs;
  }

  /** A large text over a thin line takes its time: a second more for each 1,000 octets that came. */
  textTooLong(bytes: number): boolean {
    return this.#elapsedMs() > this.#options.textWholeTimeoutMs + bytes;
  }

  #elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#sinceMs;
  }
}

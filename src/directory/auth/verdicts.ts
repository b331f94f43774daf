/**
 * Passwords that were verified lately, so that a mailer that logs in each minute does not cost 13 ms of processor each time; and wrong
 * ones, so that a telephone with an old password neither costs that nor locks its owner out.
 *
 * Kept as HMACs under a key of this thread that is never written anywhere. A verdict holds only for the version of the account it was
 * made for: a change of password, roles or services makes it void.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';

/** How long a verdict is believed. */
const verdictMs = 10 * 60_000;
const verdictsMax = 10_000;

export type Verdict =
  | { readonly is: 'right'; readonly version: number; readonly credential: string }
  | { readonly is: 'wrong'; readonly version: number };

export interface Shown {
  /** The canonical login name. */
  readonly name: string;
  readonly service: string;
  readonly password: string;
}

interface Kept {
  readonly verdict: Verdict;
  readonly untilMs: number;
}

export class Verdicts {
  readonly #clock: Clock;
  readonly #key = randomBytes(32);
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was found of this password for this version of the account. */
  find(shown: Shown, version: number): Verdict | undefined {
    const kept = this.#kept.get(this.#digest(shown));
    if (!kept || kept.untilMs <= this.#clock.monotonicMs()) return undefined;
    return kept.verdict.version === version ? kept.verdict : undefined;
  }

  keep(shown: Shown, verdict: Verdict): void {
    if (this.#kept.size >= verdictsMax) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    this.#kept.set(this.#digest(shown), { verdict, untilMs: this.#clock.monotonicMs() + verdictMs });
  }

  #digest({ name, service, password }: Shown): string {
    return createHmac('sha256', this.#key).update(`${service}\0${name}\0${password}`).digest('base64');
  }
}

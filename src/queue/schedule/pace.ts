/**
 * How much a site is given at once. One object for each site decides, from what comes back; the queue asks and obeys.
 *
 * This one is concurrency feedback: it begins with a few connections, each success adds a fraction of one, a server that says "too
 * much" halves them. A site where nobody answers is *down*: for a moment mail waits in memory; when the probe after that fails too, it is sent
 * back to the store with the same answer, untried, and one attempt at a time looks whether the site is back.
 */
import type { Answer, Outcome } from '../attempt.ts';

export interface Pace {
  /** Connections the site may have now. */
  connections(): number;
  state(nowMs: number): PaceState;
  /** A server of the site answered. True when the site was down until now. */
  heard(): boolean;
  /** It answered that we are too many or too fast. */
  throttled(): void;
  /** Nobody answered. */
  unreachable(nowMs: number, answer: Answer): void;
  /** Somebody asks to look again now. */
  lookAgain(): void;
}

export type PaceState =
  | { readonly at: 'up' }
  /** Wait in memory until then. */
  | { readonly at: 'waiting'; readonly untilMs: number }
  /** Send it back to the store with this answer. */
  | { readonly at: 'down'; readonly untilMs: number; readonly answer: Answer }
  /** One attempt, to see whether anybody answers. */
  | { readonly at: 'probing' };

export interface PaceOptions {
  readonly connectionsStart: number;
  readonly connectionsMax: number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** First pause of a site that does not answer; doubled at each probe that fails. */
const pauseFirstMs = 5000;
const pauseMaxMs = 600_000;

const up: PaceState = { at: 'up' };
const probing: PaceState = { at: 'probing' };

export class FeedbackPace implements Pace {
  readonly #options: PaceOptions;
  #limit: number;
  #failures = 0;
  #downUntilMs = 0;
  #answer: Answer | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#limit = Math.min(options.connectionsStart, options.connectionsMax);
  }

  connections(): number {
    return this.#failures > 0 ? 1 : Math.floor(this.#limit);
  }

  state(nowMs: number): PaceState {
    if (this.#failures === 0) return up;
    if (nowMs >= this.#downUntilMs) return probing;
    if (this.#failures === 1) return { at: 'waiting', untilMs: this.#downUntilMs };
    return { at: 'down', untilMs: this.#downUntilMs, answer: this.#answer! };
  }

  heard(): boolean {
    if (this.#failures === 0) {
      if (this.#limit < this.#options.connectionsMax) this.#limit += 1 / this.#limit;
      return false;
    }
    this.#failures = 0;
    this.#limit = Math.min(this.#options.connectionsStart, this.#options.connectionsMax);
    return true;
  }

  throttled(): void {
    this.#limit = Math.max(1, this.#limit / 2);
  }

  lookAgain(): void {
    this.#downUntilMs = 0;
  }

  /** Attempts that were in hand together fail together: that is one failure. */
  unreachable(nowMs: number, answer: Answer): void {
    this.#answer = answer;
    if (nowMs < this.#downUntilMs) return;
    const pause = Math.min(pauseFirstMs * 2 ** this.#failures, pauseMaxMs);
    this.#failures += 1;
    this.#downUntilMs = nowMs + pause * (0.75 + this.#options.random() / 2);
  }
}

/** "Too many, too fast, not now": 421, 4.3.2 (system not accepting), 4.4.5 (system congested), Google's 4.7.28. Not greylisting (4.7.1). */
export function isThrottled(outcome: Outcome): boolean {
  if (outcome.is !== 'deferred') return false;
  return /^(?:421|4\d\d[ -]4\.(?:3\.2|4\.5|7\.28))/.test(outcome.answer.reply);
}

/**
 * Keeps a flood out of what is written for people: of each key the first few things in a window of time are told, the others are counted, and
 * their number is told when the window ends.
 *
 * Memory: `keysMax` keys, one thing for each. When a window has more keys than that, those that come late share one.
 */
import type { Clock, Timer } from './clock.ts';

export interface DamperOptions<T> {
  readonly clock: Clock;
  /** Begins with the first thing after a quiet time. */
  readonly windowMs: number;
  /** Told of each key in a window. */
  readonly toldMax: number;
  readonly keysMax: number;
  /** The window is over: so many things were left out under one key, the latest of them is `latest`. */
  readonly onMore: (more: { readonly key: string; readonly latest: T; readonly count: number }) => void;
}

interface Seen<T> {
  told: number;
  leftOut: number;
  latest: T;
}

/** Whatever comes under more keys than there is room for. */
export const otherKeys = '';

export class Damper<T> {
  readonly #options: DamperOptions<T>;
  readonly #seen = new Map<string, Seen<T>>();
  #timer: Timer | undefined;

  constructor(options: DamperOptions<T>) {
    this.#options = options;
  }

  /** True: to be told. False: it is counted. */
  admits(key: string, thing: T): boolean {
    const { clock, windowMs, toldMax } = this.#options;
    this.#timer ??= clock.after(windowMs, () => this.flush());
    const seen = this.#of(key, thing);
    seen.latest = thing;
    if (seen.told < toldMax) {
      seen.told += 1;
      return true;
    }
    seen.leftOut += 1;
    return false;
  }

  /** Ends the window now. */
  flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const seen = [...this.#seen];
    this.#seen.clear();
    for (const [key, { latest, leftOut }] of seen) {
      if (leftOut > 0) this.#options.onMore({ key, latest, count: leftOut });
    }
  }

  #of(key: string, thing: T): Seen<T> {
    const known = this.#seen.get(key);
    if (known) return known;
    if (this.#seen.size >= this.#options.keysMax && key !== otherKeys) return this.#of(otherKeys, thing);
    const fresh = { told: 0, leftOut: 0, latest: thing };
    this.#seen.set(key, fresh);
    return fresh;
  }
}

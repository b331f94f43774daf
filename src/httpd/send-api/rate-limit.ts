/**
 * How many requests an organisation may make in this thread: a bucket that fills evenly. What is left is told with every answer
 * (`RateLimit` and `RateLimit-Policy`, draft-ietf-httpapi-ratelimit-headers), so that clients slow down before they are refused.
 */
import type { Clock } from '../../base/clock.ts';

/** A bucket holds so many seconds of requests. */
const burstSeconds = 10;
/** Organisations whose buckets are kept: those that are full need none. */
const bucketsMax = 20_000;

export interface RateState {
  readonly allowed: boolean;
  /** Requests that could be made now. */
  readonly left: number;
  /** Seconds until the bucket is full, and until the next request may be made. */
  readonly fullInSeconds: number;
  readonly retryInSeconds: number;
}

export class RateLimit {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** When the bucket of an organisation will be full, in milliseconds. */
  readonly #fullAt = new Map<string, number>();

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perSecond = perMinute / 60;
  }

  get size(): number {
    return Math.max(1, Math.floor(this.#perSecond * burstSeconds));
  }

  /** As a structured field. */
  get policy(): string {
    return `"requests";q=${this.size};w=${burstSeconds}`;
  }

  /** Counts a request; one of `cost` is as many. One that is refused costs nothing. */
  take(org: string, cost = 1): RateState {
    const now = this.#clock.monotonicMs();
    const eachMs = 1000 / this.#perSecond;
    const from = Math.max(now, this.#fullAt.get(org) ?? 0);
    const filledTo = from + cost * eachMs;
    const over = filledTo - now - this.size * eachMs;
    const allowed = over <= 0;
    const fullAt = allowed ? filledTo : from;
    if (allowed) {
      if (this.#fullAt.size >= bucketsMax) this.#tidy(now);
      this.#fullAt.set(org, filledTo);
    }
    return {
      allowed,
      left: Math.max(0, Math.floor(this.size - (fullAt - now) / eachMs)),
      fullInSeconds: Math.ceil((fullAt - now) / 1000),
      retryInSeconds: allowed ? 0 : Math.max(1, Math.ceil(over / 1000)),
    };
  }

  #tidy(now: number): void {
    for (const [org, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(org);
    if (this.#fullAt.size >= bucketsMax) this.#fullAt.clear();
  }
}

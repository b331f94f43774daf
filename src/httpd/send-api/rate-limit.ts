/**
 * How many requests an organisation may make: one bucket for all threads and nodes, which fills evenly (relay/requests.ts). A thread takes a handful at a time and gives them out. What
 * is left is told with every answer (`RateLimit` and `RateLimit-Policy`, draft-ietf-httpapi-ratelimit-headers), so that clients slow down before they are refused.
 */
import type { Clock } from '../../base/clock.ts';
import type { SendParts } from '../parts.ts';

/** A bucket holds so many seconds of requests. */
const burstSeconds = 10;
/** Of a bucket, what a thread takes at a time. */
const handful = 1 / 16;
/** What a thread has not given out in this time is lost: the bucket has filled again meanwhile. */
const keptMs = 5000;
/** Organisations of which something is held. */
const heldMax = 20_000;

export interface RateState {
  readonly allowed: boolean;
  /** Requests that could be made now. */
  readonly left: number;
  /** Seconds until the bucket is full, and until the next request may be made. */
  readonly fullInSeconds: number;
  readonly retryInSeconds: number;
}

interface Held {
  count: number;
  /** Whether there was anything to take. */
  readonly granted: boolean;
  readonly untilMs: number;
  /** When the bucket will be full. */
  readonly fullAtMs: number;
}

export class RateLimit {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #draw: SendParts['drawRequests'];
  readonly #held = new Map<string, Held>();
  readonly #drawing = new Map<string, Promise<Held>>();

  constructor(
    clock: Clock,
    { requestsPerMinute, drawRequests }: Pick<SendParts, 'requestsPerMinute' | 'drawRequests'>,
  ) {
    this.#clock = clock;
    this.#perMinute = requestsPerMinute;
    this.#draw = drawRequests;
  }

  get size(): number {
    return Math.max(1, Math.floor((this.#perMinute / 60) * burstSeconds));
  }

  /** As a structured field. */
  get policy(): string {
    return `"requests";q=${this.size};w=${burstSeconds}`;
  }

  /** Counts a request; one that is refused costs nothing. */
  async take(org: string): Promise<RateState> {
    let held = this.#held.get(org);
    // What was drawn may be gone to others who waited for it too.
    while (held === undefined || held.count < 1 || held.untilMs <= this.#clock.nowMs()) {
      held = await this.#drawFor(org);
      if (!held.granted) return this.#state(held, false);
    }
    held.count -= 1;
    return this.#state(held, true);
  }

  #drawFor(org: string): Promise<Held> {
    const drawing =
      this.#drawing.get(org) ??
      this.#drawn(org).finally(() => {
        this.#drawing.delete(org);
      });
    this.#drawing.set(org, drawing);
    return drawing;
  }

  async #drawn(org: string): Promise<Held> {
    const { size } = this;
    const want = Math.max(1, Math.floor(size * handful));
    const { granted, fullAtUs } = await this.#draw(org, { want, size, perMinute: this.#perMinute });
    const held = {
      count: granted,
      granted: granted > 0,
      untilMs: this.#clock.nowMs() + keptMs,
      fullAtMs: fullAtUs / 1000,
    };
    if (this.#held.size >= heldMax) this.#held.clear();
    this.#held.set(org, held);
    return held;
  }

  #state({ count, fullAtMs }: Held, allowed: boolean): RateState {
    const eachMs = 60_000 / this.#perMinute;
    const fullInMs = Math.max(0, fullAtMs - this.#clock.nowMs() - count * eachMs);
    const roomAfterMs = fullInMs - (this.size - 1) * eachMs;
    return {
      allowed,
      left: Math.max(0, Math.floor(this.size - fullInMs / eachMs)),
      fullInSeconds: Math.ceil(fullInMs / 1000),
      retryInSeconds: allowed ? 0 : Math.max(1, Math.ceil(roomAfterMs / 1000)),
    };
  }
}

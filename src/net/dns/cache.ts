/**
 * A cache bounded by count: least recently used goes first, and nothing outlives its time.
 */
import type { Clock } from '../../base/clock.ts';

interface Kept<V> {
  readonly value: V;
  readonly untilMs: number;
}

export class TtlCache<V> {
  readonly #clock: Clock;
  readonly #entriesMax: number;
  /** In order of use: a Map keeps the order of insertion. */
  readonly #kept = new Map<string, Kept<V>>();

  constructor(entriesMax: number, clock: Clock) {
    this.#entriesMax = entriesMax;
    this.#clock = clock;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The value and how many seconds are left of its time. */
  get(key: string): { readonly value: V; readonly ttlSeconds: number } | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    const leftMs = kept.untilMs - this.#clock.monotonicMs();
    if (leftMs <= 0) return undefined;
    this.#kept.set(key, kept);
    return { value: kept.value, ttlSeconds: Math.floor(leftMs / 1000) };
  }

  /** A time of zero keeps nothing. */
  set(key: string, value: V, ttlSeconds: number): void {
    this.#kept.delete(key);
    if (ttlSeconds <= 0 || this.#entriesMax <= 0) return;
    if (this.#kept.size >= this.#entriesMax) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(key, { value, untilMs: this.#clock.monotonicMs() + ttlSeconds * 1000 });
  }

  clear(): void {
    this.#kept.clear();
  }
}

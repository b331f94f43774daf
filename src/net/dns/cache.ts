/**
 * A cache bounded by count, where what is large counts as several: least recently used goes first, and nothing outlives its time.
 */
import type { Clock } from '../../base/clock.ts';

interface Kept<V> {
  readonly value: V;
  readonly untilMs: number;
  readonly countsAs: number;
}

export class TtlCache<V> {
  readonly #clock: Clock;
  readonly #entriesMax: number;
  /** In order of use: a Map keeps the order of insertion. */
  readonly #kept = new Map<string, Kept<V>>();
  #count = 0;

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
    const leftMs = kept.untilMs - this.#clock.monotonicMs();
    this.#forget(key);
    if (leftMs <= 0) return undefined;
    this.#keep(key, kept);
    return { value: kept.value, ttlSeconds: Math.floor(leftMs / 1000) };
  }

  /** A time of zero keeps nothing. `countsAs`: so many entries. */
  set(key: string, value: V, ttlSeconds: number, countsAs = 1): void {
    this.#forget(key);
    if (ttlSeconds <= 0 || countsAs > this.#entriesMax) return;
    while (this.#count + countsAs > this.#entriesMax) this.#forget(this.#kept.keys().next().value!);
    this.#keep(key, { value, untilMs: this.#clock.monotonicMs() + ttlSeconds * 1000, countsAs });
  }

  clear(): void {
    this.#kept.clear();
    this.#count = 0;
  }

  #keep(key: string, kept: Kept<V>): void {
    this.#kept.set(key, kept);
    this.#count += kept.countsAs;
  }

  #forget(key: string): void {
    this.#count -= this.#kept.get(key)?.countsAs ?? 0;
    this.#kept.delete(key);
  }
}

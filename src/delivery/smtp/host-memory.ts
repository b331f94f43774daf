/** What is remembered of servers for a while, by address: who did not answer, and whose STARTTLS does not work. */
import type { Clock } from '../../base/clock.ts';
import type { Place } from '../route/plan.ts';

/** A server that did not answer is tried after the others. */
const failedForMs = 300_000;
/** TLS is not tried again with a server where it failed. */
const tlsBrokenForMs = 3_600_000;
/** Addresses remembered of each kind; beyond it the oldest is forgotten. */
const addressesMax = 10_000;

export class HostMemory {
  readonly #clock: Clock;
  readonly #failed = new Map<string, number>();
  readonly #tlsBroken = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  failed(ip: string): void {
    remember(this.#failed, ip, this.#clock.monotonicMs() + failedForMs);
  }

  answered(ip: string): void {
    this.#failed.delete(ip);
  }

  tlsBroke(ip: string): void {
    remember(this.#tlsBroken, ip, this.#clock.monotonicMs() + tlsBrokenForMs);
  }

  tlsIsBroken(ip: string): boolean {
    return (this.#tlsBroken.get(ip) ?? -Infinity) > this.#clock.monotonicMs();
  }

  /** The same places, those that did not answer lately behind the others. */
  bestFirst(places: readonly Place[]): readonly Place[] {
    if (this.#failed.size === 0) return places;
    const nowMs = this.#clock.monotonicMs();
    const bad = (place: Place): number => ((this.#failed.get(place.ip) ?? -Infinity) > nowMs ? 1 : 0);
    return places.toSorted((a, b) => bad(a) - bad(b));
  }
}

function remember(map: Map<string, number>, ip: string, untilMs: number): void {
  map.delete(ip);
  map.set(ip, untilMs);
  if (map.size <= addressesMax) return;
  const [oldest] = map.keys();
  map.delete(oldest!);
}

/** What is remembered of servers for a while, by address: who did not answer, and whose STARTTLS does not work. */
import type { Clock } from '../../base/clock.ts';
import type { Place } from '../route/places.ts';
import type { TlsTrouble } from './handshake.ts';

/** A server that did not answer is tried after the others. */
const failedForMs = 300_000;
/** TLS is not tried again with a server where it failed. */
const tlsBrokenForMs = 3_600_000;
/** Addresses remembered of each kind; beyond it the oldest is forgotten. */
const addressesMax = 10_000;

export class HostMemory {
  readonly #clock: Clock;
  readonly #failed = new Map<string, number>();
  readonly #tlsBroken = new Map<string, { readonly untilMs: number; readonly trouble: TlsTrouble }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  failed(ip: string): void {
    remember(this.#failed, ip, this.#clock.monotonicMs() + failedForMs);
  }

  answered(ip: string): void {
    this.#failed.delete(ip);
  }

  tlsBroke(ip: string, trouble: TlsTrouble): void {
    remember(this.#tlsBroken, ip, { untilMs: this.#clock.monotonicMs() + tlsBrokenForMs, trouble });
  }

  /** What was wrong with it, while it is remembered. */
  tlsTrouble(ip: string): TlsTrouble | undefined {
    const broken = this.#tlsBroken.get(ip);
    return broken !== undefined && broken.untilMs > this.#clock.monotonicMs() ? broken.trouble : undefined;
  }

  /** The same places, those that did not answer lately behind the others. */
  bestFirst(places: readonly Place[]): readonly Place[] {
    if (this.#failed.size === 0) return places;
    const nowMs = this.#clock.monotonicMs();
    const bad = (place: Place): number => ((this.#failed.get(place.ip) ?? -Infinity) > nowMs ? 1 : 0);
    return places.toSorted((a, b) => bad(a) - bad(b));
  }
}

function remember<T>(map: Map<string, T>, ip: string, value: T): void {
  map.delete(ip);
  map.set(ip, value);
  if (map.size <= addressesMax) return;
  const [oldest] = map.keys();
  map.delete(oldest!);
}

/**
 * What is remembered of servers for a while, by address: who did not answer, and whose STARTTLS does not work. And whether a family of addresses
 * works at all: on a machine whose IPv6 leads nowhere every server would cost a wait.
 */
import type { Clock } from '../../base/clock.ts';
import { isIpv6, type Place } from '../route/places.ts';
import type { TlsTrouble } from './handshake.ts';

/** A server that did not answer is tried after the others. */
const failedForMs = 300_000;
/** So many servers of a family in a row that cannot be reached, and the other one is tried first, for so long. */
const familyStrikes = 3;
const familyDownForMs = 600_000;
/** TLS is not tried again with a server where it failed. */
const tlsBrokenForMs = 3_600_000;
/** Addresses remembered of each kind; beyond it the oldest is forgotten. */
const addressesMax = 10_000;

export class HostMemory {
  readonly #clock: Clock;
  readonly #failed = new Map<string, number>();
  readonly #families = { 4: working(), 6: working() };
  readonly #tlsBroken = new Map<string, { readonly untilMs: number; readonly trouble: TlsTrouble }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `unreachable`: nothing at all was heard from it. */
  failed(ip: string, unreachable: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    remember(this.#failed, ip, nowMs + failedForMs);
    if (!unreachable) return;
    const family = this.#families[familyOf(ip)];
    family.strikes += 1;
    if (family.strikes >= familyStrikes) family.downUntilMs = nowMs + familyDownForMs;
  }

  answered(ip: string): void {
    this.#failed.delete(ip);
    this.#families[familyOf(ip)] = working();
  }

  hasFailed(ip: string): boolean {
    return (this.#failed.get(ip) ?? -Infinity) > this.#clock.monotonicMs();
  }

  tlsBroke(ip: string, trouble: TlsTrouble): void {
    remember(this.#tlsBroken, ip, { untilMs: this.#clock.monotonicMs() + tlsBrokenForMs, trouble });
  }

  /** What was wrong with it, while it is remembered. */
  tlsTrouble(ip: string): TlsTrouble | undefined {
    const broken = this.#tlsBroken.get(ip);
    return broken !== undefined && broken.untilMs > this.#clock.monotonicMs() ? broken.trouble : undefined;
  }

  /** The same places, those of a family that does not work behind the others, and those that did not answer lately behind all. */
  bestFirst(places: readonly Place[]): readonly Place[] {
    const nowMs = this.#clock.monotonicMs();
    const isDown = (ip: string): boolean => this.#families[familyOf(ip)].downUntilMs > nowMs;
    const badness = ({ ip }: Place): number => (this.hasFailed(ip) ? 2 : 0) + (isDown(ip) ? 1 : 0);
    if (this.#failed.size === 0) return places;
    return places.toSorted((a, b) => badness(a) - badness(b));
  }
}

interface Family {
  strikes: number;
  downUntilMs: number;
}

const working = (): Family => ({ strikes: 0, downUntilMs: -Infinity });
const familyOf = (ip: string): 4 | 6 => (isIpv6(ip) ? 6 : 4);

function remember<T>(map: Map<string, T>, ip: string, value: T): void {
  map.delete(ip);
  map.set(ip, value);
  if (map.size <= addressesMax) return;
  const [oldest] = map.keys();
  map.delete(oldest!);
}

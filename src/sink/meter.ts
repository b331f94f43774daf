/**
 * How a provider counts what one address sends: allowances that fill up again (the generic cell rate algorithm), and a look back over a minute.
 * Times are milliseconds of a monotonic clock.
 */

const minuteMs = 60_000;
/** A burst of so much is allowed where a limit says nothing of it. */
const burstDefaultSeconds = 5;

export interface Rate {
  readonly perMinute: number;
  /** 0: what five seconds allow. */
  readonly burst: number;
}

/** One allowance. The rate may change between two questions. */
export class Allowance {
  /** When all that was taken so far would have been in order. */
  #owedMs = 0;

  /** Takes one if the rate allows it; a no costs nothing. */
  take(rate: Rate, nowMs: number): boolean {
    if (!this.allows(rate, nowMs)) return false;
    this.charge(rate, nowMs, 1);
    return true;
  }

  allows(rate: Rate, nowMs: number): boolean {
    const burst = rate.burst > 0 ? rate.burst : Math.ceil((rate.perMinute * burstDefaultSeconds) / 60);
    const eachMs = minuteMs / rate.perMinute;
    // A hundredth of one is no reason to refuse: sums of fractions are not exact.
    return Math.max(this.#owedMs, nowMs) - nowMs <= (burst - 1 + 0.01) * eachMs;
  }

  /** Counts what was taken without being asked for first. */
  charge(rate: Rate, nowMs: number, cost: number): void {
    this.#owedMs = Math.max(this.#owedMs, nowMs) + (cost * minuteMs) / rate.perMinute;
  }
}

const seconds = 60;

/** Counts of the last minute, by the second, and the most that there were in a second and in a minute. */
export class LastMinute {
  readonly #counts = new Float64Array(seconds);
  #second = 0;
  #sum = 0;
  peakPerMinute = 0;
  peakPerSecond = 0;

  add(nowMs: number, count = 1): void {
    this.#turn(Math.floor(nowMs / 1000));
    const at = this.#second % seconds;
    const here = this.#counts[at]! + count;
    this.#counts[at] = here;
    this.#sum += count;
    if (here > this.peakPerSecond) this.peakPerSecond = here;
    if (this.#sum > this.peakPerMinute) this.peakPerMinute = this.#sum;
  }

  sum(nowMs: number): number {
    this.#turn(Math.floor(nowMs / 1000));
    return this.#sum;
  }

  #turn(second: number): void {
    if (second - this.#second >= seconds) {
      this.#counts.fill(0);
      this.#sum = 0;
      this.#second = second;
    }
    while (this.#second < second) {
      this.#second += 1;
      this.#sum -= this.#counts[this.#second % seconds]!;
      this.#counts[this.#second % seconds] = 0;
    }
  }
}

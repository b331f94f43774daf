/**
 * The one place that reads time and sets timers, so that a test can put its own clock in.
 *
 * Wall time is milliseconds since 1970 (UTC), as an integer: names end in `Ms` or `AtMs`. Durations are measured
 * with `monotonicMs`, which no change of the system clock can move.
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch. Never runs backwards within a process. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start, never set back. For durations and leases. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. A timer does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
}

export interface Timer extends Disposable {
  /** Starts the same delay anew, as after each byte of a peer that is still talking. */
  restart(): void;
}

/** setTimeout's own limit: a longer delay would fire at once. */
const delayMaxMs = 2 ** 31 - 1;

let latestMs = 0;

export const systemClock: Clock = {
  nowMs() {
    latestMs = Math.max(latestMs, Date.now());
    return latestMs;
  },
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), delayMaxMs));
    timer.unref();
    return { restart: () => void timer.refresh(), [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Resolves after `delayMs`, or rejects with the signal's reason when it is aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = (): void => {
      timer[Symbol.dispose]();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

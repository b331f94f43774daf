/** Keeps the ledger up with the outbox, and the ledger within its age. One runs on each node; the one with the lease works. */
import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Gauge, Metrics } from '../base/metrics.ts';
import type { Store } from '../store/store.ts';
import type { LedgerLease } from './ledger-lease.ts';
import { forget, move, moveMax, prune } from './ledger.ts';

/** How long an event may wait before the ledger shows it. */
const moveEveryMs = 200;
const pruneEveryMs = 10 * 60_000;
const afterFailureMs = 2000;
const secondMs = 1000;

export interface MoverOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly lease: LedgerLease;
  /** Events older than this are removed. */
  readonly keepMs: number;
}

export class Mover implements AsyncDisposable {
  readonly #options: MoverOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  readonly #lag: Gauge;
  readonly #moved: Counter;
  #prunedAtMs = 0;

  constructor(options: MoverOptions) {
    this.#options = options;
    this.#lag = options.metrics.gauge(
      'hikyaku_events_lag_seconds',
      'Age of the oldest event that was not in the ledger yet, when it was last looked',
    );
    this.#moved = options.metrics.counter(
      'hikyaku_events_moved_total',
      'Events that have come to the ledger',
    );
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let waitMs = moveEveryMs;
      try {
        if ((await this.#moveOnce()) === moveMax) waitMs = 0;
        await this.#pruneSometimes();
      } catch (error) {
        log.warn({ error }, 'events wait in the outbox: the ledger could not be written');
        waitMs = afterFailureMs;
      }
      if (waitMs > 0) await sleep(clock, waitMs, signal).catch(() => {});
    }
  }

  async #moveOnce(): Promise<number> {
    const { clock, store, lease } = this.#options;
    if (!(await lease.isHeld())) return 0;
    const { count, oldestAtMs } = await store.write(move, undefined);
    this.#lag.set(oldestAtMs === undefined ? 0 : Math.max(0, clock.nowMs() - oldestAtMs) / secondMs);
    this.#moved.add(count);
    if (count > 0) await store.write(forget, undefined);
    return count;
  }

  async #pruneSometimes(): Promise<void> {
    const { clock, store, keepMs, lease } = this.#options;
    if (!(await lease.isHeld())) return;
    if (clock.monotonicMs() - this.#prunedAtMs < pruneEveryMs && this.#prunedAtMs > 0) return;
    this.#prunedAtMs = clock.monotonicMs();
    while (await store.write(prune, { before: clock.nowMs() - keepMs }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await this.#moveOnce().catch(() => {});
  }
}

/**
 * Keeps the traces up with the ledger, and within the time that organisations keep them. One runs on each node; the one with the lease works.
 *
 * Mail goes first: after each step the keeper leaves the writer alone for many times as long as the step took, so that in a rush the index of words
 * falls behind for a while and catches up after it. It looks once in a while rather than at each event: most mail has come to its end by then, and its trace is written once.
 */
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Gauge, Metrics } from '../base/metrics.ts';
import type { Store } from '../store/store.ts';
import { end } from './ledger.ts';
import type { LedgerLease } from './ledger-lease.ts';
import { foldWords, forgetTraces, pruneTraces, retentions, type Retention } from './retention.ts';
import { rollUp, windowMax } from './roll-up.ts';

const idleMs = 1000;
const afterFailureMs = 3000;
/** Pause behind a step, as a multiple of what it took; the second when it is far behind. */
const restFactor = 9;
const hurriedRestFactor = 3;
/** Events that may wait before it hurries. */
const behindMax = 500_000;
const restMaxMs = 200;
const careEveryMs = 60 * 60_000;
const careFirstMs = 5 * 60_000;
const foldsAtOnce = 50;
const dayMs = 86_400_000;

export interface TraceKeeperOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly lease: LedgerLease;
  /** The longest that anything is kept. */
  readonly keepMs: number;
}

export class TraceKeeper implements AsyncDisposable {
  readonly #options: TraceKeeperOptions;
  readonly #stop = new AbortController();
  readonly #behind: Gauge;
  readonly #done: Promise<void>;
  #careAtMs: number;
  #behindBy = 0;

  constructor(options: TraceKeeperOptions) {
    this.#options = options;
    this.#careAtMs = options.clock.monotonicMs() + careFirstMs;
    this.#behind = options.metrics.gauge(
      'hikyaku_events_unsearchable',
      'Events of the ledger that searches do not find yet',
    );
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let waitMs = afterFailureMs;
      try {
        waitMs = await this.#step();
        if (clock.monotonicMs() >= this.#careAtMs && (await this.#options.lease.isHeld())) await this.#care();
      } catch (error) {
        if (!signal.aborted) log.warn({ error }, 'searches of the log are not kept up to date');
      }
      await sleep(clock, waitMs, signal).catch(() => {});
    }
  }

  /** Gives how long to rest. */
  async #step(): Promise<number> {
    const { clock, store, lease } = this.#options;
    if (!(await lease.isHeld())) return idleMs;
    const { count, seq } = await rollUp(store, {
      now: () => clock.monotonicMs(),
      rest: (tookMs) => this.#rest(tookMs, this.#behindBy > behindMax ? hurriedRestFactor : restFactor),
    });
    const last = count < windowMax ? seq : await store.read(() => end());
    this.#behindBy = Math.max(0, last - seq);
    this.#behind.set(this.#behindBy);
    return count < windowMax ? idleMs : 0;
  }

  /** Leaves the others alone for a multiple of what was taken from them. */
  async #rest(tookMs: number, factor: number): Promise<void> {
    const restMs = Math.min(restMaxMs, tookMs * factor);
    await sleep(this.#options.clock, restMs, this.#stop.signal).catch(() => {});
  }

  async #care(): Promise<void> {
    const { clock, store, keepMs } = this.#options;
    this.#careAtMs = clock.monotonicMs() + careEveryMs;
    const rules = await store.read(() => retentions());
    for (const rule of rules) await this.#forget(rule, rules);
    const before = clock.nowMs() - keepMs;
    while (await this.#gently(() => store.write(pruneTraces, { engine: store.engine, before })));
    if (store.engine === 'postgres') return;
    for (let i = 0; i < foldsAtOnce && !this.#stop.signal.aborted; i++)
      await this.#gently(() => store.write(foldWords, undefined));
  }

  async #forget({ org, stream, days }: Retention, rules: readonly Retention[]): Promise<void> {
    const { clock, store } = this.#options;
    const others = rules.filter((rule) => rule.org === org && rule.stream !== '').map((rule) => rule.stream);
    const before = clock.nowMs() - days * dayMs;
    const step = { engine: store.engine, org, stream, others, before };
    for (let after: number | undefined = 0; after !== undefined && !this.#stop.signal.aborted; ) {
      const from: number = after;
      after = (await this.#gently(() => store.write(forgetTraces, { ...step, after: from }))).next;
    }
  }

  async #gently<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    const result = await work();
    await this.#rest(clock.monotonicMs() - startMs, hurriedRestFactor);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

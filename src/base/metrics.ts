/**
 * Counters, gauges and histograms that parts are handed. The implementation (prom-client) is chosen in `app`; every
 * thread has its own and the scrape adds them up, so a gauge must be a number that adds up across threads.
 *
 * Names follow Prometheus: `hikyaku_<part>_<what>_<unit>`, counters end in `_total`. Label values are few and known:
 * never an address or a message id, and a domain only where a few are picked out of all.
 */
export interface Metrics {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>;
}

export type LabelValues<L extends string> = Readonly<Record<L, string>>;

export interface Counter<L extends string = never> {
  add(value?: number, labels?: LabelValues<L>): void;
}
export interface Gauge<L extends string = never> {
  /** Forgets the values of all labels. */
  clear(): void;
  set(value: number, labels?: LabelValues<L>): void;
  add(value?: number, labels?: LabelValues<L>): void;
}
export interface Histogram<L extends string = never> {
  observe(value: number, labels?: LabelValues<L>): void;
}

const nothing = { add() {}, set() {}, observe() {}, clear() {} };

/** Counts nothing: for tests. */
export const noMetrics: Metrics = {
  counter: () => nothing,
  gauge: () => nothing,
  histogram: () => nothing,
};

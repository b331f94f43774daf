/** Metrics with prom-client: each thread has a registry; a scrape gathers them as JSON and adds them up. */
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LabelValues, Metrics } from '../base/metrics.ts';

/** What one thread reports at a scrape: survives a structured clone. */
export type MetricsReport = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** A part that is built twice in a thread shares its metrics. */
export class ThreadMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #collectors: (() => void)[] = [];

  counter<L extends string = never>(name: string, help: string, labels: readonly L[] = []) {
    const metric =
      (this.#registry.getSingleMetric(name) as Counter<L> | undefined) ??
      new Counter<L>({ name, help, labelNames: [...labels], registers: [this.#registry] });
    return {
      add: (value = 1, of?: LabelValues<L>): void => {
        if (of === undefined) metric.inc(value);
        else metric.inc(of, value);
      },
    };
  }

  gauge<L extends string = never>(name: string, help: string, labels: readonly L[] = []) {
    const metric =
      (this.#registry.getSingleMetric(name) as Gauge<L> | undefined) ??
      new Gauge<L>({ name, help, labelNames: [...labels], registers: [this.#registry] });
    return {
      clear: (): void => metric.reset(),
      set: (value: number, of?: LabelValues<L>): void => {
        if (of === undefined) metric.set(value);
        else metric.set(of, value);
      },
      add: (value = 1, of?: LabelValues<L>): void => {
        if (of === undefined) metric.inc(value);
        else metric.inc(of, value);
      },
    };
  }

  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels: readonly L[] = [],
  ) {
    const metric =
      (this.#registry.getSingleMetric(name) as Histogram<L> | undefined) ??
      new Histogram<L>({
        name,
        help,
        buckets: [...buckets],
        labelNames: [...labels],
        registers: [this.#registry],
      });
    return {
      observe: (value: number, of?: LabelValues<L>): void => {
        if (of === undefined) metric.observe(value);
        else metric.observe(of, value);
      },
    };
  }

  /** Called before each report: for gauges whose value is looked up. */
  beforeReport(collect: () => void): void {
    this.#collectors.push(collect);
  }

  report(): Promise<MetricsReport> {
    for (const collect of this.#collectors) collect();
    return this.#registry.getMetricsAsJSON();
  }
}

/** The text a Prometheus server reads. Gauges are added up, as base/metrics.ts says. */
export function metricsText(reports: readonly MetricsReport[]): Promise<string> {
  return AggregatorRegistry.aggregate([...reports]).metrics();
}

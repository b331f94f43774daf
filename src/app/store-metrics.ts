/** The commits of the embedded store as histograms. They are counted in the writer thread, which has no registry of its own. */
import type { CommitCounts } from '../store/open-sqlite.ts';
import type { MetricsReport } from './metrics.ts';

const secondMs = 1000;

export function storeMetrics(counts: CommitCounts): MetricsReport {
  const { byTimeMs, bySize } = counts;
  const all = [
    histogram('hikyaku_store_commit_seconds', 'Time that the disk took for one commit of the store', {
      bounds: byTimeMs.bounds.map((ms) => ms / secondMs),
      counts: byTimeMs.counts,
      sum: counts.ms / secondMs,
    }),
    histogram('hikyaku_store_commit_operations', 'Operations that one commit of the store made durable', {
      ...bySize,
      sum: counts.operations,
    }),
  ];
  // A report is what prom-client's registries give as JSON; its type names their classes.
  return all as unknown as MetricsReport;
}

function histogram(
  name: string,
  help: string,
  { bounds, counts, sum }: { bounds: readonly number[]; counts: readonly number[]; sum: number },
) {
  let total = 0;
  const buckets = [...bounds, '+Inf'].map((le, i) => {
    total += counts[i]!;
    return { labels: { le }, value: total, metricName: `${name}_bucket` };
  });
  const values = [
    ...buckets,
    { labels: {}, value: sum, metricName: `${name}_sum` },
    { labels: {}, value: total, metricName: `${name}_count` },
  ];
  return { name, help, type: 'histogram', aggregator: 'sum', values };
}

/** What a protocol thread has in hand, looked at when metrics are asked for. */
import type { ThreadMetrics } from './metrics.ts';
import type { ThreadParts } from './thread-parts.ts';

export function watchThread(metrics: ThreadMetrics, { queue, deliverer }: ThreadParts): void {
  const entries = metrics.gauge(
    'hikyaku_queue_memory_entries',
    'Entries of the queue in memory: ready or in hand',
  );
  const attempts = metrics.gauge('hikyaku_queue_attempts', 'Attempts of delivery in hand');
  const bytes = metrics.gauge('hikyaku_queue_memory_body_bytes', 'Bodies kept in memory on their way out');
  const connections = metrics.gauge('hikyaku_delivery_connections', 'Connections to other servers open now');
  metrics.beforeReport(() => {
    const { inMemory } = queue;
    entries.set(inMemory.entries);
    attempts.set(inMemory.attempts);
    bytes.set(inMemory.bodyBytes);
    connections.set(deliverer.connections);
  });
}

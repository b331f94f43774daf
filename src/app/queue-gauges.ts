/**
 * The queue as the store has it, for a scrape: what waits, what has been tried in vain, what is held, how old the oldest is, and the destinations with most of it. One scan,
 * off all protocol threads, at most every few seconds however often it is asked for.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Gauge, Metrics } from '../base/metrics.ts';
import { timeOfMessage } from '../base/ids.ts';
import { census, type Census } from '../queue/census.ts';
import type { Store } from '../store/store.ts';

const againMs = 10_000;
const secondMs = 1000;

export interface QueueGaugesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class QueueGauges {
  readonly #parts: QueueGaugesParts;
  readonly #entries: Gauge<'state'>;
  readonly #oldest: Gauge;
  readonly #destinations: Gauge<'destination'>;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(parts: QueueGaugesParts) {
    this.#parts = parts;
    const { metrics } = parts;
    this.#entries = metrics.gauge(
      'hikyaku_queue_entries',
      'Recipients in the queue: waiting for their first try, deferred after one, or held',
      ['state'],
    );
    this.#oldest = metrics.gauge('hikyaku_queue_oldest_seconds', 'Age of the oldest message in the queue');
    this.#destinations = metrics.gauge(
      'hikyaku_queue_destination_entries',
      'Recipients in the queue of the destinations that have most; all others are one',
      ['destination'],
    );
  }

  async refresh(): Promise<void> {
    const { clock, store, log } = this.#parts;
    if (clock.monotonicMs() - this.#atMs < againMs) return;
    this.#atMs = clock.monotonicMs();
    try {
      this.#show(await store.scan(census, undefined));
    } catch (error) {
      log.debug({ error }, 'the queue was not counted');
    }
  }

  #show({ entries, deferred, held, oldest, destinations }: Census): void {
    this.#entries.set(entries - deferred - held, { state: 'waiting' });
    this.#entries.set(deferred, { state: 'deferred' });
    this.#entries.set(held, { state: 'held' });
    const oldestAtMs = oldest === '' ? undefined : timeOfMessage(oldest);
    const ageMs = oldestAtMs === undefined ? 0 : Math.max(0, this.#parts.clock.nowMs() - oldestAtMs);
    this.#oldest.set(ageMs / secondMs);
    this.#destinations.clear();
    let others = entries;
    for (const { destination, count } of destinations) {
      this.#destinations.set(count, { destination });
      others -= count;
    }
    if (others > 0) this.#destinations.set(others, { destination: 'others' });
  }
}

/** The queue of one thread. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { MailEvent } from '../events/event.ts';
import type { Store } from '../store/store.ts';
import type { Deliver, Route } from './attempt.ts';
import type {
  DestinationSummary,
  ListedEntry,
  ManageAction,
  Page,
  QueueFilter,
  ShownMessage,
} from './filter.ts';
import type { Submission } from './message.ts';
import type { MakeNotice } from './notice.ts';
import type { QueueOptions } from './options.ts';
import type { MessageId } from '../base/ids.ts';

export interface QueueParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly options: QueueOptions;
  /** Number of this thread, from 0: its own shard. */
  readonly shard: number;
  /** Stable over restarts: a thread that comes back takes its shard at once. */
  readonly owner: string;
  readonly deliver: Deliver;
  readonly route: Route;
  readonly notice: MakeNotice;
}

export class Queue {
  constructor(parts: QueueParts) {
    void parts;
  }
  /** Takes ownership of the shard and begins to deliver. Does not wait for what is stored. */
  start(): Promise<void> {
    throw new Error('not yet');
  }
  /** Resolves when the message is durable; its delivery begins then. */
  accept(submission: Submission, events: readonly MailEvent[]): Promise<void> {
    throw new Error(`${submission.message.id} ${events.length}`);
  }
  /** Ends work in hand, at most `stopWithinMs`, and gives the shard up. */
  stop(): Promise<void> {
    throw new Error('not yet');
  }
  /** Holds, releases, retries now or deletes what the filter picks, on all shards. Resolves with the number of entries. */
  manage(action: ManageAction, filter: QueueFilter, by: string): Promise<number> {
    throw new Error(`${action} ${by} ${Object.keys(filter).length}`);
  }
  list(
    filter: QueueFilter,
    page?: { readonly after?: string; readonly max?: number },
  ): Promise<Page<ListedEntry>> {
    throw new Error(`${Object.keys(filter).length} ${page?.max}`);
  }
  summary(): Promise<readonly DestinationSummary[]> {
    throw new Error('not yet');
  }
  show(id: MessageId): Promise<ShownMessage | undefined> {
    throw new Error(id);
  }
}

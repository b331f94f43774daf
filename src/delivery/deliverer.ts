/** The one way out: gives the queue what it asks for. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Directory } from '../directory/directory.ts';
import type { Attempt, AttemptResult, SiteRoute } from '../queue/attempt.ts';
import type { Notice, NoticeRequest } from '../queue/notice.ts';
import type { Store } from '../store/store.ts';
import type { DeliveryOptions } from './options.ts';

export interface DelivererParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly directory: Directory;
  readonly options: DeliveryOptions;
}

export class Deliverer {
  constructor(parts: DelivererParts) {
    void parts;
  }
  deliver(attempt: Attempt): Promise<AttemptResult> {
    throw new Error(attempt.site);
  }
  route(destination: string): Promise<SiteRoute> {
    throw new Error(destination);
  }
  notice(request: NoticeRequest): Promise<Notice | undefined> {
    throw new Error(request.about);
  }
  /** Says QUIT on connections that are kept. */
  stop(): Promise<void> {
    throw new Error('not yet');
  }
}

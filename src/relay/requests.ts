/** The one bucket of requests of an organisation, for the threads of a node. */
import type { Store } from '../store/store.ts';
import { drawRequests, type DrawnRequests } from './rows/requests.ts';

export type { DrawnRequests };

/** `want`: at most so many; `perMinute` and `size`: of the bucket. */
export function drawFrom(
  store: Pick<Store, 'write'>,
  nowMs: () => number,
): (org: string, bucket: { want: number; perMinute: number; size: number }) => Promise<DrawnRequests> {
  return (org, { want, perMinute, size }) =>
    store.write(drawRequests, { org, want, size, nowUs: nowMs() * 1000, eachUs: 60_000_000 / perMinute });
}

/**
 * How many requests an organisation may make of the send API: one bucket for all threads and nodes, as the time at which it will be full (GCRA). Threads take some at a time, so that
 * not each request is a transaction.
 */
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';

export interface DrawnRequests {
  /** 0 to `want`. */
  readonly granted: number;
  /** When the bucket will be full, in microseconds. */
  readonly fullAtUs: number;
}

interface Draw {
  readonly org: string;
  readonly want: number;
  readonly nowUs: number;
  /** Between two requests that go on for ever. */
  readonly eachUs: number;
  /** Requests that may be made at once. */
  readonly size: number;
}

export const drawRequests = operation(
  'relay.drawRequests',
  function* ({ org, want, nowUs, eachUs, size }: Draw): Transaction<DrawnRequests> {
    const found = yield* maybe<{ full_at: number }>('select full_at from relay_requests where org = ?', org);
    // A node whose clock is behind adds to what is there; one that is ahead by more than a bucket gives no more than that.
    const from = Math.min(Math.max(nowUs, found?.full_at ?? 0), nowUs + size * eachUs);
    const room = Math.floor((nowUs + size * eachUs - from) / eachUs);
    const granted = Math.max(0, Math.min(want, room));
    const fullAtUs = Math.round(from + granted * eachUs);
    if (granted > 0)
      yield* rows(
        `insert into relay_requests (org, full_at) values (?, ?)
         on conflict (org) do update set full_at = excluded.full_at`,
        org,
        fullAtUs,
      );
    return { granted, fullAtUs };
  },
);

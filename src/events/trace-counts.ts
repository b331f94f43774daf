/** How many recipients came to which end, hour by hour: what overviews and their curves are drawn from. */
import { operation } from '../store/operation.ts';
import { rows, type Transaction } from '../store/transaction.ts';
import type { TraceStatus } from './trace.ts';

const hourMs = 3_600_000;

export interface TraceCount {
  /** Beginning of the hour in which the mail was accepted. */
  readonly atMs: number;
  readonly status: TraceStatus;
  readonly count: number;
}

/** Of one organisation, or (`''`) of all. May scan: not for protocol threads. */
export const countTraces = operation(
  'events.countTraces',
  function* ({ org, fromMs }: { org: string; fromMs: number }): Transaction<readonly TraceCount[]> {
    const hour = `accepted_at / ${hourMs}`;
    const found = yield* rows<{ hour: number; status: TraceStatus; total: number }>(
      `select ${hour} as hour, status, count(*) as total from events.trace where accepted_at >= ?${org === '' ? '' : ' and org = ?'}
       group by ${hour}, status order by ${hour}`,
      ...(org === '' ? [fromMs] : [fromMs, org]),
    );
    return found.map(({ hour: at, status, total }) => ({ atMs: at * hourMs, status, count: total }));
  },
);

/**
 * How mail to others goes, for curves by provider: recipients by step of time, domain, server and end, with how long they took. Whose servers they are, shaping knows.
 */
import { operation } from '../store/operation.ts';
import { rows, type Transaction } from '../store/transaction.ts';
import type { TraceStatus } from './trace.ts';

/** Upper ends of the classes of time from accepted to delivered, in milliseconds; what takes longer is in one more. */
export const tookSteps = [
  100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000,
] as const;

/** Of a count: those with most, so that an answer is bounded however many domains there are. */
const groupsMax = 50_000;

export interface WayOut {
  /** Beginning of the step in which the mail was accepted. */
  readonly atMs: number;
  /** Of recipients. */
  readonly domain: string;
  /** The server that answered. */
  readonly host: string;
  readonly status: TraceStatus;
  /** Class of `tookSteps` of what was delivered; -1: was not. */
  readonly took: number;
  readonly count: number;
}

export interface WayOutAsked {
  readonly engine: 'sqlite' | 'postgres';
  /** `''`: all. */
  readonly org: string;
  readonly fromMs: number;
  readonly stepMs: number;
}

interface Row {
  readonly step: number;
  readonly domain: string;
  readonly host: string;
  readonly status: TraceStatus;
  readonly took: number;
  readonly total: number;
}

/** Mail that servers of others have answered to. May scan: not for protocol threads. */
export const countWaysOut = operation(
  'events.countWaysOut',
  function* ({ engine, org, fromMs, stepMs }: WayOutAsked): Transaction<readonly WayOut[]> {
    const step = `accepted_at / ${Math.trunc(stepMs)}`;
    const domain =
      engine === 'sqlite'
        ? "substr(recipient, instr(recipient, '@') + 1)"
        : "substr(recipient, position('@' in recipient) + 1)";
    const classes = tookSteps.map((ms, i) => `when changed_at - accepted_at < ${ms} then ${i}`).join(' ');
    const took = `case when status <> 'delivered' then -1 ${classes} else ${tookSteps.length} end`;
    const found = yield* rows<Row>(
      `select ${step} as step, ${domain} as domain, host, status, ${took} as took, count(*) as total from events.trace
        where accepted_at >= ? and host <> '' and status in ('delivered', 'deferred', 'bounced', 'complained')${org === '' ? '' : ' and org = ?'}
        group by ${step}, ${domain}, host, status, ${took} order by total desc limit ${groupsMax}`,
      fromMs,
      ...(org === '' ? [] : [org]),
    );
    return found.map(({ step: at, total, ...rest }) => ({ ...rest, atMs: at * stepMs, count: total }));
  },
);

/**
 * One limit that counts: how many at a time, or how many in a time.
 *
 * Rates are GCRA (ITU-T I.371): the time at which the next would be due on average moves on with each, and one is let through when that time is not
 * further ahead than the burst allows. So a day's limit is spread over the day, nothing has to be counted back at midnight, and the
 * whole state is one number. `share` is the part of the limit that is this process's, where several nodes send.
 */
import type { InForce } from '../rules/merge.ts';
import type { Share } from '../nodes.ts';
import type { Rate } from '../rate.ts';
import type { Cell } from '../shared-table.ts';

export interface RateMeter {
  readonly from: InForce;
  readonly cell: Cell;
  readonly microsPerOne: number;
  readonly toleranceMicros: number;
}

export function rateMeter(from: InForce, { amount, perMs, burst }: Rate, cell: Cell): RateMeter {
  const microsPerOne = (perMs * 1000) / amount;
  return { from, cell, microsPerOne, toleranceMicros: microsPerOne * (burst - 1) };
}

/** When one more may go: now or before, or later. */
export function openAtMs({ cell, toleranceMicros }: RateMeter, { part }: Share): number {
  return (cell.micros - toleranceMicros * part) / 1000;
}

export function count({ cell, microsPerOne }: RateMeter, { amount, nowMs, share }: Counted): void {
  cell.push(nowMs * 1000, (microsPerOne * amount) / share.part);
}

interface Counted {
  readonly amount: number;
  readonly nowMs: number;
  readonly share: Share;
}

export interface CountMeter {
  readonly from: InForce;
  readonly cell: Cell;
  readonly max: number;
}

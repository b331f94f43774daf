/**
 * Warm-up of a new address: to each provider it sends little on its first sending day, and each further one more, until it is warm. What is beyond the
 * day's part goes by the other sources of the pool.
 *
 * A sending day counts when half of its part was sent, and not when the provider complained on it (a block, or a lower rate): then the next day has the
 * same part again. Days are of UTC.
 */
import type { Cell } from '../shared-table.ts';

const dayMs = 86_400_000;

const countDay = 0;
const countDate = 1;
const countSent = 2;
const countBad = 3;
const countVersion = 4;

export interface WarmUpPlan {
  readonly first: number;
  readonly growth: number;
  readonly days: number;
  /** Nothing is sent before. */
  readonly fromMs: number;
}

export interface WarmUpState {
  /** The sending day, from 1. */
  readonly day: number;
  /** Days since 1970. */
  readonly date: number;
  readonly sent: number;
  /** A bad sign was seen on this day. */
  readonly bad: boolean;
}

export const partOfDay = ({ first, growth }: WarmUpPlan, day: number): number =>
  Math.floor(first * growth ** (day - 1));

export class WarmUp {
  readonly name: string;
  readonly #plan: WarmUpPlan;
  readonly #cell: Cell;

  constructor(name: string, plan: WarmUpPlan, cell: Cell) {
    this.name = name;
    this.#plan = plan;
    this.#cell = cell;
  }

  get state(): WarmUpState {
    const cell = this.#cell;
    return {
      day: cell.int(countDay),
      date: cell.int(countDate),
      sent: cell.int(countSent),
      bad: cell.int(countBad) > 0,
    };
  }

  get version(): number {
    return this.#cell.int(countVersion);
  }

  restore({ day, date, sent, bad }: WarmUpState): void {
    this.#cell.setInt(countDay, day);
    this.#cell.setInt(countDate, date);
    this.#cell.setInt(countSent, sent);
    this.#cell.setInt(countBad, bad ? 1 : 0);
  }

  get warm(): boolean {
    return this.#cell.int(countDay) > this.#plan.days;
  }

  /** What the day may have. */
  get part(): number {
    return partOfDay(this.#plan, Math.max(1, this.#cell.int(countDay)));
  }

  /** 0: another may go. Else when the next part begins. */
  openAtMs(nowMs: number): number {
    if (this.warm) return 0;
    if (nowMs < this.#plan.fromMs) return this.#plan.fromMs;
    const date = Math.floor(nowMs / dayMs);
    if (this.#cell.int(countDate) !== date) this.#turn(date);
    return this.#cell.int(countSent) < this.part ? 0 : (date + 1) * dayMs;
  }

  went(copies: number): void {
    if (this.warm) return;
    this.#cell.addInt(countSent, copies);
    this.#cell.addInt(countVersion, 1);
  }

  badSign(): void {
    if (this.warm) return;
    this.#cell.setInt(countBad, 1);
    this.#cell.addInt(countVersion, 1);
  }

  #turn(date: number): void {
    const cell = this.#cell;
    const before = cell.int(countDate);
    if (!cell.swapInt(countDate, before, date)) return;
    const day = cell.int(countDay);
    const counted = day > 0 && cell.int(countSent) * 2 >= this.part && cell.int(countBad) === 0;
    cell.setInt(countDay, day === 0 ? 1 : counted ? day + 1 : day);
    cell.setInt(countSent, 0);
    cell.setInt(countBad, 0);
    cell.addInt(countVersion, 1);
  }
}

/**
 * The controller of one (source, provider or site, organisation) for all threads: its state is in a shared cell, what comes back is counted there, and
 * whichever thread finds a window over takes the step.
 */
import type { Cell } from '../shared-table.ts';
import { isProbing, newState, rateMin, step, suspend, windowMs, type LearnedState } from './controller.ts';

const fields = [
  'rate',
  'known',
  'decreasedAtMs',
  'suspendedUntilMs',
  'strikes',
  'patience',
  'taken',
  'beyondSinceMs',
  'row',
  'debt',
  'cycleTaken',
  'cycleStartMs',
] as const satisfies readonly (keyof LearnedState)[];
const fieldRate = fields.indexOf('rate');
const fieldSuspended = fields.indexOf('suspendedUntilMs');
const fieldStrikes = fields.indexOf('strikes');
/** Start of the window. */
const fieldStart = fields.length;
/** The latest probe. */
const fieldProbe = fields.length + 1;

const countTaken = 0;
const countSlower = 1;
const countHeld = 2;
const countTurn = 3;
const countVersion = 4;

/** Between two probes of a receiver that took nothing. */
const probeEveryMs = 2000;
/** What timers are late by may come at once. */
const burstSeconds = 0.05;

export class Learner {
  readonly name: string;
  readonly #cell: Cell;

  constructor(name: string, cell: Cell) {
    this.name = name;
    this.#cell = cell;
    if (cell.float(fields.indexOf('patience')) === 0) this.restore(newState());
  }

  get state(): LearnedState {
    const state = newState();
    for (let i = 0; i < fields.length; i++) state[fields[i]!] = this.#cell.float(i);
    return state;
  }

  /** Rises with each change that is worth keeping. */
  get version(): number {
    return this.#cell.int(countVersion);
  }

  restore(state: LearnedState): void {
    for (let i = 0; i < fields.length; i++) this.#cell.setFloat(i, state[fields[i]!]);
  }

  get rate(): number {
    return this.#cell.float(fieldRate);
  }

  get suspendedUntilMs(): number {
    return this.#cell.float(fieldSuspended);
  }

  /** When one more may go: now or before, or later. */
  openAtMs(nowMs: number): number {
    const cell = this.#cell;
    const suspended = cell.float(fieldSuspended);
    if (suspended > nowMs) return suspended;
    if (cell.float(fieldStrikes) > 0) return cell.float(fieldProbe) + probeEveryMs;
    const rate = cell.float(fieldRate);
    if (rate === 0) return 0;
    const toleranceMs = Math.max(0, burstSeconds * 1000 - 1000 / rate);
    const openAt = cell.micros / 1000 - toleranceMs;
    if (openAt > nowMs && cell.int(countHeld) === 0) cell.setInt(countHeld, 1);
    return openAt;
  }

  went(copies: number, nowMs: number): void {
    const cell = this.#cell;
    if (cell.float(fieldStrikes) > 0) cell.setFloat(fieldProbe, nowMs);
    const rate = cell.float(fieldRate);
    if (rate > 0) cell.push(nowMs * 1000, (copies * 1e6) / rate);
  }

  /** What came back. */
  heard(taken: number, slower: number, nowMs: number): void {
    const cell = this.#cell;
    if (taken > 0) cell.addInt(countTaken, taken);
    if (slower > 0) cell.addInt(countSlower, slower);
    // Nothing known and nothing to learn: the usual case costs a count and a look at the time.
    const start = cell.float(fieldStart);
    if (nowMs - start < windowMs) return;
    const turn = cell.int(countTurn);
    if (!cell.swapInt(countTurn, turn, (turn + 1) | 0)) return;
    cell.hold(nowMs).setFloat(fieldStart, nowMs);
    this.#step(start === 0 ? windowMs : nowMs - start, nowMs);
  }

  #step(ms: number, nowMs: number): void {
    const cell = this.#cell;
    const seen = {
      // A window that was left open for long says nothing of rates.
      ms: Math.min(ms, 5 * windowMs),
      taken: drained(cell, countTaken),
      slower: drained(cell, countSlower),
      held: drained(cell, countHeld) > 0,
    };
    const state = this.state;
    const before = state.rate;
    const suspended = state.suspendedUntilMs;
    const probing = isProbing(state);
    step(state, seen, nowMs);
    if (probing && !isProbing(state)) cell.setMicros(nowMs * 1000);
    this.restore(state);
    if (state.rate !== before || state.suspendedUntilMs !== suspended) cell.addInt(countVersion, 1);
  }

  suspend(forMs: number, nowMs: number): void {
    const state = this.state;
    suspend(state, forMs, nowMs);
    this.restore(state);
    this.#cell.addInt(countVersion, 1);
  }
}

function drained(cell: Cell, field: number): number {
  const value = cell.int(field);
  if (value > 0) cell.addInt(field, -value);
  return value;
}

/** As it may be taken up after a restart: what was waited for goes on, rates begin a little lower. */
export function resumed(state: LearnedState, nowMs: number, savedAtMs: number): LearnedState {
  const hoursAway = Math.max(0, (nowMs - savedAtMs) / 3_600_000);
  // After days without mail an estimate is worth little: it is approached from below again.
  const part = 0.95 / (1 + hoursAway / 24);
  return { ...state, rate: state.rate === 0 ? 0 : Math.max(rateMin, state.rate * part), beyondSinceMs: 0 };
}

/**
 * The controller: what rate a receiver takes from us, learned from what it says. Pure; its state is a few numbers.
 *
 * Nothing is known at first and nothing is held back: connections begin few and grow. The first "too much" tells what was taken then, and that
 * is the first estimate of the limit. From then on the rate is raised step by step (additive increase) and lowered by a part (multiplicative
 * decrease), with a memory of the rate that was too much: up to shortly below it the rate comes back soon, beyond it slowly.
 *
 *   free --too much--> near the estimate --quiet--> probing beyond it --too much--> near the new estimate
 *                            |                                                        |
 *                            +--- nothing is taken any more, or a block ---> suspended, then one, then near the estimate
 *
 * Probes are paid for. Each refusal is a debt, paid off by what is taken after it (`budget`), and there is no probe while there is debt: so over any
 * longer time refusals are a small part of all, whatever the receiver is like. A block costs time, which no payment brings back: after each of
 * them probes are many times rarer (`patience`).
 */
export interface LearnedState {
  /** Copies a second; 0: nothing is known, nothing is held back. */
  rate: number;
  /** Estimate of the limit. */
  known: number;
  decreasedAtMs: number;
  suspendedUntilMs: number;
  /** Suspensions in a row, with nothing taken between them. */
  strikes: number;
  /** Quiet times are so many times longer than usual. */
  patience: number;
  /** Mean of what was taken in a second, over about a minute. */
  taken: number;
  /** Since then the rate is beyond the estimate; 0: it is not. */
  beyondSinceMs: number;
  /** Decreases shortly after one another. */
  row: number;
  /** Refusals not yet paid off. */
  debt: number;
  /** What was taken since the receiver took something again after a time when it did not. */
  cycleTaken: number;
  cycleStartMs: number;
}

export const newState = (): LearnedState => ({
  rate: 0,
  known: 0,
  decreasedAtMs: 0,
  suspendedUntilMs: 0,
  strikes: 0,
  patience: 1,
  taken: 0,
  beyondSinceMs: 0,
  row: 0,
  debt: 0,
  cycleTaken: 0,
  cycleStartMs: 0,
});

/** What came back in one window. */
export interface Seen {
  readonly ms: number;
  readonly taken: number;
  /** Answered with "too much" or "too fast". */
  readonly slower: number;
  /** Mail waited because of the rate. */
  readonly held: boolean;
}

/** The time that one window takes at least. */
export const windowMs = 1000;

/** After a decrease what was on its way still comes back with "too much". */
const settleMs = 1500;
/** Decreases within so long of one another are in a row: the limit is another than was thought. */
const rowMs = 15_000;
/** The same of blocks, from the end of one to the next. */
const blockRowMs = 600_000;
/** Parts of the rate that are left by the decreases of a row. */
const parts = [0.985, 0.95, 0.85, 0.7] as const;
const blockParts = [0.975, 0.96, 0.85, 0.7] as const;
/** Part of the estimate to which a decrease leads, and the rate comes back by itself. */
const nearPart = 0.985;
/** Below this part of the estimate nothing worth the name is taken. */
const shutPart = 0.25;
/** Part of the estimate regained in a second. */
const regainPart = 0.01;
/** A quiet time near the estimate before the first probe beyond it. */
const quietMs = 20_000;
/** Part of the estimate by which a probe grows in a second; doubled for each minute that it is taken well. */
const probePart = 0.0008;
const probePartMax = 0.02;
/** The same for receivers that block. */
const probePartPatient = 0.0016;
/** Refusals may be this part of what is taken. */
const budget = 1 / 250;
/** A debt is forgiven after this: where little is sent it could never be paid off. */
const debtMaxMs = 900_000;
/** How much rarer probes become with each block, and at most. */
const patienceStep = 16;
const patienceMax = 4096;
/** Copies a second that are always tried. */
export const rateMin = 1 / 30;
const pauseFirstMs = 5000;
const pauseMaxMs = 600_000;
const blockMaxMs = 24 * 3_600_000;
/** Answers in a window, below which nothing is known after it. */
const knowFrom = 10;
/** Time over which the mean is taken. */
const meanMs = 60_000;

export function step(state: LearnedState, seen: Seen, nowMs: number): void {
  const seconds = seen.ms / 1000;
  const taken = seen.taken / seconds;
  state.taken += (taken - state.taken) * Math.min(1, seen.ms / meanMs);
  state.debt = Math.max(0, state.debt - seen.taken * budget) + seen.slower;
  if (seen.taken > 0 && state.strikes > 0) comeBack(state, nowMs);
  state.cycleTaken += seen.taken;
  if (seen.slower > 0) tooMuch(state, { ...seen, taken }, nowMs);
  else if (state.rate > 0 && seen.taken > 0 && seen.held) takenWell(state, seconds, nowMs);
}

/** Something is taken again. A receiver that counts by the hour has told what its hour holds: what was taken from one such moment to the next. */
function comeBack(state: LearnedState, nowMs: number): void {
  const seconds = (nowMs - state.cycleStartMs) / 1000;
  const wasLong = state.strikes > 1;
  if (
    state.cycleStartMs > 0 &&
    wasLong &&
    state.known > 0 &&
    state.suspendedUntilMs !== state.decreasedAtMs
  ) {
    state.known = Math.max(
      rateMin,
      Math.min(state.known, Math.max(state.cycleTaken / seconds, state.known / 4)),
    );
    state.rate = state.known * nearPart;
  }
  state.strikes = 0;
  state.cycleTaken = 0;
  state.cycleStartMs = nowMs;
}

function tooMuch(state: LearnedState, seen: Seen, nowMs: number): void {
  if (state.rate === 0) {
    // A few answers tell that it is too much now, and nothing of how much would not be.
    if (seen.taken + (seen.slower * 1000) / seen.ms < (knowFrom * 1000) / seen.ms) return pause(state, nowMs);
    state.known = Math.max(rateMin, seen.taken, seen.taken === 0 ? state.taken : 0);
    lower(state, state.known * nearPart, nowMs);
    if (seen.taken === 0) pause(state, nowMs);
    return;
  }
  if (nowMs < state.suspendedUntilMs || nowMs - state.decreasedAtMs < settleMs) return;
  if (state.strikes > 0) return seen.taken > 0 ? undefined : pause(state, nowMs);
  if (seen.taken < shutPart * Math.min(state.known, state.rate) && seen.slower > 1) {
    state.known = Math.min(state.known, state.rate);
    return pause(state, nowMs);
  }
  state.row = nowMs - state.decreasedAtMs < rowMs ? Math.min(state.row + 1, parts.length - 1) : 0;
  state.known = Math.max(rateMin, Math.min(state.rate, Math.max(state.rate * parts[state.row]!, seen.taken)));
  lower(state, state.known * nearPart, nowMs);
}

function lower(state: LearnedState, rate: number, nowMs: number): void {
  state.rate = Math.max(rateMin, rate);
  state.decreasedAtMs = nowMs;
  state.beyondSinceMs = 0;
}

/** Nothing is taken: a while of nothing, then one message to see. */
function pause(state: LearnedState, nowMs: number): void {
  if (state.cycleStartMs === 0) state.cycleStartMs = nowMs - windowMs;
  const ms = Math.min(pauseMaxMs, pauseFirstMs * 2 ** state.strikes);
  state.strikes = Math.min(state.strikes + 1, 30);
  state.beyondSinceMs = 0;
  state.decreasedAtMs = nowMs;
  state.suspendedUntilMs = Math.max(state.suspendedUntilMs, nowMs + ms);
  if (state.rate > 0) state.rate = Math.max(rateMin, Math.min(state.rate, state.known * nearPart));
}

function takenWell(state: LearnedState, seconds: number, nowMs: number): void {
  const near = state.known * nearPart;
  if (state.rate < near) {
    state.rate = Math.min(near, state.rate + state.known * regainPart * seconds);
    return;
  }
  const quiet = nowMs - state.decreasedAtMs;
  if (quiet < quietMs * state.patience || (state.debt > 0 && quiet < debtMaxMs)) return;
  state.debt = 0;
  if (state.beyondSinceMs === 0) state.beyondSinceMs = nowMs;
  const minutes = (nowMs - state.beyondSinceMs) / 60_000;
  const most = state.patience > 1 ? probePartPatient : probePartMax;
  state.rate += state.known * Math.min(most, probePart * 2 ** minutes) * seconds;
  // Well beyond the estimate, and still taken: the limit is another than it was.
  if (state.rate > state.known * 1.1) {
    state.known = state.rate / 1.05;
    state.patience = Math.max(1, state.patience / 2);
  }
}

/** A block: nothing for so long, then one, then near what was taken before. */
export function suspend(state: LearnedState, forMs: number, nowMs: number): void {
  if (nowMs < state.suspendedUntilMs) {
    state.suspendedUntilMs = Math.max(state.suspendedUntilMs, nowMs + forMs);
    return;
  }
  if (state.strikes === 0) {
    state.patience = Math.min(patienceMax, state.patience * patienceStep);
    const again = state.decreasedAtMs > 0 && nowMs - state.decreasedAtMs < blockRowMs;
    state.row = again ? Math.min(state.row + 1, parts.length - 1) : 0;
    // What was taken over the last minute is taken again; what was tried beyond it is what was punished.
    if (state.known === 0) state.known = Math.max(rateMin, state.taken);
    else state.known = Math.max(rateMin, Math.min(state.rate * blockParts[state.row]!, state.known * 1.1));
    state.rate = Math.max(rateMin, state.known * nearPart);
  }
  state.suspendedUntilMs = nowMs + Math.min(forMs * 2 ** Math.min(state.strikes, 10), blockMaxMs);
  state.strikes = Math.min(state.strikes + 1, 30);
  state.beyondSinceMs = 0;
  // The quiet time is counted from its end.
  state.decreasedAtMs = state.suspendedUntilMs;
}

/** One at a time until something is taken again. */
export const isProbing = (state: Pick<LearnedState, 'strikes'>): boolean => state.strikes > 0;

/**
 * The controller: what rate a receiver takes from us, learned from what it says. Pure; its state is a few numbers.
 *
 * Nothing is known at first and nothing is held back: connections begin few and grow. The first "too much" tells what was taken in that second, and that
 * is the first estimate of the limit. From then on the rate is raised step by step (additive increase) and lowered by a part (multiplicative
 * decrease), with a memory of the rate that was too much: up to shortly below it the rate comes back soon, beyond it slowly.
 *
 *   free --too much--> near the estimate --quiet--> probing beyond it --too much--> near the new estimate
 *                            |                                                        |
 *                            +--- nothing is taken any more, or a block ---> suspended, then one, then near the estimate
 *
 * A receiver that punishes (a block, or nothing taken for a while) is probed ever more rarely: patience doubles with each punishment, and halves with each
 * probe that was taken well.
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
  /** Probes are so many times rarer than usual. */
  patience: number;
  /** Mean of what was taken in a second, over about a minute. */
  taken: number;
  /** Since then the rate is beyond the estimate; 0: it is not. */
  beyondSinceMs: number;
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
const settleMs = 3000;
/** Part of the estimate to which a decrease leads, when little was refused. */
const nearPart = 0.97;
/** The same when much was refused. */
const farPart = 0.85;
/** Share of answers above which "much" was refused. */
const muchShare = 0.2;
/** Below this part of the estimate nothing worth the name is taken. */
const shutPart = 0.25;
/** Part of the estimate regained in a second. */
const regainPart = 0.01;
/** A quiet time near the estimate before the first probe beyond it. */
const quietMs = 20_000;
/** Part of the estimate by which a probe grows in a second; doubled for each minute that it is taken well. */
const probePart = 0.0008;
const probePartMax = 0.02;
const patienceMax = 128;
/** Copies a second that are always tried. */
export const rateMin = 1 / 30;
const pauseFirstMs = 5000;
const pauseMaxMs = 600_000;
/** Answers in a window, below which nothing is known after it. */
const knowFrom = 10;
/** Of what is taken, the weight of the newest window in the mean. */
const meanWeight = 1 / 30;

export function step(state: LearnedState, seen: Seen, nowMs: number): void {
  const seconds = seen.ms / 1000;
  const taken = seen.taken / seconds;
  if (seen.slower > 0) tooMuch(state, { ...seen, taken }, nowMs);
  else if (seen.taken > 0) {
    state.strikes = 0;
    if (state.rate > 0 && seen.held) takenWell(state, seconds, nowMs);
  }
  const weight = Math.min(1, meanWeight * seconds);
  state.taken += (taken - state.taken) * (state.taken === 0 ? 1 : weight);
}

function tooMuch(state: LearnedState, seen: Seen, nowMs: number): void {
  const offered = seen.taken + (seen.slower * 1000) / seen.ms;
  const share = 1 - seen.taken / offered;
  if (state.rate === 0) {
    // A few answers tell that it is too much now, and nothing of how much would not be.
    if (offered * (seen.ms / 1000) < knowFrom) return pause(state, nowMs);
    state.known = Math.max(rateMin, seen.taken, seen.taken === 0 ? state.taken : 0);
    decrease(state, nearPart, nowMs);
    if (seen.taken === 0) pause(state, nowMs);
    return;
  }
  if (nowMs - state.decreasedAtMs < settleMs) return;
  if (seen.taken < shutPart * Math.min(state.known, state.rate) && seen.slower > 1) {
    punished(state, nowMs);
    return pause(state, nowMs);
  }
  if (share > muchShare) {
    state.known = Math.max(rateMin, seen.taken, Math.min(state.known, state.rate) * farPart);
    return decrease(state, nearPart, nowMs);
  }
  state.known = Math.max(rateMin, Math.min(state.rate, Math.max(seen.taken, state.rate * 0.98)));
  decrease(state, nearPart, nowMs);
}

function decrease(state: LearnedState, part: number, nowMs: number): void {
  state.rate = Math.max(rateMin, state.known * part);
  state.decreasedAtMs = nowMs;
  state.beyondSinceMs = 0;
}

/** The probe went too far for a receiver that does not forgive at once. */
function punished(state: LearnedState, nowMs: number): void {
  if (state.strikes > 0) return;
  state.patience = Math.min(patienceMax, state.patience * 2);
  // What was taken over the last minute is taken again; what was tried beyond it is what was punished.
  state.known = Math.max(rateMin, Math.min(state.known, Math.max(state.taken, state.known * 0.7)));
  decrease(state, nearPart, nowMs);
}

function pause(state: LearnedState, nowMs: number): void {
  const ms = Math.min(pauseMaxMs, pauseFirstMs * 2 ** state.strikes);
  state.strikes = Math.min(state.strikes + 1, 30);
  state.decreasedAtMs = nowMs;
  state.suspendedUntilMs = Math.max(state.suspendedUntilMs, nowMs + ms);
}

function takenWell(state: LearnedState, seconds: number, nowMs: number): void {
  const near = state.known * nearPart;
  if (state.rate < near) {
    state.rate = Math.min(near, state.rate + state.known * regainPart * seconds);
    return;
  }
  if (nowMs - state.decreasedAtMs < quietMs * state.patience) return;
  if (state.beyondSinceMs === 0) state.beyondSinceMs = nowMs;
  const minutes = (nowMs - state.beyondSinceMs) / 60_000;
  const part = Math.min(probePartMax, (probePart / Math.sqrt(state.patience)) * 2 ** minutes);
  state.rate += state.known * part * seconds;
  // Well beyond the estimate, and still taken: the limit is another than it was.
  if (state.rate > state.known * 1.1) {
    state.known = state.rate / 1.1;
    state.patience = Math.max(1, state.patience / 2);
  }
}

/** A block: nothing for so long, then one, then near what was taken before. */
export function suspend(state: LearnedState, forMs: number, nowMs: number): void {
  if (nowMs < state.suspendedUntilMs) {
    state.suspendedUntilMs = Math.max(state.suspendedUntilMs, nowMs + forMs);
    return;
  }
  if (state.known === 0) state.known = Math.max(rateMin, state.taken);
  punished(state, nowMs);
  state.strikes = Math.min(state.strikes + 1, 30);
  state.suspendedUntilMs = nowMs + Math.min(forMs * 2 ** (state.strikes - 1), 24 * 3_600_000);
  state.rate = Math.max(rateMin, state.known * nearPart);
  state.decreasedAtMs = state.suspendedUntilMs;
}

/** One at a time until something is taken again. */
export const isProbing = (state: Pick<LearnedState, 'strikes'>): boolean => state.strikes > 0;

/** When to renew, and when to try again. Both with a part of chance: the world's servers must not knock at the authority together. */
import { randomFraction } from '../base/ids.ts';

export interface Lifetime {
  readonly validFromMs: number;
  readonly expiresAtMs: number;
}

/** Of a lifetime: renewal is due at two thirds, up to a twentieth earlier. */
const renewalPart = 2 / 3;
const renewalJitter = 1 / 20;

export function renewalTime({ validFromMs, expiresAtMs }: Lifetime): number {
  const lifetimeMs = expiresAtMs - validFromMs;
  return Math.round(validFromMs + lifetimeMs * (renewalPart - renewalJitter * randomFraction()));
}

/** Within the window the authority proposes (RFC 9773, 4.2). */
export function timeIn({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): number {
  return Math.round(startMs + (endMs - startMs) * randomFraction());
}

const retryFirstMs = 5 * 60_000;
const retryMaxMs = 24 * 3_600_000;

/** After so many failures in a row: five minutes, then twice as long each time up to a day; never sooner than the authority asks. */
export function retryDelay(failures: number, askedMs: number): number {
  const base = Math.min(retryFirstMs * 2 ** (failures - 1), retryMaxMs);
  return Math.max(Math.round(base * (0.8 + 0.4 * randomFraction())), askedMs);
}

/** Days of reports (UTC), and when the report of one goes out. */
import { hash } from 'node:crypto';

const dayMs = 86_400_000;
/** Until all that was counted on a day is in the store. */
const settledAfterMs = 15 * 60_000;
/** Reports of all servers go out over these hours, not at midnight (RFC 8460, 5.4). */
const spreadMs = 4 * 3_600_000;

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
export const endOf = (day: string): number => startOf(day) + dayMs;

/** The same for whoever asks. */
export function dueOf(day: string, domain: string, hostname: string): number {
  const part = Number.parseInt(hash('sha256', `${hostname} ${domain} ${day}`).slice(0, 8), 16) / 2 ** 32;
  return endOf(day) + settledAfterMs + Math.floor(part * spreadMs);
}

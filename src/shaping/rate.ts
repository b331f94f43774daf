/** Rates as people write them: `100/s`, `30/min`, `2000/h`, `50000/d`, with `burst 20` behind it where more may come at once. Bytes take `k`, `M`, `G` (1024). */
export interface Rate {
  readonly amount: number;
  readonly perMs: number;
  /** How many may come at once. */
  readonly burst: number;
}

const units: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const multiples: Readonly<Record<string, number>> = { '': 1, k: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Part of a second that may come at once where nothing is said: what timers and event loops are late by. */
const burstSeconds = 0.05;

export const rateForm = /^(\d+(?:\.\d+)?)([kMG]?)\/(s|min|h|d)(?: burst (\d+)([kMG]?))?$/;

/** Undefined: not a rate. */
export function readRate(text: string): Rate | undefined {
  const found = rateForm.exec(text);
  if (!found) return undefined;
  const amount = Number(found[1]) * multiples[found[2]!]!;
  const perMs = units[found[3]!]!;
  if (!(amount > 0)) return undefined;
  const asked = found[4] === undefined ? 0 : Number(found[4]) * multiples[found[5]!]!;
  return { amount, perMs, burst: Math.max(1, asked || Math.ceil(((amount * 1000) / perMs) * burstSeconds)) };
}

export const perSecond = ({ amount, perMs }: Rate): number => (amount * 1000) / perMs;

/** In the unit in which it is most easily read. */
export function tellRate(perSecondValue: number): string {
  if (!Number.isFinite(perSecondValue)) return 'unlimited';
  for (const [unit, ms] of Object.entries(units)) {
    const value = (perSecondValue * ms) / 1000;
    if (value >= 1 || unit === 'd') return `${Number(value.toPrecision(3))}/${unit}`;
  }
  return '0/s';
}

/** Sizes and times as people write and read them. */
import { usageError } from './failure.ts';

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/** `500M`, `1.5 GiB`, `2gb`, plain bytes; `none` and `unlimited` are 0. Units are powers of 1024. */
export function readSize(text: string): number {
  const plain = text.trim().toLowerCase();
  if (plain === 'none' || plain === 'unlimited') return 0;
  const match = /^(\d+(?:\.\d+)?) ?([kmgt]?)(?:i?b)?$/.exec(plain);
  const bytes = match === null ? Number.NaN : Math.round(Number(match[1]) * units[match[2]!]!);
  if (!Number.isSafeInteger(bytes)) throw usageError(`"${text}" is not a size: write it as 500M, 5G or none`);
  return bytes;
}

/** `1.5 GiB`; whole bytes below 1 KiB. */
export function sizeText(bytes: number): string {
  const steps = ['KiB', 'MiB', 'GiB', 'TiB'];
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let at = 0;
  while (value >= 1024 && at < steps.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${steps[at]}`;
}

const dayMs = 24 * 60 * 60_000;
const spans: Readonly<Record<string, number>> = { h: 60 * 60_000, d: dayMs, w: 7 * dayMs, y: 365 * dayMs };

/** When something ends: `90d`, `12h`, `2w`, `1y` from now, or a day (its end, in UTC) as `2027-03-31`; `never` is 0. */
export function readExpiry(text: string, nowMs: number): number {
  const plain = text.trim().toLowerCase();
  if (plain === 'never') return 0;
  const span = /^(\d{1,5})([hdwy])$/.exec(plain);
  if (span !== null) return nowMs + Number(span[1]) * spans[span[2]!]!;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(plain) ? Date.parse(`${plain}T23:59:59Z`) : Number.NaN;
  if (Number.isNaN(day))
    throw usageError(`"${text}" is not a time: write it as 90d, 1y, 2027-03-31 or never`);
  if (day <= nowMs) throw usageError(`${text} is over already`);
  return day;
}

/** `2026-11-24 08:36`, in UTC; `''` for 0, which stands for never. */
export const timeText = (atMs: number): string =>
  atMs === 0 ? '' : new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

/** Parts of a time as the tests `date` and `currentdate` name them (RFC 5260, 4.2), and times written by RFC 3339. */
import { formatDate, parseDate } from '../mime/date.ts';

export interface ZonedTime {
  readonly atMs: number;
  /** Minutes east of UTC. */
  readonly zoneMinutes: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Days from 17 November 1858 to 1 January 1970. */
const julianOfEpoch = 40_587;

export const timeIn = (atMs: number, zoneMinutes: number): ZonedTime => ({ atMs, zoneMinutes });

const two = (number: number): string => `${number}`.padStart(2, '0');

/** The clock on the wall there, read through UTC methods. */
const wall = ({ atMs, zoneMinutes }: ZonedTime): Date => new Date(atMs + zoneMinutes * minuteMs);

const date = (time: ZonedTime): string => {
  const there = wall(time);
  return `${`${there.getUTCFullYear()}`.padStart(4, '0')}-${two(there.getUTCMonth() + 1)}-${two(there.getUTCDate())}`;
};

const clock = (time: ZonedTime): string => {
  const there = wall(time);
  return `${two(there.getUTCHours())}:${two(there.getUTCMinutes())}:${two(there.getUTCSeconds())}`;
};

/** `+0900` or with a colon `+09:00`. */
function offset(zoneMinutes: number, colon: '' | ':'): string {
  const size = Math.abs(zoneMinutes);
  return `${zoneMinutes < 0 ? '-' : '+'}${two(Math.trunc(size / 60))}${colon}${two(size % 60)}`;
}

/** RFC 3339, 5.6, UTC as `Z`. */
export const isoTime = (time: ZonedTime): string =>
  `${date(time)}T${clock(time)}${time.zoneMinutes === 0 ? 'Z' : offset(time.zoneMinutes, ':')}`;

export const dateParts: ReadonlyMap<string, (time: ZonedTime) => string> = new Map(
  Object.entries<(time: ZonedTime) => string>({
    year: (time) => date(time).slice(0, 4),
    month: (time) => date(time).slice(5, 7),
    day: (time) => date(time).slice(8, 10),
    date,
    // Counted by the day it is there: as the RFC's Appendix A computes it from year, month and day.
    julian: (time) => `${Math.floor(wall(time).getTime() / dayMs) + julianOfEpoch}`,
    hour: (time) => clock(time).slice(0, 2),
    minute: (time) => clock(time).slice(3, 5),
    second: (time) => clock(time).slice(6, 8),
    time: clock,
    iso8601: isoTime,
    std11: ({ atMs, zoneMinutes }) => formatDate(atMs, zoneMinutes),
    zone: ({ zoneMinutes }) => offset(zoneMinutes, ''),
    weekday: (time) => `${wall(time).getUTCDay()}`,
  }),
);

/** `+hhmm`, in minutes. */
export function parseZone(text: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d{2})(\d{2})$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const size = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -size : size;
}

/** The time in a header field: the whole of it, or what follows the last semicolon (RFC 5260, 4). */
export function timeOfField(text: string): ZonedTime | undefined {
  const found = parseDate(text.slice(text.lastIndexOf(';') + 1));
  return found && { atMs: found.atMs, zoneMinutes: found.zoneMinutes };
}

const isoForm = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:[Zz]|([+-]\d{2}):?(\d{2}))$/;

/** A time of RFC 3339, in milliseconds since 1970. */
export function parseIsoTime(text: string): number | undefined {
  const [, day, time, hours, minutes] = isoForm.exec(text) ?? [];
  if (day === undefined) return undefined;
  const atMs = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(atMs)) return undefined;
  return atMs - (hours === undefined ? 0 : (parseZone(`${hours}${minutes}`) ?? 0) * minuteMs);
}

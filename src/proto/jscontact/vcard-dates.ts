/** Dates of vCard (RFC 6350, 4.3) and of JSContact (RFC 9553, 1.4.3 and 2.8.1). */
import type { Anniversary } from './card.ts';

const instant = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d)?:?(\d\d)?(?:\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;
const date = /^(?:(\d{4})|--)?-?(\d\d)?-?(\d\d)?$/;

/** A moment in UTC; a time without a zone is taken as UTC. */
export function utcOf(text: string): string | undefined {
  const found = instant.exec(text.trim());
  if (found === null) {
    const day = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(text.trim());
    return day === null ? undefined : valid(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`);
  }
  const [, year, month, day, hour, minute = '00', second = '00', zone = 'Z'] = found;
  const offset = /^z$/i.test(zone)
    ? 'Z'
    : zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, h, m) => `${h}:${m ?? '00'}`);
  return valid(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
}

function valid(text: string): string | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString().replace('.000Z', 'Z');
}

/** A date, of which some may be missing: `--0415`, `1985-04`, `1985`. */
export function dateOf(text: string): Anniversary['date'] | undefined {
  const trimmed = text.trim();
  const time = trimmed.includes('T') ? utcOf(trimmed) : undefined;
  if (time !== undefined) return { '@type': 'Timestamp', utc: time };
  const found = date.exec(trimmed.replace(/T.*$/i, ''));
  if (found === null) return undefined;
  const [, year, first, second] = found;
  // `---15` has a day alone, which JSContact does not know.
  if (year === undefined && first === undefined) return undefined;
  const parts: Record<string, number | string> = { '@type': 'PartialDate' };
  if (year !== undefined) parts.year = Number(year);
  if (first !== undefined) parts.month = Number(first);
  if (second !== undefined) parts.day = Number(second);
  const month = (parts.month as number | undefined) ?? 1;
  const day = (parts.day as number | undefined) ?? 1;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? parts : undefined;
}

const padded = (value: number, length = 2): string => String(value).padStart(length, '0');

/** As version 4.0 writes it (`19850415`, `--0415`), or 3.0 (`1985-04-15`); undefined where 3.0 cannot. */
export function dateText(given: Anniversary['date'], version: '3.0' | '4.0'): string | undefined {
  if ('utc' in given) return version === '4.0' ? basicUtc(given.utc) : given.utc;
  const { year, month, day } = given;
  if (version === '3.0') {
    if (month === undefined || day === undefined) return undefined;
    // Apple's way of a birthday without a year.
    return `${padded(year ?? 1604, 4)}-${padded(month)}-${padded(day)}`;
  }
  if (year === undefined)
    return day === undefined ? `--${padded(month ?? 1)}` : `--${padded(month ?? 1)}${padded(day)}`;
  if (month === undefined) return padded(year, 4);
  return day === undefined
    ? `${padded(year, 4)}-${padded(month)}`
    : `${padded(year, 4)}${padded(month)}${padded(day)}`;
}

export const basicUtc = (utc: string): string => utc.replaceAll(/[-:]/g, '').replace(/\.\d+/, '');

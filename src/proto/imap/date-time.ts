/**
 * Dates of IMAP: `date-time` (INTERNALDATE, APPEND) and `date` (SEARCH), RFC 3501, 9. Days of SEARCH are compared without regard to time and zone,
 * so a day is a plain number: days since 1970-01-01.
 */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const monthNumber = new Map(months.map((name, index) => [name.toLowerCase(), index]));

const dayMs = 86_400_000;

/** `d-Mon-yyyy hh:mm:ss +zzzz`, the day with a leading space or zero or none. Milliseconds since the epoch, or undefined. */
export function parseDateTime(text: string): number | undefined {
  const found =
    /^([ 0-3]?\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text)?.slice(1) ?? [];
  const [day, month, year, hour, minute, second, sign, zoneHour, zoneMinute] = found;
  if (zoneMinute === undefined) return undefined;
  const midnight = dayOf(Number(day), month!, Number(year));
  if (midnight === undefined) return undefined;
  // A leap second is stored as the second after it.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60 || Number(zoneMinute) > 59)
    return undefined;
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -1 : 1);
  return midnight * dayMs + ((Number(hour) * 60 + Number(minute) - zone) * 60 + Number(second)) * 1000;
}

/** `d-Mon-yyyy`: days since 1970-01-01, or undefined. */
export function parseDate(text: string): number | undefined {
  const found = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text);
  return found ? dayOf(Number(found[1]), found[2]!, Number(found[3])) : undefined;
}

function dayOf(day: number, monthName: string, year: number): number | undefined {
  const month = monthNumber.get(monthName.toLowerCase());
  if (month === undefined || day < 1) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getUTCMonth() === month && date.getUTCDate() === day ? date.getTime() / dayMs : undefined;
}

/** INTERNALDATE in UTC, quoted, the day with a leading space. Years outside 0000 to 9999 are clipped: the grammar has four digits. */
export function formatDateTime(atMs: number): string {
  const date = new Date(Math.min(Math.max(Math.trunc(atMs), yearZeroMs), yearEndMs));
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `"${day}-${months[date.getUTCMonth()]!}-${year} ${date.toISOString().slice(-13, -5)} +0000"`;
}

const yearZeroMs = Date.parse('0000-01-01T00:00:00Z');
const yearEndMs = Date.parse('9999-12-31T23:59:59Z');

/**
 * Dates of header fields (RFC 5322, 3.3 and 4.3), read in every form that mailers write: obsolete zones and years, comments, missing
 * weekday, seconds or zone, names in full, dots and dashes between, month in front, ISO 8601. Never throws.
 */

/** A date of a header field: the instant, and the zone it was written in. */
export interface MailDate {
  readonly atMs: number;
  /** Minutes east of UTC; 0 when unknown (`-0000`). */
  readonly zoneMinutes: number;
}

const textMax = 200;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** RFC 5322, 4.3, and what is met besides. Single letters are military zones, which mean nothing: -0000. */
const zones: ReadonlyMap<string, number> = new Map([
  ['ut', 0],
  ['gmt', 0],
  ['utc', 0],
  ['z', 0],
  ['est', -300],
  ['edt', -240],
  ['cst', -360],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
  ['jst', 540],
  ['kst', 540],
  ['cet', 60],
  ['cest', 120],
  ['met', 60],
  ['mest', 120],
  ['bst', 60],
  ['wet', 0],
  ['eet', 120],
  ['eest', 180],
  ['msk', 180],
]);

interface Fields {
  year?: number;
  /** From 0. */
  month?: number;
  day?: number;
  hour?: number;
  minute?: number;
  second?: number;
  zone?: number;
}

/** Undefined when no date can be read. */
export function parseDate(text: string): MailDate | undefined {
  const plain = withoutComments(text.slice(0, textMax)).trim();
  const fields: Fields = isoDate(plain) ?? {};
  if (fields.year === undefined) for (const word of plain.split(/[\s,]+/)) readWord(fields, word);
  return toDate(fields);
}

function withoutComments(text: string): string {
  let out = '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '(') depth++;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (character === '\\' && depth > 0) i++;
    else if (depth === 0) out += character;
    if (depth === 0 && character === ')') out += ' ';
  }
  return out;
}

/** `2003-07-01T10:52:37+02:00`, with a blank for the T too. */
function isoDate(text: string): Fields | undefined {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0, zone] = match;
  const numbers = { year: Number(year), month: Number(month) - 1, day: Number(day) };
  const fields: Fields = { ...numbers, hour: Number(hour), minute: Number(minute), second: Number(second) };
  if (zone !== undefined) readZone(fields, zone.replace(':', '').toLowerCase());
  return fields;
}

/** One word of the date; its form tells what it is. */
function readWord(fields: Fields, word: string): void {
  if (word === '') return;
  if (readTime(fields, word)) return;
  const joined = /^(\d{1,2})[-./]([A-Za-z]{3,9})[-./](\d{2,4})$/.exec(word);
  if (joined) {
    for (const part of joined.slice(1)) readWord(fields, part);
    return;
  }
  const name = /^[A-Za-z]+/.exec(word)?.[0].toLowerCase();
  if (name !== undefined && fields.month === undefined) {
    const month = months.indexOf(name.slice(0, 3));
    if (month !== -1 && name.length >= 3 && !weekdays.some((day) => day.toLowerCase() === name)) {
      fields.month = month;
      return;
    }
  }
  if (/^\d{1,4}$/.test(word)) return readNumber(fields, word);
  if (fields.hour !== undefined) readZone(fields, word.toLowerCase());
}

function readTime(fields: Fields, word: string): boolean {
  const match = /^(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2})(?:\.\d+)?)?(am|pm|[+-]\d{4}|z)?$/i.exec(word);
  if (match === null || fields.hour !== undefined) return false;
  fields.hour = Number(match[1]);
  fields.minute = Number(match[2]);
  fields.second = Number(match[3] ?? 0);
  if (match[4] !== undefined) readZone(fields, match[4].toLowerCase());
  return true;
}

/** Day first, then year (a month in digits between them is met); a number that can be no day is the year. Two and three digits: RFC 5322, 4.3. */
function readNumber(fields: Fields, word: string): void {
  const value = Number(word);
  if (fields.day === undefined && word.length <= 2 && value >= 1 && value <= 31) fields.day = value;
  else if (
    fields.month === undefined &&
    fields.day !== undefined &&
    word.length <= 2 &&
    value >= 1 &&
    value <= 12
  ) {
    fields.month = value - 1;
  } else if (fields.year === undefined) {
    fields.year = word.length === 4 ? value : word.length === 3 || value >= 50 ? value + 1900 : value + 2000;
  } else if (fields.hour !== undefined) readZone(fields, `+${word}`);
}

function readZone(fields: Fields, word: string): void {
  if (word === 'am' || word === 'pm') {
    fields.hour = (fields.hour! % 12) + (word === 'pm' ? 12 : 0);
    return;
  }
  if (fields.zone !== undefined && fields.zone !== 0) return;
  const match = /^(?:gmt|utc)?([+-])(\d\d):?(\d\d)$/.exec(word);
  if (match) {
    const minutes = Number(match[2]) * 60 + Number(match[3]);
    fields.zone = minutes < 24 * 60 ? (match[1] === '-' ? -minutes : minutes) : 0;
  } else {
    fields.zone = zones.get(word) ?? zones.get(word.slice(0, 3)) ?? 0;
  }
}

function toDate(fields: Fields): MailDate | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0, zone = 0 } = fields;
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (year < 1900 || month < 0 || month > 11 || hour > 24 || minute > 59 || second > 60) return undefined;
  if (day < 1 || day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return undefined;
  const atMs = Date.UTC(year, month, day, hour, minute, second) - zone * 60_000;
  return { atMs, zoneMinutes: zone === 0 ? 0 : zone };
}

/** `Tue, 1 Jul 2003 10:52:37 +0200` (RFC 5322, 3.3). */
export function formatDate(atMs: number, zoneMinutes = 0): string {
  const local = new Date(atMs + zoneMinutes * 60_000);
  const month = months[local.getUTCMonth()]!;
  const date = `${local.getUTCDate()} ${month[0]!.toUpperCase()}${month.slice(1)} ${String(local.getUTCFullYear()).padStart(4, '0')}`;
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  const offset = Math.abs(zoneMinutes);
  const zone = `${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(offset / 60))}${two(offset % 60)}`;
  return `${weekdays[local.getUTCDay()]}, ${date} ${time} ${zone}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

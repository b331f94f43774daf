/** Date and UTCDate (RFC 8620, 1.4). */

const utcForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const anyForm = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970; undefined when it is none. */
export function parseUtcDate(text: unknown): number | undefined {
  if (typeof text !== 'string' || !utcForm.test(text)) return undefined;
  return checkedMs(text);
}

export function parseJmapDate(text: unknown): { atMs: number; zoneMinutes: number } | undefined {
  const match = typeof text === 'string' ? anyForm.exec(text) : null;
  const atMs = match === null ? undefined : checkedMs(match[0]);
  if (match === null || atMs === undefined) return undefined;
  const zone = match[2]!;
  if (zone === 'Z') return { atMs, zoneMinutes: 0 };
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return { atMs, zoneMinutes: zone.startsWith('-') ? -minutes : minutes };
}

/** The 30th of February is no day, though `Date` takes it. */
function checkedMs(text: string): number | undefined {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) return undefined;
  const day = new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`));
  return Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(text.slice(8, 10)) ? undefined : atMs;
}

/** No fraction where it is zero, as the RFC wants. */
export const formatUtcDate = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z');

export function formatJmapDate(atMs: number, zoneMinutes: number): string {
  if (zoneMinutes === 0) return formatUtcDate(atMs);
  const local = formatUtcDate(atMs + zoneMinutes * 60_000).slice(0, -1);
  const size = Math.abs(zoneMinutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${local}${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

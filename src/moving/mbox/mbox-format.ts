/**
 * The formats of mbox (RFC 4155, and those before it). A message begins with a line `From sender date` behind an empty line or at the start of the file.
 *
 * mboxo puts `>` before lines that begin with `From `, mboxrd before those with any number of `>` in front too (so that it can be undone),
 * mboxcl2 puts nothing and trusts Content-Length, mboxcl does both.
 */
export const mboxFormats = ['auto', 'mboxo', 'mboxrd', 'mboxcl', 'mboxcl2'] as const;
export type MboxFormat = (typeof mboxFormats)[number];

export const isMboxFormat = (text: string): text is MboxFormat =>
  (mboxFormats as readonly string[]).includes(text);

const LF = 0x0a;
const CR = 0x0d;
const from = Buffer.from('From ');

/** A date of asctime, in whatever company: `From a@b Fri Jul  8 12:08:34 2011 +0200 remote from x`. */
const asctime =
  /\b(?:mon|tue|wed|thu|fri|sat|sun)\w*,? +(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w* +(\d{1,2}) +(?:(\d{1,2}):(\d\d)(?::(\d\d))? *)(?:([+-]\d{4}|[a-z]{1,5}) +)?(\d{4}|\d\d)\b(?: *([+-]\d{4}))?/i;
const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** Mozilla of old wrote `From -` alone, and others an address alone. Words of a text are no beginning, even behind an empty line. */
const bare = /^From (?:-|[^\s@]+@[^\s@]+)\s*$/;

export function isFromLine(bytes: Buffer): boolean {
  if (!startsWithFrom(bytes, 0)) return false;
  const line = bytes.toString('latin1', 0, 300);
  return bare.test(line) || asctime.test(line);
}

/** When the message was received, if the line tells. Without a zone it is taken for UTC. */
export function fromLineTime(line: string): number | undefined {
  const match = asctime.exec(line);
  if (match === null) return undefined;
  const [whole, day, hour, minute, second = '0', zone, year, after] = match;
  const month = months.findIndex((name) => new RegExp(`\\b${name}`, 'i').test(whole));
  const full = year!.length === 4 ? Number(year) : 1900 + Number(year) + (Number(year) < 70 ? 100 : 0);
  const offset = /^([+-])(\d\d)(\d\d)$/.exec(after ?? zone ?? '');
  const minutes = offset ? (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1) : 0;
  const atMs = Date.UTC(full, month, Number(day), Number(hour), Number(minute) - minutes, Number(second));
  return atMs >= 0 ? atMs : undefined;
}

/** Mozilla puts no empty line in front. */
export function isMozillaFromLine(bytes: Buffer): boolean {
  return (
    bytes.length < 100 &&
    /^From - *(?:\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})?\s*$/.test(bytes.toString('latin1'))
  );
}

function startsWithFrom(bytes: Buffer, at: number): boolean {
  return bytes.length >= at + from.length && bytes.compare(from, 0, from.length, at, at + from.length) === 0;
}

export function isBlankLine(bytes: Buffer): boolean {
  return bytes[0] === LF || (bytes[0] === CR && bytes[1] === LF);
}

/** How many `>` a quoted line has in front of `From `; 0: it is none. */
function quotes(bytes: Buffer, at: number): number {
  let count = 0;
  while (bytes[at + count] === 0x3e) count++;
  return count > 0 && startsWithFrom(bytes, at + count) ? count : 0;
}

/** Takes one `>` from lines that got one: from all of them (mboxrd), or from those with only one (mboxo). */
export function unquoteFrom(bytes: Buffer, format: 'mboxo' | 'mboxrd'): Buffer {
  const pieces: Buffer[] = [];
  let kept = 0;
  for (let at = 0; at < bytes.length; at = nextLine(bytes, at)) {
    const count = quotes(bytes, at);
    if (count === 0 || (format === 'mboxo' && count > 1)) continue;
    pieces.push(bytes.subarray(kept, at));
    kept = at + 1;
  }
  return pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(kept)]);
}

/** One `>` before every line that would be taken for a beginning, or that has been quoted before (mboxrd). */
export function quoteFrom(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let kept = 0;
  for (let at = 0; at < bytes.length; at = nextLine(bytes, at)) {
    if (!startsWithFrom(bytes, at) && quotes(bytes, at) === 0) continue;
    pieces.push(bytes.subarray(kept, at), Buffer.from('>'));
    kept = at;
  }
  return pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(kept)]);
}

function nextLine(bytes: Buffer, at: number): number {
  const lf = bytes.indexOf(LF, at);
  return lf === -1 ? bytes.length : lf + 1;
}

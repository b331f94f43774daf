/**
 * Sets of message numbers or UIDs (RFC 3501, 9: sequence-set; RFC 5182 for "$").
 *
 * As parsed, a set keeps the order and the "*" it was written with. `resolveSet` turns it into sorted ranges that do not touch,
 * once the largest number of the mailbox is known.
 */

/** Stands for "*": above every valid number. */
export const star = 2 ** 32;
export const numberMax = 2 ** 32 - 1;

export interface Range {
  readonly from: number;
  readonly to: number;
}

export type SequenceSet =
  | { readonly is: 'ranges'; readonly ranges: readonly Range[] }
  | { readonly is: 'saved' };

/** Ranges of the text between two separators, or undefined if it is not a sequence set. */
export function parseSequenceSet(text: string): SequenceSet | undefined {
  if (text === '$') return { is: 'saved' };
  const ranges: Range[] = [];
  let at = 0;
  while (at <= text.length) {
    const comma = text.indexOf(',', at);
    const end = comma === -1 ? text.length : comma;
    const range = parseRange(text, at, end);
    if (range === undefined) return undefined;
    ranges.push(range);
    at = end + 1;
  }
  return { is: 'ranges', ranges };
}

function parseRange(text: string, start: number, end: number): Range | undefined {
  const colon = text.indexOf(':', start);
  if (colon === -1 || colon >= end) {
    const one = parseNumber(text.slice(start, end));
    return one === undefined ? undefined : { from: one, to: one };
  }
  const from = parseNumber(text.slice(start, colon));
  const to = parseNumber(text.slice(colon + 1, end));
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** A nz-number below 2^32, or "*". */
function parseNumber(text: string): number | undefined {
  if (text === '*') return star;
  if (text.length === 0 || text.length > 10) return undefined;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value === 0 || value > numberMax || text.charCodeAt(0) === 0x30 ? undefined : value;
}

/**
 * Sorted, merged ranges with "*" as `largest`. "10:*" with a largest of 9 is 9:10 and so includes 9 (RFC 3501, 6.4.8). A `largest` of 0 (an
 * empty mailbox) leaves nothing of a "*" alone.
 */
export function resolveRanges(ranges: readonly Range[], largest: number): readonly Range[] {
  const sorted: Range[] = [];
  for (const { from, to } of ranges) {
    const a = from === star ? largest : from;
    const b = to === star ? largest : to;
    if (a === 0 && b === 0) continue;
    sorted.push(a <= b ? { from: Math.max(1, a), to: b } : { from: Math.max(1, b), to: a });
  }
  if (sorted.length < 2) return sorted;
  sorted.sort((x, y) => x.from - y.from);
  const merged: { from: number; to: number }[] = [{ ...sorted[0]! }];
  for (const range of sorted) {
    const last = merged.at(-1)!;
    if (range.from <= last.to + 1) last.to = Math.max(last.to, range.to);
    else merged.push({ ...range });
  }
  return merged;
}

/** True if a number of the set, written out or as "*", is above `largest`. */
export function exceeds(ranges: readonly Range[], largest: number): boolean {
  return ranges.some(({ from, to }) => (from !== star && from > largest) || (to !== star && to > largest));
}

export function rangesInclude(ranges: readonly Range[], value: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle]!;
    if (value < range.from) high = middle - 1;
    else if (value > range.to) low = middle + 1;
    else return true;
  }
  return false;
}

/** "1:3,7" of ascending numbers. An empty list gives an empty text. */
export function formatNumbers(numbers: Iterable<number>): string {
  let out = '';
  let from = 0;
  let to = 0;
  for (const value of numbers) {
    if (value === to + 1 && from !== 0) {
      to = value;
      continue;
    }
    if (from !== 0) out += `${formatRange(from, to)},`;
    from = value;
    to = value;
  }
  return from === 0 ? '' : out + formatRange(from, to);
}

const formatRange = (from: number, to: number): string => (from === to ? String(from) : `${from}:${to}`);

/**
 * The match type `:matches` (RFC 5228, 2.7.1; RFC 5229, 3.2): `*` is anything, `?` one character, `\` takes the meaning from the next.
 *
 * Each `*` takes as little as it can. Between two of them stands a run of characters, found at its first place behind the run before: that leaves the most room for
 * the rest, so there is nothing to go back to, and the time is at most the product of the lengths, which is counted.
 */
import { charactersOf, octetsOf, textOf } from '../text.ts';
import type { Comparator } from './comparator.ts';

/** A string is a row of octets or UTF-16 units; an array, of Unicode characters. Both are looked into alike. */
type Row = string | readonly string[];

/** What stands between two `*`, folded. */
interface Segment {
  /** An undefined one is a `?`. */
  readonly units: readonly (string | undefined)[];
  /** The same as a string when nothing in it is a `?`. */
  readonly literal: string | undefined;
}

export type Pattern = readonly Segment[];

/** Told of work done, in characters; may throw. */
export type Spend = (characters: number) => void;

/** Everything matched, and what each wildcard took. */
export type Captures = readonly string[];

interface How {
  readonly comparator: Comparator;
  readonly spend: Spend;
}

export function parsePattern(pattern: string, comparator: Comparator): Pattern {
  const segments: (string | undefined)[][] = [[]];
  const units = rowOf(pattern, comparator);
  for (let at = 0; at < units.length; at++) {
    const unit = units[at]!;
    if (unit === '*') segments.push([]);
    else if (unit === '?') segments.at(-1)!.push(undefined);
    else {
      const literal = unit === '\\' && at + 1 < units.length ? units[++at]! : unit;
      segments.at(-1)!.push(comparator.fold(literal));
    }
  }
  return segments.map((segment) => {
    const literal = segment.join('');
    // Folding may have made several characters of one, which only an array can tell.
    const plain = !segment.includes(undefined) && literal.length === segment.length;
    return { units: segment, literal: plain ? literal : undefined };
  });
}

/** Undefined when the value does not match as a whole. */
export function matchPattern(pattern: Pattern, value: string, how: How): Captures | undefined {
  const row = rowOf(value, how.comparator);
  how.spend(row.length);
  const places = placesOf(pattern, foldRow(row, how.comparator), how.spend);
  return places && capturesOf(pattern, places, { row, value });
}

/** Octets as characters U+0000 to U+00FF, or Unicode characters. */
function rowOf(text: string, { character }: Comparator): Row {
  if (!/[^\x00-\x7f]/.test(text)) return text;
  return character === 'unicode' ? charactersOf(text) : octetsOf(text).toString('latin1');
}

function foldRow(row: Row, comparator: Comparator): Row {
  return typeof row === 'string' ? comparator.fold(row) : row.map((unit) => comparator.fold(unit));
}

/** Where each segment begins, or undefined. */
function placesOf(segments: Pattern, row: Row, spend: Spend): readonly number[] | undefined {
  const last = segments.length - 1;
  const first = segments[0]!;
  if (!standsAt(first, row, 0, spend)) return undefined;
  if (last === 0) return first.units.length === row.length ? [0] : undefined;
  const places = [0];
  let at = first.units.length;
  for (let i = 1; i < last; i++) {
    const found = placeOf(segments[i]!, row, at, spend);
    if (found === -1) return undefined;
    places.push(found);
    at = found + segments[i]!.units.length;
  }
  const end = row.length - segments[last]!.units.length;
  if (end < at || !standsAt(segments[last]!, row, end, spend)) return undefined;
  return [...places, end];
}

function placeOf(segment: Segment, row: Row, from: number, spend: Spend): number {
  if (typeof row === 'string' && segment.literal !== undefined) {
    const found = row.indexOf(segment.literal, from);
    spend((found === -1 ? row.length : found) - from + segment.literal.length);
    return found;
  }
  for (let at = from; at + segment.units.length <= row.length; at++) {
    if (standsAt(segment, row, at, spend)) return at;
  }
  return -1;
}

function standsAt({ units }: Segment, row: Row, at: number, spend: Spend): boolean {
  if (at + units.length > row.length) return false;
  let i = 0;
  while (i < units.length && (units[i] === undefined || units[i] === row[at + i])) i++;
  spend(i + 1);
  return i === units.length;
}

/** From the value as it was, before folding. */
function capturesOf(
  segments: Pattern,
  places: readonly number[],
  { row, value }: { readonly row: Row; readonly value: string },
): Captures {
  const text = (from: number, to: number): string => {
    const part = row.slice(from, to);
    if (typeof part !== 'string') return part.join('');
    return /[\x80-\xff]/.test(part) ? textOf(Buffer.from(part, 'latin1')) : part;
  };
  const captures = [value];
  for (const [i, { units }] of segments.entries()) {
    const start = places[i]!;
    if (i > 0) captures.push(text(places[i - 1]! + segments[i - 1]!.units.length, start));
    for (const [offset, unit] of units.entries()) {
      if (unit === undefined) captures.push(text(start + offset, start + offset + 1));
    }
  }
  return captures;
}

/**
 * SASLprep (RFC 4013): the one form of a user name or password, so that the same word typed on two keyboards compares equal.
 *
 * Map (C.1.2 to space first, then B.1 to nothing, as libidn and PostgreSQL do for U+200B, which is in both), normalise to NFKC, refuse what is prohibited, check
 * bidirectional text (RFC 3454, 6). Unassigned code points are let through, as in a "query": people use emoji in passwords.
 * NFKC is that of the running Unicode, not of 3.2: they differ in a handful of corrected characters.
 */
import { leftToRight, mappedToNothing, nonAsciiSpaces, prohibited, rightToLeft } from './saslprep-tables.ts';

const printableAscii = /^[\x20-\x7e]*$/;

/** The prepared text, or undefined when it has characters that may not be used. The empty text stays empty. */
export function saslprep(text: string): string | undefined {
  if (printableAscii.test(text)) return text;
  let mapped = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (contains(tables.spaces, code)) mapped += ' ';
    else if (!contains(tables.nothing, code)) mapped += character;
  }
  const prepared = mapped.normalize('NFKC');
  return isAllowed(prepared) ? prepared : undefined;
}

function isAllowed(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0)!);
  if (codes.some((code) => contains(tables.prohibited, code))) return false;
  if (!codes.some((code) => contains(tables.right, code))) return true;
  const ends = contains(tables.right, codes[0]!) && contains(tables.right, codes.at(-1)!);
  return ends && !codes.some((code) => contains(tables.left, code));
}

/** Pairs of first and last code point, ascending. */
type Table = Uint32Array;

const tables: Record<'spaces' | 'nothing' | 'prohibited' | 'right' | 'left', Table> = {
  spaces: parse(nonAsciiSpaces),
  nothing: parse(mappedToNothing),
  prohibited: parse(prohibited),
  right: parse(rightToLeft),
  left: parse(leftToRight),
};

function parse(ranges: string): Table {
  return Uint32Array.from(
    ranges.split(' ').flatMap((range) => {
      const [first = '', last = first] = range.split('-');
      return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
    }),
  );
}

function contains(table: Table, code: number): boolean {
  let low = 0;
  let high = table.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < table[middle * 2]!) high = middle - 1;
    else if (code > table[middle * 2 + 1]!) low = middle + 1;
    else return true;
  }
  return false;
}

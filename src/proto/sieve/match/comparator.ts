/**
 * Comparators (RFC 4790; RFC 5051 for i;unicode-casemap): when two strings are equal, which is greater, and what a character is.
 *
 * Equality and substrings are decided on a folded form; both sides are folded, and equal strings have equal forms.
 */
import { charactersOf, octetsOf } from '../text.ts';

export interface Comparator {
  readonly name: string;
  /** Whether :contains, :matches and :regex may be used with it (RFC 5228, 2.7.1). */
  readonly substrings: boolean;
  /** What `?` matches: one octet, or one Unicode character (RFC 5228, 2.7.1). */
  readonly character: 'octet' | 'unicode';
  readonly ignoresCase: boolean;
  fold(text: string): string;
  /** Below, at or above 0; undefined when the inputs have no order. */
  compare(a: string, b: string): number | undefined;
}

const isAscii = (text: string): boolean => !/[^\x00-\x7f]/.test(text);

function upperAscii(text: string): string {
  return isAscii(text) ? text.toUpperCase() : text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** By octets of UTF-8: not the order of UTF-16. */
function compareOctets(a: string, b: string): number {
  if (a === b) return 0;
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : 1;
  return Buffer.compare(octetsOf(a), octetsOf(b));
}

const octet: Comparator = {
  name: 'i;octet',
  substrings: true,
  character: 'octet',
  ignoresCase: false,
  fold: (text) => text,
  compare: compareOctets,
};

const asciiCasemap: Comparator = {
  name: 'i;ascii-casemap',
  substrings: true,
  character: 'octet',
  ignoresCase: true,
  fold: upperAscii,
  compare: (a, b) => compareOctets(upperAscii(a), upperAscii(b)),
};

/** RFC 4790, 9.1: the digits in front count; a string without any is greater than every number. */
const asciiNumeric: Comparator = {
  name: 'i;ascii-numeric',
  substrings: false,
  character: 'octet',
  ignoresCase: false,
  fold: numberOf,
  compare(a, b) {
    const left = numberOf(a);
    const right = numberOf(b);
    if (left === right) return 0;
    if (left === '' || right === '') return left === '' ? 1 : -1;
    if (left.length !== right.length) return left.length - right.length;
    return left < right ? -1 : 1;
  },
};

function numberOf(text: string): string {
  const digits = /^[0-9]+/.exec(text)?.[0];
  return digits === undefined ? '' : digits.replace(/^0+(?=.)/, '');
}

/** RFC 5051: each character to title case, then decomposed. */
const unicodeCasemap: Comparator = {
  name: 'i;unicode-casemap',
  substrings: true,
  character: 'unicode',
  ignoresCase: true,
  fold: foldUnicode,
  compare: (a, b) => compareOctets(foldUnicode(a), foldUnicode(b)),
};

function foldUnicode(text: string): string {
  if (isAscii(text)) return text.toUpperCase();
  let folded = '';
  for (const character of text) folded += titleCase(character);
  return folded.normalize('NFKD');
}

/**
 * The simple title-case mapping of UnicodeData.txt. It is the upper case, but for: the digraphs, which have a case of their own; Georgian, whose capitals are not
 * used for titles; and characters whose upper case is several characters, of which those with a subscript iota have a simple one.
 */
function titleCase(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x80) return character.toUpperCase();
  const digraph = digraphs.get(code);
  if (digraph !== undefined) return digraph;
  if (code >= 0x10d0 && code <= 0x10ff) return character;
  if (isIotaSubscript(code)) return String.fromCodePoint(iotaTitle(code));
  const upper = character.toUpperCase();
  return upper.length === character.length && upper.codePointAt(0)! > 0x7f
    ? upper
    : simpleUpper(character, upper);
}

/** µ, ÿ and the like keep one character; ß, ŉ and ligatures have no simple upper case. */
function simpleUpper(character: string, upper: string): string {
  return charactersOf(upper).length === 1 ? upper : character;
}

const digraphs = new Map<number, string>(
  [
    [0x01c4, 0x01c5],
    [0x01c7, 0x01c8],
    [0x01ca, 0x01cb],
    [0x01f1, 0x01f2],
  ].flatMap(([first, title]) => [0, 1, 2].map((i) => [first! + i, String.fromCodePoint(title!)] as const)),
);

const isIotaSubscript = (code: number): boolean =>
  (code >= 0x1f80 && code <= 0x1faf) || code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3;

const iotaTitle = (code: number): number => (code < 0x1fb0 ? code | 8 : code + 9);

export const comparators: ReadonlyMap<string, Comparator> = new Map(
  [octet, asciiCasemap, asciiNumeric, unicodeCasemap].map((each) => [each.name, each]),
);

export const defaultComparator = asciiCasemap;
/** For counts (RFC 5231, 4.2). */
export const numericComparator = asciiNumeric;

/** `${hex:40}` and `${unicode:3042}` in strings (RFC 5228, 2.4.2.4): one pass, and what does not have exactly that form stays as it is. */
import { octetsOf, textOf } from '../text.ts';

const encoded = /\$\{(hex|unicode):([0-9a-f \t\r\n]*)\}/gi;
const hexPairs = /^\s*[0-9a-f]{1,2}(?:\s+[0-9a-f]{1,2})*\s*$/i;
const unicodes = /^\s*[0-9a-f]+(?:\s+[0-9a-f]+)*\s*$/i;

/** Undefined when a well-formed sequence names what is no Unicode character: an error. */
export function decodeCharacters(text: string): string | undefined {
  if (!text.includes('${')) return text;
  let wrong = false;
  const decoded = text.replace(encoded, (whole: string, kind: string, list: string) => {
    if (kind.toLowerCase() === 'hex') return hexPairs.test(list) ? octets(list) : whole;
    if (!unicodes.test(list)) return whole;
    const codes = numbersIn(list);
    if (codes.every(isScalar)) return String.fromCodePoint(...codes);
    wrong = true;
    return whole;
  });
  if (wrong) return undefined;
  // Octets side by side may be a character.
  return decoded.isWellFormed() ? decoded : textOf(octetsOf(decoded));
}

/** Escaped as text.ts has it, to be put together at the end. */
const octets = (list: string): string =>
  numbersIn(list)
    .map((octet) => String.fromCharCode(octet < 0x80 ? octet : 0xdc00 | octet))
    .join('');

const numbersIn = (list: string): number[] =>
  list
    .trim()
    .split(/\s+/)
    .map((digits) => Number.parseInt(digits, 16));

const isScalar = (code: number): boolean => code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);

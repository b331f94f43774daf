/** The collation i;unicode-casemap (RFC 5051): title case, then compatibility decomposition; ordered by code points. */

/** The form in which two strings are compared. */
export const casemap = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  /^[\x00-\x7f]*$/.test(text) ? text.toUpperCase() : text.toUpperCase().normalize('NFKD');

const surrogate = 0xd800;
const surrogateEnd = 0xdfff;

/** Order of two casemapped strings by code points, as of their UTF-8; JavaScript alone compares UTF-16. */
export function compareCasemapped(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return weight(left) - weight(right);
  }
  return a.length - b.length;
}

/** A surrogate stands for a code point above all of the first plane. */
const weight = (unit: number): number => (unit >= surrogate && unit <= surrogateEnd ? unit + 0x1_0000 : unit);

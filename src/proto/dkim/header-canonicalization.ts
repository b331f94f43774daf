/** Header fields as DKIM and ARC hash them (RFC 6376, 3.4.1, 3.4.2): latin1 strings, one character an octet, with a CRLF at their end. */
import type { HeaderField } from '../mime/headers.ts';
import type { Canonicalization } from './body-hash.ts';

export function canonicalField(bytes: Buffer, field: HeaderField, how: Canonicalization): string {
  if (how === 'simple') return withLineEnd(bytes.toString('latin1', field.start, field.end));
  return `${field.name}:${relaxedValue(bytes.toString('latin1', field.valueStart, field.end))}\r\n`;
}

/** A signature field as it is signed itself: its `b=` emptied, without the line end (RFC 6376, 3.7). */
export function canonicalSignature(bytes: Buffer, field: HeaderField, how: Canonicalization): string {
  const value = withoutSignature(bytes.toString('latin1', field.valueStart, field.end));
  if (how === 'relaxed') return `${field.name}:${relaxedValue(value)}`;
  return bytes.toString('latin1', field.start, field.valueStart) + value.replace(/\r\n$/, '');
}

/** As `canonicalField` with `relaxed`, of a field that is being written: no line end of its own. */
export function relaxedField(name: string, value: string): string {
  return `${name.toLowerCase()}:${relaxedValue(value)}`;
}

/** Unfolded, blanks made one, none at either end. Only SP and HTAB are blanks, only CRLF is a line end. */
function relaxedValue(value: string): string {
  const unfolded = value.includes('\r\n') ? value.replaceAll('\r\n', '') : value;
  const single = /\t| {2}/.test(unfolded) ? unfolded.replace(/[ \t]+/g, ' ') : unfolded;
  const start = single.startsWith(' ') ? 1 : 0;
  return single.slice(start, single.endsWith(' ') ? Math.max(start, single.length - 1) : undefined);
}

const withLineEnd = (text: string): string => (text.endsWith('\r\n') ? text : `${text}\r\n`);

/**
 * The fields that `h=` names, from the last one of a name upwards (RFC 6376, 5.4.2). A name that has no field left stands for none, which is
 * how a signer says that there was no further one.
 */
export function selectFields(fields: readonly HeaderField[], names: readonly string[]): HeaderField[] {
  const left = new Map<string, HeaderField[]>();
  for (const field of fields) {
    const same = left.get(field.name);
    if (same) same.push(field);
    else left.set(field.name, [field]);
  }
  const selected: HeaderField[] = [];
  for (const name of names) {
    const field = left.get(name.toLowerCase())?.pop();
    if (field) selected.push(field);
  }
  return selected;
}

/** The grammar of tags was checked before. */
function withoutSignature(text: string): string {
  return text.replace(/(^|;)([ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1$2');
}

/**
 * The header of a message or part, scanned once: offsets and lower-case names, no copies of values (RFC 5322, 2.2).
 *
 * Never throws. LF, CRLF and any number of CRs before the LF end a line. What is not a field is handled as people expect:
 * an mbox `From ` line and a line of blanks in front are skipped; a line that is no field is skipped when a
 * field follows it, and otherwise begins the body (the blank line was forgotten); one with two dashes in front always does, as it is a boundary.
 *
 * Fields are plain objects in their order; looking one up compares strings, and a header has some thirty of them.
 */
import { isAscii } from 'node:buffer';
import { decodeUnlabelled } from './charset.ts';

/** Bytes of one header that are read as header. What comes after belongs to the body. Postfix stops at 100 KiB, Dovecot at 10 MiB. */
export const headerBytesMax = 10 * 1024 * 1024;
/** Fields of one header that are listed; further ones are passed over. */
export const headerFieldsMax = 10_000;
/** A field name may fill a line of RFC 5322's 998 characters; a longer "name" is no name. */
const nameBytesMax = 998;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const DASH = 0x2d;
const COLON = 0x3a;
const ESC = 0x1b;

/** Where one header field lies. Offsets are into the bytes that were given to `parseHeaders`. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** First byte of the name. */
  readonly start: number;
  /** First byte behind the colon. */
  readonly valueStart: number;
  /** Behind the line end of the field's last line. */
  readonly end: number;
}

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  readonly start: number;
  /** Behind the last header line; the blank line, if there is one, lies between `end` and `bodyStart`. */
  readonly end: number;
  readonly bodyStart: number;
}

/** Says whether the line at an offset, which begins with `--`, is a boundary that ends the header early. */
export type IsBoundary = (lineStart: number) => boolean;

export function parseHeaders(
  bytes: Buffer,
  start = 0,
  limit = bytes.length,
  isBoundary?: IsBoundary,
): HeaderBlock {
  const fields: HeaderField[] = [];
  const stop = Math.min(limit, start + headerBytesMax);
  let at = skipPreface(bytes, start, stop);
  let open: { name: string; start: number; valueStart: number } | undefined;
  const close = (): void => {
    if (open !== undefined && fields.length < headerFieldsMax) fields.push({ ...open, end: at });
    open = undefined;
  };
  while (at < stop) {
    const next = lineEnd(bytes, at, stop);
    const first = bytes[at]!;
    if (first === LF || first === CR) {
      if (isBlank(bytes, at, next)) {
        close();
        return { fields, start, end: at, bodyStart: next };
      }
    }
    const dashes = first === DASH && bytes[at + 1] === DASH;
    if (dashes && isBoundary?.(at)) break;
    if (first !== SP && first !== TAB) {
      const colon = colonOfField(bytes, at, next);
      if (colon !== -1) {
        close();
        open = { name: nameAt(bytes, at, colon), start: at, valueStart: colon + 1 };
      } else if (!dashes && fieldFollows(bytes, next, stop)) {
        close();
      } else {
        break;
      }
    }
    at = next;
  }
  close();
  return { fields, start, end: at, bodyStart: at };
}

/** The first field of a name (lower case). */
export function findField(block: HeaderBlock, name: string): HeaderField | undefined {
  for (const field of block.fields) if (field.name === name) return field;
  return undefined;
}

export function findFields(block: HeaderBlock, name: string): HeaderField[] {
  return block.fields.filter((field) => field.name === name);
}

/** The whole field with name and line ends. */
export function fieldBytes(bytes: Buffer, field: HeaderField): Buffer {
  return bytes.subarray(field.start, field.end);
}

/** The name as it was written. */
export function fieldName(bytes: Buffer, field: HeaderField): string {
  return bytes.toString('latin1', field.start, field.start + field.name.length);
}

/**
 * The value, unfolded, as Unicode, without blanks in front; encoded words are left as they are. 8-bit bytes are UTF-8
 * (RFC 6532), or else guessed. No CR, LF or NUL in it.
 */
export function fieldText(bytes: Buffer, field: HeaderField): string {
  return unfold(headerString(bytes.subarray(field.valueStart, field.end)));
}

function headerString(value: Buffer): string {
  if (isAscii(value) && value.indexOf(ESC) === -1) return value.toString('latin1');
  return decodeUnlabelled(value).text;
}

/** RFC 5322, 2.2.3: only the line ends go. Blanks in front of the value are no part of it. */
function unfold(value: string): string {
  let start = 0;
  while (start < value.length && isBlankCode(value.charCodeAt(start))) start++;
  let text = '';
  for (let at = start; at < value.length; ) {
    const lf = value.indexOf('\n', at);
    let end = lf === -1 ? value.length : lf;
    const next = lf === -1 ? end : lf + 1;
    if (lf !== -1) while (end > at && value.charCodeAt(end - 1) === CR) end--;
    text += value.slice(at, end);
    at = next;
  }
  if (text.includes('\r')) text = text.replaceAll('\r', ' ');
  if (text.includes('\0')) text = text.replaceAll('\0', '');
  // A value that is folded at once begins with the blanks of its second line.
  return text.startsWith(' ') || text.startsWith('\t') ? text.replace(/^[ \t]+/, '') : text;
}

function isBlankCode(code: number): boolean {
  return code === SP || code === TAB || code === CR;
}

/** An mbox separator, or a line of nothing but blanks, in front of the first field. */
function skipPreface(bytes: Buffer, start: number, stop: number): number {
  const next = lineEnd(bytes, start, stop);
  const line = bytes.toString('latin1', start, Math.min(next, start + 6));
  // `From : a@b` is a field: whoever skipped it would see another author than everybody else.
  if (line.startsWith('From ') || line === '>From ')
    return colonOfField(bytes, start, next) === -1 ? next : start;
  if (line.startsWith(' ') || line.startsWith('\t')) {
    for (let at = start; at < next; at++) if (!isBlankCode(bytes[at]!) && bytes[at] !== LF) return start;
    return colonOfField(bytes, next, lineEnd(bytes, next, stop)) === -1 ? start : next;
  }
  return start;
}

function lineEnd(bytes: Buffer, at: number, stop: number): number {
  const lf = bytes.indexOf(LF, at);
  return lf === -1 || lf >= stop ? stop : lf + 1;
}

/** CRs and an LF, nothing else. */
function isBlank(bytes: Buffer, at: number, next: number): boolean {
  if (bytes[next - 1] !== LF) return next - at === 1 && bytes[at] === CR && next === bytes.length;
  while (bytes[at] === CR) at++;
  return at === next - 1;
}

/** Offset of the colon behind a field name (RFC 5322, 3.6.8; blanks before the colon: 4.5), or -1. */
function colonOfField(bytes: Buffer, at: number, next: number): number {
  const stop = Math.min(next, at + nameBytesMax);
  let i = at;
  while (i < stop && bytes[i]! > SP && bytes[i]! < 0x7f && bytes[i] !== COLON) i++;
  if (i === at) return -1;
  while (i < stop && (bytes[i] === SP || bytes[i] === TAB)) i++;
  return i < stop && bytes[i] === COLON ? i : -1;
}

function nameAt(bytes: Buffer, at: number, colon: number): string {
  let end = colon;
  while (bytes[end - 1] === SP || bytes[end - 1] === TAB) end--;
  return bytes.toString('latin1', at, end).toLowerCase();
}

function fieldFollows(bytes: Buffer, at: number, stop: number): boolean {
  return at < stop && colonOfField(bytes, at, lineEnd(bytes, at, stop)) !== -1;
}

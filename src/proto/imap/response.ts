/**
 * Texts of a response. Every string that came from outside goes through here, so that no CR, LF or NUL of it can end a line early or start
 * another response (RFC 3501, 9; 4.3).
 *
 * Wire texts have one character for each byte (latin1). An empty string is always `""`: some mailers hang on `{0}`.
 */
import { encodeModifiedUtf7 } from './modified-utf7.ts';

/** Longer strings are sent as literals; RFC 3501 sets no limit, parsers of mailers do. */
const quotedMaxBytes = 1_024;

const atomText = /^[^\x00-\x20\x7f-\xff(){%*"\\\]]+$/;
const quotable = /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/;
const quotable8 = /^[\x01-\x09\x0b\x0c\x0e-\xff]*$/;

/** A string: quoted where it can be, else a literal. NUL cannot be sent and is left out. `text` has one character for each byte. */
export function wireString(text: string, utf8 = false): string {
  if (text.length <= quotedMaxBytes && (utf8 ? quotable8 : quotable).test(text)) {
    return text.includes('"') || text.includes('\\') ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
  }
  const clean = text.includes('\0') ? text.replaceAll('\0', '') : text;
  if (clean !== text) return wireString(clean, utf8);
  return `{${clean.length}}\r\n${clean}`;
}

/** Unicode text as a string of UTF-8. */
export function string(text: string, utf8 = false): string {
  return wireString(toWire(text), utf8);
}

export function nstring(text: string | undefined | null, utf8 = false): string {
  return text === undefined || text === null ? 'NIL' : string(text, utf8);
}

/** Bytes as a string; with a NUL among them, as a literal8 (RFC 3516). */
export function nstringOfBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return text.includes('\0') ? `~{${text.length}}\r\n${text}` : wireString(text);
}

/** An atom where it can be one (and is not NIL), else a string. */
export function astring(text: string, utf8 = false): string {
  const wire = toWire(text);
  return atomText.test(wire) && wire.toUpperCase() !== 'NIL' ? wire : wireString(wire, utf8);
}

/** A mailbox name: modified UTF-7, or UTF-8 once UTF8=ACCEPT is on. INBOX is an atom, all else is quoted. */
export function mailboxName(name: string, utf8 = false): string {
  if (name === 'INBOX') return name;
  return utf8 ? string(name, true) : wireString(encodeModifiedUtf7(name));
}

/** Text of a response line: one line, printable, never beginning with what looks like a response code. */
export function responseText(text: string): string {
  const line = text.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return line === '' || line.startsWith('[') ? `. ${line}`.trim() : line;
}

/** UTF-8, one character for each byte. */
export function toWire(text: string): string {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

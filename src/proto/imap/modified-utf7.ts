/**
 * Mailbox names in modified UTF-7 (RFC 3501, 5.1.3), the wire form of IMAP4rev1.
 *
 * Strict on input, so that one name has one spelling: no printable ASCII inside a shift, no stray bits, no two shifts in a row, no lone
 * surrogate, no raw control or 8-bit byte. `decodeModifiedUtf7(encodeModifiedUtf7(x)) === x` for every well-formed string.
 */

const AMPERSAND = 0x26;
const DASH = 0x2d;

/** What needs no shift: printable ASCII but for "&". */
const isDirect = (code: number): boolean => code >= 0x20 && code <= 0x7e && code !== AMPERSAND;

export function encodeModifiedUtf7(text: string): string {
  const name = text.toWellFormed();
  let out = '';
  let at = 0;
  while (at < name.length) {
    const code = name.charCodeAt(at);
    if (isDirect(code)) out += name[at++]!;
    else if (code === AMPERSAND) {
      out += '&-';
      at++;
    } else {
      const start = at;
      while (at < name.length && !isDirect(name.charCodeAt(at)) && name.charCodeAt(at) !== AMPERSAND) at++;
      out += `&${shift(name.slice(start, at))}-`;
    }
  }
  return out;
}

/** The name, or undefined if the text is not the one modified UTF-7 spelling of a name. */
export function decodeModifiedUtf7(wire: string): string | undefined {
  let out = '';
  let at = 0;
  let afterShift = false;
  while (at < wire.length) {
    const code = wire.charCodeAt(at);
    if (code !== AMPERSAND) {
      if (!isDirect(code)) return undefined;
      out += wire[at++]!;
      afterShift = false;
      continue;
    }
    const end = wire.indexOf('-', at + 1);
    if (end === -1) return undefined;
    if (end === at + 1) {
      out += '&';
      afterShift = false;
    } else {
      const piece = afterShift ? undefined : unshift(wire.slice(at + 1, end));
      if (piece === undefined) return undefined;
      out += piece;
      afterShift = wire.charCodeAt(end) === DASH;
    }
    at = end + 1;
  }
  return out;
}

function shift(text: string): string {
  const bytes = Buffer.from(text, 'utf16le').swap16();
  return bytes.toString('base64').replace(/=+$/, '').replaceAll('/', ',');
}

function unshift(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+,]+$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64');
  if (bytes.length === 0 || bytes.length % 2 === 1) return undefined;
  const text = bytes.swap16().toString('utf16le');
  if (!text.isWellFormed()) return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code <= 0x7e) return undefined;
  }
  // Encoding again finds stray bits and a superfluous last character.
  return shift(text) === base64 ? text : undefined;
}

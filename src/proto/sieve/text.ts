/**
 * Octets as text and back, without loss.
 *
 * A script may have any octets in its strings (RFC 5228, 2.4.2), and `${hex:ff}` makes more; values of a message are Unicode. So text is a JavaScript string in
 * which an octet that is not UTF-8 stands as a lone low surrogate (U+DC80 to U+DCFF, the octet in its low byte), and comes out as that octet again.
 */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const escapeBase = 0xdc00;

export function textOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return escaped(bytes);
  }
}

export function octetsOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === escapeBase) at++;
    else if ((code & 0xff80) === 0xdc80) {
      pieces.push(Buffer.from(text.slice(from, at), 'utf8'), Buffer.of(code & 0xff));
      from = at + 1;
    }
  }
  pieces.push(Buffer.from(text.slice(from), 'utf8'));
  return Buffer.concat(pieces);
}

/** For people and for fields of other messages: octets that are no text become U+FFFD. */
export const shown = (text: string): string => text.toWellFormed();

export const octetCount = (text: string): number =>
  text.isWellFormed() ? Buffer.byteLength(text) : octetsOf(text).length;

/** Unicode characters, or octets that are none. */
export const charactersOf = (text: string): string[] => Array.from(text);

/** At most `max` octets, cut between characters. */
export function cutOctets(text: string, max: number): string {
  if (text.length * 3 <= max || octetCount(text) <= max) return text;
  let size = 0;
  let kept = '';
  for (const character of text) {
    size += octetCount(character);
    if (size > max) break;
    kept += character;
  }
  return kept;
}

function escaped(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; ) {
    const code = characterAt(bytes, at);
    if (code === -1) {
      units[size++] = escapeBase | bytes[at++]!;
    } else if (code > 0xffff) {
      units[size++] = 0xd7c0 + (code >> 10);
      units[size++] = escapeBase | (code & 0x3ff);
      at += 4;
    } else {
      units[size++] = code;
      at += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    }
  }
  return Buffer.from(units.buffer, 0, size * 2).toString('utf16le');
}

/** The code of the well-formed character at an offset, or -1 (RFC 3629, 4). */
function characterAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first;
  if (first < 0xc2 || first > 0xf4) return -1;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let code = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i];
    if (next === undefined || (next & 0xc0) !== 0x80) return -1;
    code = (code << 6) | (next & 0x3f);
  }
  return isScalarOf(code, length) ? code : -1;
}

/** Not written longer than it must be, no surrogate, within Unicode. */
function isScalarOf(code: number, length: number): boolean {
  if (length === 2) return code >= 0x80;
  if (length === 3) return code >= 0x800 && (code < 0xd800 || code > 0xdfff);
  return code >= 0x10000 && code <= 0x10ffff;
}

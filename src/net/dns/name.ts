/**
 * Domain names: text and wire form (RFC 1035, 3.1 and 4.1.4), compared without case (RFC 4343).
 *
 * Text form here: lower case, no final dot, `.` for the root; a dot or backslash within a label is escaped, bytes that do not print are
 * `\DDD` (RFC 1035, 5.1), so that two different names never have one text (a label "a.b" is not the labels "a" and "b").
 */

/** Whatever is wrong with bytes from the network: the answer that held them is unusable. */
export class DnsFormatError extends Error {
  override readonly name = 'DnsFormatError';
}

/** RFC 1035, 2.3.4. */
const labelMax = 63;
/** The wire form with its length bytes and the root (RFC 1035, 2.3.4). */
const nameMax = 255;

const DOT = 0x2e;
const BACKSLASH = 0x5c;

/** The text form of a name as people write it, or undefined when DNS could not hold it. Only ASCII: IDNA is the caller's. */
export function normalName(text: string): string | undefined {
  if (text === '.') return '.';
  const bare = text.endsWith('.') && !text.endsWith('\\.') ? text.slice(0, -1) : text;
  if (!/^[\x21-\x7e]+$/.test(bare)) return undefined;
  const lower = bare.toLowerCase();
  if (lower.includes('\\')) {
    const wire = encodeName(lower);
    return wire === undefined ? undefined : decodeName(wire, 0).name;
  }
  return encodedLength(lower) === undefined ? undefined : lower;
}

/** The wire form, uncompressed, case kept; undefined when the name is no name. */
export function encodeName(text: string): Buffer | undefined {
  if (text === '.') return Buffer.of(0);
  if (!text.includes('\\')) return encodePlain(text);
  const labels: number[][] = [[]];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '.') labels.push([]);
    else if (char !== '\\') labels.at(-1)!.push(char.charCodeAt(0));
    else {
      const code = /^\d{3}/.exec(text.slice(i + 1, i + 4))?.[0];
      labels.at(-1)!.push(code === undefined ? text.charCodeAt(i + 1) : Number(code));
      i += code === undefined ? 1 : 3;
    }
  }
  const valid = labels.every(
    (label) => label.length >= 1 && label.length <= labelMax && label.every((b) => b <= 255),
  );
  const wire = Buffer.from([...labels.flatMap((label) => [label.length, ...label]), 0]);
  return valid && wire.length <= nameMax ? wire : undefined;
}

function encodePlain(text: string): Buffer | undefined {
  const length = encodedLength(text);
  if (length === undefined) return undefined;
  const wire = Buffer.alloc(length);
  let at = 0;
  for (const label of text.split('.')) {
    wire[at] = label.length;
    wire.write(label, at + 1, 'latin1');
    at += label.length + 1;
  }
  return wire;
}

/** For a name without escapes: the length of its wire form if each label and the whole are within bounds. */
function encodedLength(text: string): number | undefined {
  if (text.length + 2 > nameMax) return undefined;
  let start = 0;
  while (start <= text.length) {
    const dot = text.indexOf('.', start);
    const end = dot === -1 ? text.length : dot;
    if (end === start || end - start > labelMax) return undefined;
    start = end + 1;
  }
  return text.length + 2;
}

/**
 * The name at an offset of a message, and where the bytes behind it begin. Each compression pointer must lead to a lower offset than
 * the last, so a loop ends itself.
 */
export function decodeName(message: Buffer, offset: number): { name: string; end: number } {
  let text = '';
  let at = offset;
  let end = -1;
  let lowest = offset;
  let length = 1;
  for (;;) {
    const size = message[at];
    if (size === undefined) throw new DnsFormatError('name cut short');
    if (size === 0) return { name: text === '' ? '.' : text, end: end === -1 ? at + 1 : end };
    if (size >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) throw new DnsFormatError('pointer cut short');
      if (end === -1) end = at + 2;
      at = ((size & 0x3f) << 8) | low;
      if (at >= lowest) throw new DnsFormatError('pointer does not go back');
      lowest = at;
      continue;
    }
    if (size > labelMax) throw new DnsFormatError('unknown label type');
    length += size + 1;
    if (length > nameMax) throw new DnsFormatError('name too long');
    if (at + 1 + size > message.length) throw new DnsFormatError('label cut short');
    text += (text === '' ? '' : '.') + labelText(message, at + 1, at + 1 + size);
    at += 1 + size;
  }
}

function labelText(message: Buffer, start: number, end: number): string {
  const label = message.toString('latin1', start, end);
  if (/^[a-z0-9_*-]+$/.test(label)) return label;
  // Escaped first: only A to Z have two cases (RFC 4343), not the letters of Latin-1.
  return label.replace(/[^\x21-\x7e]|[.\\]/g, escaped).toLowerCase();
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  if (code === DOT || code === BACKSLASH) return `\\${char}`;
  return `\\${String(code).padStart(3, '0')}`;
}

/** The labels of a text form. */
export function labelsOf(name: string): string[] {
  return name === '.' ? [] : (name.match(/(?:\\.|[^.\\])+/g) ?? []);
}

/** The name lies at or below the ancestor. Both in text form. */
export function isWithin(name: string, ancestor: string): boolean {
  if (ancestor === '.' || name === ancestor) return true;
  if (!name.endsWith(`.${ancestor}`)) return false;
  // The dot must be a separator: the label `x\.example` is not below `example`.
  const before = /\\*$/.exec(name.slice(0, -ancestor.length - 1))![0];
  return before.length % 2 === 0;
}

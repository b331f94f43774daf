/** IMAP sections (RFC 3501, 6.4.5; RFC 9051, 6.4.5.1) as byte ranges of a stored message, from its index alone. */
import { findField, parseHeaders } from './headers.ts';
import type { MessageIndex, Part } from './structure.ts';

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export type SectionText = 'HEADER' | 'TEXT' | 'MIME';

/** The part at an IMAP section path; `[]` is the message itself. */
export function partAt(index: MessageIndex, path: readonly number[]): Part | undefined {
  if (path.length === 0) return index.root;
  let part: Part | undefined = numbered(index.root, path[0]!);
  for (const number of path.slice(1)) {
    if (part?.parts) part = part.parts[number - 1];
    else if (part?.message) part = numbered(part.message.root, number);
    else return undefined;
  }
  return part;
}

/** Parts of a message: those of its multipart, or the single one it is. */
function numbered(root: Part, number: number): Part | undefined {
  if (root.parts) return root.parts[number - 1];
  return number === 1 ? root : undefined;
}

/**
 * The bytes of `BODY[path.text]`; undefined when the message has no such section. HEADER and TEXT with a path are those
 * of the message inside a message/rfc822 part; MIME is the header of the part itself.
 */
export function sectionRange(
  index: MessageIndex,
  path: readonly number[],
  text?: SectionText,
): ByteRange | undefined {
  const part = partAt(index, path);
  if (part === undefined) return undefined;
  if (path.length === 0) {
    if (text === undefined) return { start: 0, end: index.sizeBytes };
    return text === 'MIME' ? undefined : half(part, text);
  }
  if (text === undefined) return { start: part.bodyStart, end: part.bodyEnd };
  if (text === 'MIME') return { start: part.headerStart, end: part.bodyStart };
  return part.message && half(part.message.root, text);
}

function half(root: Part, text: 'HEADER' | 'TEXT'): ByteRange {
  if (text === 'HEADER') return { start: root.headerStart, end: root.bodyStart };
  return { start: root.bodyStart, end: root.bodyEnd };
}

const crlf = Buffer.from('\r\n');

/** HEADER.FIELDS and HEADER.FIELDS.NOT: the fields as they are, in their order, and the blank line. Names in any case. */
export function selectFields(header: Buffer, names: readonly string[], not: boolean): Buffer {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const pieces: Buffer[] = [];
  for (const field of parseHeaders(header).fields) {
    if (wanted.has(field.name) !== not) pieces.push(header.subarray(field.start, field.end));
  }
  return Buffer.concat([...pieces, crlf]);
}

/** The value of a header field as bytes, without the name and the last line end. */
export function rawValue(header: Buffer, name: string): Buffer | undefined {
  const field = findField(parseHeaders(header), name.toLowerCase());
  if (field === undefined) return undefined;
  let end = field.end;
  while (end > field.valueStart && (header[end - 1] === 0x0a || header[end - 1] === 0x0d)) end--;
  return header.subarray(field.valueStart, end);
}

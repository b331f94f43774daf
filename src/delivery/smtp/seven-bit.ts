/**
 * A message for a server that takes 7 bits only (RFC 6152, 3): parts in 8bit or binary are encoded anew, and nothing else changes.
 *
 * Not done, and so returned to the sender: what is signed (multipart/signed, RFC 1847; a DKIM signature of somebody else), because a changed part breaks
 * the signature, and 8-bit headers, which have no 7-bit form. A signature or seal that was put on top here is taken off again: mail without one is worth more
 * than mail that does not arrive, or one that does not hold.
 */
import { encodeBase64Lines, encodeQuotedPrintable } from '../../proto/mime/encode-transfer.ts';
import { findField, parseHeaders } from '../../proto/mime/headers.ts';
import { indexMessage, type Part } from '../../proto/mime/structure.ts';

export function hasEightBitHeader(bytes: Buffer): boolean {
  return isEightBit(bytes.subarray(0, headerEnd(bytes)));
}

/** Undefined when it cannot be done. */
export function asSevenBit(message: Buffer): Buffer | undefined {
  const bytes = message.subarray(ownSignaturesEnd(message));
  const header = parseHeaders(bytes);
  const signed = findField(header, 'dkim-signature') ?? findField(header, 'arc-seal');
  if (signed || isEightBit(bytes.subarray(0, headerEnd(bytes)))) return undefined;
  const edits: Edit[] = [];
  const { root } = indexMessage(bytes);
  if (!plan(bytes, root, edits)) return undefined;
  return applied(bytes, edits);
}

/** Where our signatures end, or the seal of what we send on: nobody else's stand above the topmost trace field, which is ours. */
function ownSignaturesEnd(message: Buffer): number {
  const { fields } = parseHeaders(message);
  const sealed = fields[0]?.name.startsWith('arc-') === true;
  const [ours, trace] = sealed ? ['arc-', 'delivered-to'] : ['dkim-signature', 'received'];
  const first = fields.findIndex(({ name }) => !name.startsWith(ours));
  return first > 0 && fields[first]!.name === trace ? fields[first]!.start : 0;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** False when the part or one within it cannot be converted. */
function plan(bytes: Buffer, part: Part, edits: Edit[]): boolean {
  if (part.type === 'multipart' && part.subtype === 'signed')
    return !isEightBit(bytes.subarray(part.bodyStart, part.bodyEnd));
  if (isEightBit(bytes.subarray(part.headerStart, part.bodyStart))) return false;
  const eightBit = part.encoding === '8bit' || part.encoding === 'binary';
  const inner = part.parts ?? (part.message ? [part.message.root] : undefined);
  if (inner) {
    if (eightBit) edits.push(encodingEdit(bytes, part, '7bit'));
    return inner.every((each) => plan(bytes, each, edits));
  }
  const body = bytes.subarray(part.bodyStart, part.bodyEnd);
  if (!eightBit && !isEightBit(body)) return true;
  const text = part.type === 'text' && part.encoding !== 'binary';
  edits.push(encodingEdit(bytes, part, text ? 'quoted-printable' : 'base64'));
  edits.push({
    start: part.bodyStart,
    end: part.bodyEnd,
    bytes: text ? encodeQuotedPrintable(body) : encodeBase64Lines(body),
  });
  return true;
}

/** The field that says how the part is encoded, changed or added at the end of the part's header. */
function encodingEdit(bytes: Buffer, part: Part, encoding: string): Edit {
  const line = Buffer.from(`Content-Transfer-Encoding: ${encoding}\r\n`);
  const header = parseHeaders(bytes, part.headerStart, part.bodyStart);
  const field = findField(header, 'content-transfer-encoding');
  if (field) return { start: field.start, end: field.end, bytes: line };
  return { start: header.end, end: header.end, bytes: line };
}

function applied(bytes: Buffer, edits: readonly Edit[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    pieces.push(bytes.subarray(at, edit.start), edit.bytes);
    at = edit.end;
  }
  pieces.push(bytes.subarray(at));
  return Buffer.concat(pieces);
}

function headerEnd(bytes: Buffer): number {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  return end === -1 ? bytes.length : end;
}

function isEightBit(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte > 0x7f) return true;
  return false;
}

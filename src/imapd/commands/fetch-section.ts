/**
 * BODY[…], BINARY[…] and the RFC822 items: bytes of a message (RFC 3501, 6.4.5; RFC 3516).
 *
 * A partial answer names its start alone and is cut at the end; a start behind the end gives an empty string; a section that the message does not have is
 * NIL. What is large is read and sent in pieces, so a message of any size needs a bounded buffer.
 */
import type { StoredBody } from '../../mailbox/mailboxes.ts';
import type { Partial, SectionItem } from '../../proto/imap/command.ts';
import { decodeTransfer } from '../../proto/mime/decode-transfer.ts';
import { partAt, sectionRange, selectFields, type ByteRange } from '../../proto/mime/section.ts';
import type { MessageIndex, Part } from '../../proto/mime/structure.ts';
import { outputSliceBytes } from '../options.ts';
import { no } from '../replies.ts';
import type { ByteItem } from './fetch-plan.ts';
import type { WithMailbox } from './run.ts';

/** Pieces in which large sections are read and sent. */
const pieceBytes = 4 * outputSliceBytes;

/** Encodings that BINARY undoes; others are UNKNOWN-CTE. */
const knownEncodings = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable']);

interface Source {
  readonly body: StoredBody;
  readonly index: MessageIndex | undefined;
}

export async function sendSection(session: WithMailbox, item: ByteItem, source: Source): Promise<void> {
  if (item.is === 'binarySize') {
    const bytes = await decodedPart(session, item.path, source);
    session.out.text(`${item.label} ${bytes?.length ?? 0}`);
    return;
  }
  const label = item.partial === undefined ? item.label : `${item.label}<${item.partial.offset}>`;
  session.out.text(`${label} `);
  if (item.binary) return sendBytes(session, await decodedPart(session, item.path, source), item);
  const range = rangeOf(item, source);
  if (range === undefined) return session.out.text('NIL');
  if (item.of === 'fields' || item.of === 'fieldsNot') {
    const header = await session.server.parts.mailboxes.read(
      source.body,
      range.start,
      range.end - range.start,
    );
    return sendBytes(session, selectFields(asBuffer(header), item.fields, item.of === 'fieldsNot'), item);
  }
  await sendRange(session, source.body, clip(range, item.partial));
}

/** Throws, before anything of the message is written, if a part cannot be decoded for BINARY. */
export function checkEncodings(items: readonly ByteItem[], index: MessageIndex | undefined): void {
  for (const item of items) {
    if (index === undefined || (item.is === 'section' && !item.binary) || item.path.length === 0) continue;
    const part = partAt(index, item.path);
    if (part === undefined || isStructured(part) || knownEncodings.has(part.encoding)) continue;
    throw no('The transfer encoding of a part is not known', 'UNKNOWN-CTE');
  }
}

function rangeOf(item: SectionItem, { body, index }: Source): ByteRange | undefined {
  if (item.of === 'all' && item.path.length === 0) return { start: 0, end: sizeOf(body) };
  switch (item.of) {
    case 'all':
      return sectionRange(index!, item.path);
    case 'text':
      return sectionRange(index!, item.path, 'TEXT');
    case 'mime':
      return sectionRange(index!, item.path, 'MIME');
    default:
      return sectionRange(index!, item.path, 'HEADER');
  }
}

const sizeOf = (body: StoredBody): number => (body.is === 'inline' ? body.bytes.length : body.sizeBytes);

function clip({ start, end }: ByteRange, partial: Partial | undefined): ByteRange {
  if (partial === undefined) return { start, end };
  const from = Math.min(start + partial.offset, end);
  return { start: from, end: Math.min(from + partial.length, end) };
}

/** An empty string is `""`, never `{0}`. */
async function sendRange(session: WithMailbox, body: StoredBody, { start, end }: ByteRange): Promise<void> {
  const { out } = session;
  const { mailboxes } = session.server.parts;
  if (start >= end) return out.text('""');
  out.text(`{${end - start}}\r\n`);
  for (let at = start; at < end; ) {
    const bytes = await mailboxes.read(body, at, Math.min(pieceBytes, end - at));
    // The length was announced: a body that is shorter than its size cannot be mended on this connection.
    if (bytes.length === 0) {
      session.connection.destroy('body is shorter than its size');
      throw new Error('A stored body is shorter than its size');
    }
    out.bytes(bytes);
    at += bytes.length;
    if (at < end && out.full) await out.pause();
  }
}

function sendBytes(session: WithMailbox, bytes: Uint8Array | undefined, item: SectionItem): void {
  const { out } = session;
  if (bytes === undefined) return out.text('NIL');
  const { start, end } = clip({ start: 0, end: bytes.length }, item.partial);
  if (start >= end) return out.text('""');
  const part = bytes.subarray(start, end);
  // A literal8 where there is a NUL (RFC 3516, 4.3).
  out.text(`${item.binary && part.includes(0) ? '~' : ''}{${part.length}}\r\n`);
  out.bytes(part);
}

async function decodedPart(
  session: WithMailbox,
  path: readonly number[],
  { body, index }: Source,
): Promise<Uint8Array | undefined> {
  const part = partAt(index!, path);
  if (part === undefined) return undefined;
  const range =
    path.length === 0 ? { start: 0, end: sizeOf(body) } : { start: part.bodyStart, end: part.bodyEnd };
  const bytes = asBuffer(
    await session.server.parts.mailboxes.read(body, range.start, range.end - range.start),
  );
  if (path.length === 0 || isStructured(part)) return bytes;
  return decodeTransfer(bytes, part.encoding);
}

const isStructured = (part: Part): boolean => part.parts !== undefined || part.message !== undefined;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

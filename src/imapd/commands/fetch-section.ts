/**
 * BODY[…] and the RFC822 items: bytes of a message (RFC 3501, 6.4.5). BINARY[…] is in fetch-binary.ts.
 *
 * A partial answer names its start alone and is cut at the end; a start behind the end gives an empty string; a section that the message does not have is
 * NIL. What is large is read and sent in pieces, so a message of any size needs a bounded buffer.
 */
import type { StoredBody } from '../../mailbox/mailboxes.ts';
import type { Partial, SectionItem } from '../../proto/imap/command.ts';
import { partAt, sectionRange, selectFields, type ByteRange } from '../../proto/mime/section.ts';
import type { MessageIndex } from '../../proto/mime/structure.ts';
import { sectionPieceBytes } from '../options.ts';
import { no } from '../replies.ts';
import { isStructured, sendBinary, sendBinarySize, sizeOf, type BinarySource } from './fetch-binary.ts';
import type { ByteItem } from './fetch-plan.ts';
import type { LoggedIn, WithMailbox } from './run.ts';

/** Encodings that BINARY undoes; others are UNKNOWN-CTE. */
const knownEncodings = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable']);

interface Source {
  readonly body: StoredBody;
  readonly index: MessageIndex | undefined;
}

/** Which items need the index is known to the plan. */
const withIndex = ({ body, index }: Source): BinarySource => ({ body, index: index! });

export async function sendSection(session: WithMailbox, item: ByteItem, source: Source): Promise<void> {
  if (item.is === 'binarySize') return sendBinarySize(session, item, withIndex(source));
  const label = item.partial === undefined ? item.label : `${item.label}<${item.partial.offset}>`;
  session.out.text(`${label} `);
  if (item.binary) return sendBinary(session, item, withIndex(source));
  const range = rangeOf(item, source);
  if (range === undefined) return session.out.text('NIL');
  if (item.of === 'fields' || item.of === 'fieldsNot')
    return sendBytes(session, await fieldsOf(session, item, { source, range }), item);
  await sendRange(session, source.body, clip(range, item.partial));
}

async function fieldsOf(
  session: LoggedIn,
  item: SectionItem,
  { source, range }: { source: Source; range: ByteRange },
): Promise<Buffer> {
  const { start, end } = range;
  const header = await session.server.parts.mailboxes.read(source.body, start, end - start);
  return selectFields(asBuffer(header), item.fields, item.of === 'fieldsNot');
}

/** The bytes of a section in pieces; undefined when the message does not have it. */
export async function sectionPieces(
  session: LoggedIn,
  item: SectionItem,
  source: Source,
): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined> {
  const range = rangeOf(item, source);
  if (range === undefined) return undefined;
  if (item.of === 'fields' || item.of === 'fieldsNot') {
    const fields = await fieldsOf(session, item, { source, range });
    const { start, end } = clip({ start: 0, end: fields.length }, item.partial);
    return [fields.subarray(start, end)];
  }
  return rangePieces(session, source.body, clip(range, item.partial));
}

async function* rangePieces(
  session: LoggedIn,
  body: StoredBody,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const bytes = await session.server.parts.mailboxes.read(body, at, Math.min(sectionPieceBytes, end - at));
    if (bytes.length === 0) throw new Error('A stored body is shorter than its size');
    yield bytes;
    at += bytes.length;
  }
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
    const bytes = await mailboxes.read(body, at, Math.min(sectionPieceBytes, end - at));
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

function sendBytes(session: WithMailbox, bytes: Uint8Array, item: SectionItem): void {
  const { out } = session;
  const { start, end } = clip({ start: 0, end: bytes.length }, item.partial);
  if (start >= end) return out.text('""');
  out.text(`{${end - start}}\r\n`);
  out.bytes(bytes.subarray(start, end));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

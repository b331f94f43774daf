/**
 * BINARY[…] and BINARY.SIZE[…]: a part without its transfer encoding (RFC 3516).
 *
 * The size stands before the bytes, so a large part is decoded twice, piece by piece, and is never held as a whole.
 */
import type { StoredBody } from '../../mailbox/mailboxes.ts';
import { transferDecoder } from '../../proto/mime/decode-transfer.ts';
import { partAt, type ByteRange } from '../../proto/mime/section.ts';
import type { MessageIndex, Part } from '../../proto/mime/structure.ts';
import { sectionPieceBytes } from '../options.ts';
import type { ByteItem } from './fetch-plan.ts';
import type { WithMailbox } from './run.ts';

export interface BinarySource {
  readonly body: StoredBody;
  readonly index: MessageIndex;
}

interface Encoded extends ByteRange {
  readonly body: StoredBody;
  readonly encoding: string;
}

/** What is sent of a part, once decoded: all of it, or the piece that was asked for. */
interface Slice extends ByteRange {
  readonly hasNul: boolean;
}

export async function sendBinarySize(
  session: WithMailbox,
  item: ByteItem,
  source: BinarySource,
): Promise<void> {
  const part = encodedPart(item.path, source);
  let sizeBytes = 0;
  if (part !== undefined) for await (const piece of decoded(session, part)) sizeBytes += piece.length;
  session.out.text(`${item.label} ${sizeBytes}`);
}

/** The label has been sent. */
export async function sendBinary(
  session: WithMailbox,
  item: Extract<ByteItem, { is: 'section' }>,
  source: BinarySource,
): Promise<void> {
  const { out } = session;
  const part = encodedPart(item.path, source);
  if (part === undefined) return out.text('NIL');
  const { start, end, hasNul } = await sliceOf(session, part, item.partial);
  if (start >= end) return out.text('""');
  // A literal8 where there is a NUL (RFC 3516, 4.3).
  out.text(`${hasNul ? '~' : ''}{${end - start}}\r\n`);
  let at = 0;
  for await (const piece of decoded(session, part)) {
    const bytes = within(piece, at, { start, end });
    at += piece.length;
    if (bytes.length > 0) out.bytes(bytes);
    if (at >= end) return;
    if (out.full) await out.pause();
  }
}

/** Undefined when the message has no such part. */
function encodedPart(path: readonly number[], { body, index }: BinarySource): Encoded | undefined {
  const part = partAt(index, path);
  if (part === undefined) return undefined;
  const whole = path.length === 0;
  const range = whole ? { start: 0, end: sizeOf(body) } : { start: part.bodyStart, end: part.bodyEnd };
  return { ...range, body, encoding: whole || isStructured(part) ? 'binary' : part.encoding };
}

async function sliceOf(
  session: WithMailbox,
  part: Encoded,
  partial: { readonly offset: number; readonly length: number } | undefined,
): Promise<Slice> {
  const start = partial?.offset ?? 0;
  const end = partial === undefined ? Infinity : start + partial.length;
  let at = 0;
  let hasNul = false;
  for await (const piece of decoded(session, part)) {
    hasNul ||= within(piece, at, { start, end }).includes(0);
    at += piece.length;
  }
  return { start: Math.min(start, at), end: Math.min(end, at), hasNul };
}

/** What of a piece that begins at `at` lies in the range. */
const within = (piece: Buffer, at: number, { start, end }: ByteRange): Buffer =>
  piece.subarray(Math.max(0, start - at), Math.max(0, end - at));

async function* decoded(
  session: WithMailbox,
  { body, start, end, encoding }: Encoded,
): AsyncGenerator<Buffer> {
  const { mailboxes } = session.server.parts;
  const decoder = transferDecoder(encoding);
  for (let at = start; at < end; ) {
    const bytes = await mailboxes.read(body, at, Math.min(sectionPieceBytes, end - at));
    if (bytes.length === 0) break;
    at += bytes.length;
    yield decoder.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }
  yield decoder.end();
}

export const sizeOf = (body: StoredBody): number =>
  body.is === 'inline' ? body.bytes.length : body.sizeBytes;

export const isStructured = (part: Part): boolean => part.parts !== undefined || part.message !== undefined;

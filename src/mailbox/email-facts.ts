/**
 * What is known of an email without reading it again: computed once, when it comes in, on the thread that received it.
 *
 * `EmailFacts` is what a placement or an append carries: scalars for rows, and the details in their stored form. `EmailDetails` is what
 * a reader gets back: the MIME index with envelope and offsets, and the preview.
 */
import { hash } from 'node:crypto';
import { baseSubject } from '../proto/mime/base-subject.ts';
import { hasAttachment } from '../proto/mime/body-list.ts';
import { parseDate } from '../proto/mime/date.ts';
import { decodeWords } from '../proto/mime/encoded-word.ts';
import type { Envelope } from '../proto/mime/envelope.ts';
import { fieldText, findField, parseHeaders } from '../proto/mime/headers.ts';
import { parseMessageIds } from '../proto/mime/message-id.ts';
import { indexMessage, type MessageIndex } from '../proto/mime/structure.ts';
import { partContent, preview, previewOf } from '../proto/mime/text.ts';
import { isTnef, tnefBodyOf } from '../proto/tnef/tnef-text.ts';
import type { Bodies, StoredBody } from '../store/body.ts';
import { foldSubject } from './facts/fold-subject.ts';
import { Squeezer } from './facts/squeezer.ts';
import { stretchIndex } from './facts/stretch.ts';
import { encodeDetails } from './stored-details.ts';

/** Must survive a structured clone. */
export interface EmailFacts {
  readonly sizeBytes: number;
  /** From the Date field; undefined when there is none that can be read. */
  readonly sentAtMs: number | undefined;
  /** Hashes of own Message-ID and of those it refers to, at most `referencesMax`; below 2^52. */
  readonly references: readonly number[];
  /** Hash of the base subject (RFC 5256, 2.1), below 2^52. */
  readonly subject: number;
  /** `EmailDetails` as it is stored (stored-details.ts). */
  readonly details: string;
}

export interface EmailDetails {
  readonly index: MessageIndex;
  readonly preview: string;
  readonly hasAttachment: boolean;
  /** Of the Date field, with its zone in minutes east; undefined when there is none that can be read. */
  readonly sentAtMs?: number | undefined;
  readonly sentZoneMinutes: number;
  /** Hashes of the message ids it refers to, the oldest first (RFC 5256, 3: References, else the first of In-Reply-To). Absent: none. */
  readonly ancestors?: readonly number[] | undefined;
}

/** Own id, the first reference, and the last ones: a long chain is bounded without losing either end. */
export const referencesMax = 20;

/** Larger bodies are indexed without having them in memory as a whole. */
const wholeMaxBytes = 1024 * 1024;
/** What is kept of a large body behind each line that may be a boundary: a header, and text enough for a preview. */
const keptBytes = 128 * 1024;

/** Never throws: whatever the bytes are, they are a message of some kind. */
export function prepareEmail(bytes: Uint8Array): EmailFacts {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const index = indexMessage(buffer);
  return factsOf(buffer, index, index);
}

/** The same for a body that is stored already: in constant memory, however large it is. */
export async function prepareStored(bodies: Bodies, body: StoredBody): Promise<EmailFacts> {
  if (body.is === 'inline') return prepareEmail(body.bytes);
  if (body.sizeBytes > wholeMaxBytes) {
    const facts = await prepareChunks(bodies.stream(body), keptBytes);
    if (facts !== undefined) return facts;
  }
  return prepareEmail(await bodies.read(body));
}

/** Undefined when the message cannot be indexed in pieces. `kept` is a parameter for tests alone. */
export async function prepareChunks(
  chunks: AsyncIterable<Uint8Array>,
  kept: number,
): Promise<EmailFacts | undefined> {
  const squeezer = new Squeezer(kept);
  for await (const chunk of chunks)
    squeezer.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  const squeezed = squeezer.finish();
  const index = indexMessage(squeezed.kept);
  const whole = stretchIndex(index, squeezed);
  return whole && factsOf(squeezed.kept, index, whole);
}

/** `index` is that of the bytes; `whole` is what is stored. */
function factsOf(bytes: Buffer, index: MessageIndex, whole: MessageIndex): EmailFacts {
  const { envelope } = index;
  const sent = envelope.date === undefined ? undefined : parseDate(envelope.date);
  const ancestors = ancestorsOf(bytes, index);
  const details: EmailDetails = {
    index: whole,
    preview: preview(bytes, index) || wrappedPreview(bytes, index),
    hasAttachment: hasAttachment(index.root),
    ...(sent === undefined ? {} : { sentAtMs: sent.atMs }),
    sentZoneMinutes: sent?.zoneMinutes ?? 0,
    ...(ancestors.length === 0 ? {} : { ancestors }),
  };
  return {
    sizeBytes: whole.sizeBytes,
    sentAtMs: sent?.atMs,
    references: referencesOf(bytes, index),
    subject: textHash(foldSubject(baseSubject(decodeWords(envelope.subject ?? '')).base)),
    details: encodeDetails(details),
  };
}

/** What Outlook has wrapped as a whole reads from within. */
function wrappedPreview(bytes: Buffer, { root }: MessageIndex): string {
  const wrapped = [root, ...(root.parts ?? [])].find(isTnef);
  return wrapped === undefined ? '' : previewOf(tnefBodyOf(partContent(bytes, wrapped)));
}

/** Ids of the References field, the oldest first. */
function referenceField(bytes: Buffer, { root }: MessageIndex): string[] {
  const headers = parseHeaders(bytes, root.headerStart, root.bodyStart);
  const field = findField(headers, 'references');
  return field === undefined ? [] : parseMessageIds(fieldText(bytes, field));
}

function ancestorsOf(bytes: Buffer, index: MessageIndex): number[] {
  const references = referenceField(bytes, index);
  if (references.length > 0) return references.map(textHash);
  return ancestorsByReply(index.envelope);
}

/** What In-Reply-To alone tells. */
export function ancestorsByReply({ inReplyTo }: Envelope): number[] {
  return inReplyTo === undefined ? [] : parseMessageIds(inReplyTo).slice(0, 1).map(textHash);
}

/** The hash of the Message-ID, or 0 when there is none. */
export function ownIdHash({ messageId }: Envelope): number {
  const id = messageId === undefined ? undefined : parseMessageIds(messageId)[0];
  return id === undefined ? 0 : textHash(id);
}

function referencesOf(bytes: Buffer, index: MessageIndex): number[] {
  const { envelope } = index;
  const references = referenceField(bytes, index);
  const replied = envelope.inReplyTo === undefined ? [] : parseMessageIds(envelope.inReplyTo);
  const own = envelope.messageId === undefined ? [] : parseMessageIds(envelope.messageId).slice(0, 1);
  const others = [...new Set([...references, ...replied])].filter((id) => id !== own[0]);
  const room = referencesMax - own.length;
  const kept = others.length <= room ? others : [others[0]!, ...others.slice(1 - room)];
  return [...own, ...kept].map(textHash);
}

/** As `ancestors` has it; `messageId` with its angle brackets. */
export const messageIdHash = (messageId: string): number => textHash(messageId);

/** 52 bits of SHA-256: what a stranger writes into a header does not choose whose thread it falls into. */
function textHash(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 13), 16);
}

/** Blobs: messages of emails, their parts, and what was uploaded (RFC 8620, 6). Read only by who may read the mail they are of. */
import type { AccountId } from '../../base/ids.ts';
import type { StoredBody } from '../../mailbox/mailboxes.ts';
import { decodeTransfer } from '../../proto/mime/decode-transfer.ts';
import { partAt } from '../../proto/mime/section.ts';
import { indexMessage, type MessageIndex, type Part, presentedType } from '../../proto/mime/structure.ts';
import type { HttpParts } from '../parts.ts';
import { type BlobId, parseBlobId } from './blob-id.ts';
import type { Reach } from './mail/reach.ts';

type Parts = Pick<HttpParts, 'mailboxes'>;

export interface Blob {
  readonly id: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** Where it lies as a whole; undefined for a part of something. */
  readonly stored: StoredBody | undefined;
  bytes(): Promise<Buffer>;
  stream(): AsyncIterable<Uint8Array>;
}

/** Undefined: there is none, or not for who asks. */
export async function openBlob(parts: Parts, reach: Reach, id: string): Promise<Blob | undefined> {
  const blobId = parseBlobId(id);
  const root = blobId && (await rootOf(parts, reach, blobId));
  if (blobId === undefined || root === undefined) return undefined;
  const whole = storedBlob(parts, { id, ...root });
  return blobId.paths.length === 0 ? whole : partOf(whole, id, blobId.paths);
}

interface Root {
  readonly type: string;
  readonly body: StoredBody;
}

async function rootOf({ mailboxes }: Parts, reach: Reach, { root }: BlobId): Promise<Root | undefined> {
  const account: AccountId = reach.account.id;
  if (root.is === 'upload') {
    const upload = await mailboxes.mail.uploaded(account, root.id);
    return upload && { type: upload.type, body: upload.body };
  }
  const found = await mailboxes.mail.emails(account, [root.email], reach.readable);
  const body = found.has(root.email) ? await mailboxes.body(account, root.email) : undefined;
  return body && { type: 'message/rfc822', body };
}

function storedBlob({ mailboxes }: Parts, { id, type, body }: Root & { readonly id: string }): Blob {
  const sizeBytes = body.is === 'inline' ? body.bytes.length : body.sizeBytes;
  return {
    id,
    type,
    sizeBytes,
    stored: body,
    bytes: async () => asBuffer(await mailboxes.read(body, 0, sizeBytes)),
    stream: () => mailboxes.stream(body),
  };
}

async function partOf(whole: Blob, id: string, paths: BlobId['paths']): Promise<Blob | undefined> {
  let bytes = await whole.bytes();
  let part: Part | undefined;
  for (const path of paths) {
    const index: MessageIndex = indexMessage(bytes);
    part = partAt(index, path);
    if (part === undefined || part.parts !== undefined) return undefined;
    bytes = decodeTransfer(bytes.subarray(part.bodyStart, part.bodyEnd), part.encoding);
  }
  const { type, subtype } = presentedType(part!);
  return bytesBlob(id, `${type}/${subtype}`, bytes);
}

function bytesBlob(id: string, type: string, bytes: Buffer): Blob {
  return {
    id,
    type,
    sizeBytes: bytes.length,
    stored: undefined,
    bytes: async () => bytes,
    async *stream() {
      yield bytes;
    },
  };
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The blob as the body of an email or upload to be. */
export async function bodyOf({ mailboxes }: Parts, blob: Blob): Promise<StoredBody> {
  if (blob.stored !== undefined) return ownBody(mailboxes, blob.stored);
  const writer = mailboxes.bodyWriter();
  try {
    await writer.write(await blob.bytes());
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer.finish();
}

/** A file is copied: the one that is there may be swept once nothing else has it. */
async function ownBody(mailboxes: Parts['mailboxes'], body: StoredBody): Promise<StoredBody> {
  if (body.is === 'inline') return body;
  const writer = mailboxes.bodyWriter();
  try {
    for await (const chunk of mailboxes.stream(body)) await writer.write(chunk);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer.finish();
}

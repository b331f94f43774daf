/** Blob/upload (RFC 9404, 4.1): a blob from texts, base64, and ranges of other blobs. */
import { isUtf8 } from 'node:buffer';
import { limits } from '../../../proto/jmap/limits.ts';
import {
  invalidArguments,
  invalidProperties,
  MethodError,
  SetError,
} from '../../../proto/jmap/method-error.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import type { HttpParts } from '../../parts.ts';
import { uploadBlobId } from '../blob-id.ts';
import { openBlob } from '../blobs.ts';
import { type Reach, reachOf } from '../mail/reach.ts';
import type { Answer, Context, Method } from '../method.ts';
import { setErrorOf } from '../set-error.ts';

type Parts = Pick<HttpParts, 'mailboxes'>;

/** Pieces of one blob. */
export const dataSourcesMax = 64;
const typeForm = /^[A-Za-z0-9!#$&^_.+-]{1,127}\/[A-Za-z0-9!#$&^_.+-]{1,127}(?:\s*;.{0,500})?$/s;

export function blobUpload(parts: Parts): Method {
  return async (args, context) => {
    const reach = await reachOf(parts, args, context);
    const { create = null } = args;
    if (create === null || !isObject(create) || !Object.values(create).every(isObject))
      throw invalidArguments('create is a map of objects');
    if (Object.keys(create).length > limits.maxObjectsInSet) throw new MethodError('requestTooLarge');
    if (reach.account.isReadOnly) throw new MethodError('accountReadOnly');
    const created: Record<string, Answer> = {};
    const notCreated: Record<string, Answer> = {};
    for (const [creationId, given] of Object.entries(create as Record<string, Answer>))
      try {
        const made = await uploaded({ parts, reach, context }, given);
        created[creationId] = made;
        context.createdIds.set(creationId, made.id);
      } catch (error) {
        notCreated[creationId] = setErrorOf(error).answer;
      }
    return {
      accountId: reach.account.id,
      created: Object.keys(created).length > 0 ? created : null,
      notCreated: Object.keys(notCreated).length > 0 ? notCreated : null,
    };
  };
}

interface Uploading {
  readonly parts: Parts;
  readonly reach: Reach;
  readonly context: Context;
}

async function uploaded(
  uploading: Uploading,
  { data, type = null }: Answer,
): Promise<{ id: string; type: string; size: number }> {
  if (type !== null && (typeof type !== 'string' || !typeForm.test(type))) throw invalidProperties(['type']);
  if (!Array.isArray(data)) throw invalidProperties(['data']);
  if (data.length > dataSourcesMax)
    throw new SetError('invalidProperties', `more than ${dataSourcesMax} pieces`, { properties: ['data'] });
  const pieces: Buffer[] = [];
  let size = 0;
  for (const [index, source] of data.entries()) {
    const piece = await pieceOf(uploading, source, `data/${index}`);
    size += piece.length;
    if (size > limits.maxSizeUpload)
      throw new SetError('tooLarge', undefined, { maxSize: limits.maxSizeUpload });
    pieces.push(piece);
  }
  const { mailboxes } = uploading.parts;
  const writer = mailboxes.bodyWriter();
  try {
    for (const piece of pieces) await writer.write(piece);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const given = type ?? 'application/octet-stream';
  const { id } = await mailboxes.mail.upload(uploading.reach.account.id, given, await writer.finish());
  return { id: uploadBlobId(id), type: given, size };
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

async function pieceOf({ parts, reach, context }: Uploading, source: unknown, at: string): Promise<Buffer> {
  if (!isObject(source)) throw invalidProperties([at]);
  const kinds = ['data:asText', 'data:asBase64', 'blobId'].filter(
    (name) => source[name] !== undefined && source[name] !== null,
  );
  const [kind] = kinds;
  const value = kind === undefined ? undefined : source[kind];
  if (kinds.length !== 1 || typeof value !== 'string') throw invalidProperties([at]);
  if (kind === 'data:asText') return Buffer.from(value);
  if (kind === 'data:asBase64') {
    if (!base64.test(value)) throw invalidProperties([`${at}/data:asBase64`]);
    return Buffer.from(value, 'base64');
  }
  const id = value.startsWith('#') ? (context.createdIds.get(value.slice(1)) ?? '') : value;
  const found = await openBlob(parts, reach, id);
  if (found === undefined) throw new SetError('blobNotFound', undefined, { notFound: [value] });
  const { offset = null, length = null } = source;
  const start = numberAt(offset, `${at}/offset`) ?? 0;
  const count = numberAt(length, `${at}/length`) ?? found.sizeBytes - start;
  // RFC 9404, 4.1: a range that is not there is an error.
  if (start + count > found.sizeBytes || count < 0)
    throw invalidProperties([at], 'a range that is not there');
  return (await found.bytes()).subarray(start, start + count);
}

function numberAt(value: unknown, at: string): number | undefined {
  if (value === null) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalidProperties([at]);
  return value as number;
}

export const isText = (bytes: Buffer): boolean => isUtf8(bytes);

/** Blob/get (RFC 9404, 4.2): contents, ranges of them, and digests. */
import { createHash } from 'node:crypto';
import { limits } from '../../../proto/jmap/limits.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import type { HttpParts } from '../../parts.ts';
import { openBlob } from '../blobs.ts';
import { reachOf } from '../mail/reach.ts';
import type { Answer, Method } from '../method.ts';
import { idsOf } from '../../../proto/jmap/arguments.ts';
import { isText } from './upload.ts';

/** As the registry of digests names them (RFC 3230, RFC 5843), by what Node.js calls them. */
const digests: Readonly<Record<string, string>> = {
  sha: 'sha1',
  'sha-256': 'sha256',
  'sha-512': 'sha512',
};
export const digestNames: readonly string[] = Object.keys(digests);
const datas = ['data', 'data:asText', 'data:asBase64'];

export function blobGet(parts: Pick<HttpParts, 'mailboxes'>): Method {
  return async (args, context) => {
    const reach = await reachOf(parts, args, context);
    const ids = idsOf(args, 'ids');
    if (ids === undefined || ids.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge');
    const names = namesOf(args);
    const [offset, length] = [numberOf(args, 'offset') ?? 0, numberOf(args, 'length')];
    const list: Answer[] = [];
    const notFound: string[] = [];
    let octets = 0;
    for (const id of new Set(ids)) {
      const real = id.startsWith('#') ? (context.createdIds.get(id.slice(1)) ?? '') : id;
      const blob = await openBlob(parts, reach, real);
      if (blob === undefined) {
        notFound.push(id);
        continue;
      }
      const needsBytes = names.some((name) => name !== 'size');
      // Contents travel in one answer.
      octets += needsBytes ? Math.min(length ?? blob.sizeBytes, blob.sizeBytes) : 0;
      if (octets > limits.maxSizeUpload) throw new MethodError('requestTooLarge');
      const bytes = needsBytes ? await blob.bytes() : Buffer.alloc(0);
      const end = length === undefined ? bytes.length : Math.min(offset + length, bytes.length);
      const range = bytes.subarray(Math.min(offset, bytes.length), end);
      const isTruncated = needsBytes && (offset > bytes.length || offset + (length ?? 0) > bytes.length);
      list.push({
        id: real,
        ...contents(range, names),
        ...(names.includes('size') && { size: blob.sizeBytes }),
        ...(isTruncated && { isTruncated }),
      });
    }
    return { accountId: reach.account.id, list, notFound };
  };
}

function contents(range: Buffer, names: readonly string[]): Answer {
  const shown: Record<string, unknown> = {};
  for (const name of names) {
    const digest = name.startsWith('digest:') ? digests[name.slice('digest:'.length)] : undefined;
    if (digest !== undefined) shown[name] = createHash(digest).update(range).digest('base64');
  }
  const text = isText(range);
  if (names.includes('data:asBase64') || (names.includes('data') && !text))
    shown['data:asBase64'] = range.toString('base64');
  if (names.includes('data:asText') || (names.includes('data') && text))
    shown['data:asText'] = text ? range.toString() : null;
  // Octets that are no UTF-8 are not in the text (RFC 9404, 4.2).
  if (!text && (names.includes('data:asText') || names.includes('data'))) shown['isEncodingProblem'] = true;
  return shown;
}

function namesOf({ properties = null }: Arguments): readonly string[] {
  if (properties === null) return ['data', 'size'];
  if (!Array.isArray(properties) || !properties.every((each) => typeof each === 'string'))
    throw invalidArguments('properties is a list of names, or null');
  const isKnown = (name: string): boolean =>
    name === 'id' ||
    name === 'size' ||
    datas.includes(name) ||
    digestNames.some((each) => name === `digest:${each}`);
  const strange = properties.find((name) => !isKnown(name));
  if (strange !== undefined) throw invalidArguments(`no property ${strange}`);
  return properties.filter((name) => name !== 'id');
}

function numberOf(args: Arguments, name: string): number | undefined {
  const value = args[name] ?? null;
  if (value === null) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw invalidArguments(`${name} is an UnsignedInt`);
  return value as number;
}

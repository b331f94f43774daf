/** An Email as a client writes it (RFC 8621, 4.6): read and checked, before anything it names is looked for. Throws SetErrors. */
import { type DraftHeader, readHeaders } from './draft-header.ts';
import { type DraftPart, isGiven, PartReader } from './draft-part.ts';
import { invalidProperties } from './method-error.ts';
import type { Arguments } from './request.ts';

export interface EmailDraft {
  readonly headers: readonly DraftHeader[];
  readonly body: DraftPart;
}

const bodyProperties = new Set(['bodyStructure', 'bodyValues', 'textBody', 'htmlBody', 'attachments']);

/** `record` without what is of the email and not of its message (mailboxIds, keywords, receivedAt). */
export function readDraft(record: Arguments): EmailDraft {
  const headers = readHeaders(record, bodyProperties);
  const contentField = headers.find(({ name }) => /^(?:content-|mime-version$)/i.test(name));
  if (contentField !== undefined) throw invalidProperties([contentField.property]);
  const reader = new PartReader(record['bodyValues']);
  const body = !isGiven(record['bodyStructure']) ? reader.fromLists(record) : reader.fromStructure(record);
  const twice = body.headers.find(({ name }) =>
    headers.some((each) => each.name.toLowerCase() === name.toLowerCase()),
  );
  if (twice !== undefined) throw invalidProperties([twice.property]);
  return { headers, body };
}

/** Blobs that the draft names, each once. */
export function blobsOf(part: DraftPart): string[] {
  if (part.is === 'blob') return [part.blobId];
  return part.is === 'multipart' ? [...new Set(part.parts.flatMap(blobsOf))] : [];
}

/** Email objects as JMAP shows them (RFC 8621, 4.1). */
import type { EmailRow } from '../../../mailbox/account-mail.ts';
import { answered, draft, flagged, seen, splitKeywords } from '../../../mailbox/flags.ts';
import { emailId, mailboxId, threadId } from '../../../mailbox/ids.ts';
import { formatJmapDate, formatUtcDate } from '../../../proto/jmap/date.ts';
import { convenienceProperties, type EmailAsk } from '../../../proto/jmap/email-properties.ts';
import { addressJson, headerValue, messageIdsForm, textForm } from '../../../proto/jmap/header-form.ts';
import { type Address, flatten } from '../../../proto/mime/address.ts';
import { bodyLists } from '../../../proto/mime/body-list.ts';
import type { Envelope } from '../../../proto/mime/envelope.ts';
import type { MessageSource } from './message-source.ts';
import { bodyValues, headersJson, listJson, structureJson } from './part-json.ts';

type Json = Record<string, unknown>;

export const systemKeywords: readonly (readonly [keyword: string, flag: number])[] = [
  ['$seen', seen],
  ['$answered', answered],
  ['$flagged', flagged],
  ['$draft', draft],
];

/** What an email is, beside its message. */
export function metadataOf(rows: readonly EmailRow[], blobId: string): Json {
  const first = rows[0]!;
  return {
    id: emailId(first.email),
    blobId,
    threadId: threadId(first.thread),
    mailboxIds: Object.fromEntries(rows.map(({ mailbox }) => [mailboxId(mailbox), true])),
    keywords: keywordsJson(rows),
    size: first.size,
    receivedAt: formatUtcDate(first.received),
  };
}

/** In lower case. What is unread in one mailbox is unread. */
export function keywordsJson(rows: readonly EmailRow[]): Record<string, true> {
  const all = new Set<string>();
  for (const { flags, keywords } of rows) {
    for (const [keyword, flag] of systemKeywords) if ((flags & flag) !== 0) all.add(keyword);
    for (const keyword of splitKeywords(keywords)) all.add(keyword.toLowerCase());
  }
  if (!rows.every(({ flags }) => (flags & seen) !== 0)) all.delete('$seen');
  return Object.fromEntries([...all].map((keyword) => [keyword, true]));
}

/** `metadata` has what the message itself does not say. */
export async function emailJson(source: MessageSource, metadata: Json, ask: EmailAsk): Promise<Json> {
  const json: Json = {};
  for (const name of ask.properties)
    json[name] = Object.hasOwn(metadata, name) ? metadata[name] : await messageProperty(source, name, ask);
  if (ask.headers.length > 0) {
    const { bytes, block } = await source.header(source.root);
    for (const header of ask.headers) json[header.property] = headerValue(bytes, block, header);
  }
  return json;
}

async function messageProperty(source: MessageSource, name: string, ask: EmailAsk): Promise<unknown> {
  const { details, root } = source;
  switch (name) {
    case 'preview':
      return details.preview;
    case 'hasAttachment':
      return details.hasAttachment;
    case 'headers':
      return headersJson(await source.header(root));
    case 'bodyStructure':
      return structureJson(source, ask);
    case 'bodyValues':
      return bodyValues(source, ask);
    case 'textBody':
    case 'htmlBody':
    case 'attachments':
      return listJson(source, bodyLists(root)[name], ask);
    case 'references': {
      const { bytes, block } = await source.header(root);
      return headerValue(bytes, block, convenienceProperties.get(name)!);
    }
    default:
      return fromEnvelope(details.index.envelope, name, source);
  }
}

/** What is stored with the message: its header is not read for it. */
function fromEnvelope(envelope: Envelope, name: string, { details }: MessageSource): unknown {
  switch (name) {
    case 'subject':
      return envelope.subject === undefined ? null : textForm(envelope.subject);
    case 'sentAt':
      return details.sentAtMs === undefined
        ? null
        : formatJmapDate(details.sentAtMs, details.sentZoneMinutes);
    case 'messageId':
    case 'inReplyTo':
      return envelope[name] === undefined ? null : messageIdsForm(envelope[name]);
    case 'sender':
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
    case 'replyTo':
      return addressesJson(envelope[name]);
    default:
      return null;
  }
}

const addressesJson = (addresses: readonly Address[]): object[] | null =>
  addresses.length === 0 ? null : flatten(addresses).map(addressJson);

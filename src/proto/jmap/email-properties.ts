/** Which properties of emails and their parts a client asks for (RFC 8621, 4.1, 4.2 and 4.9). */
import { booleanOf, stringsOf, unsignedOf } from './arguments.ts';
import { type HeaderProperty, parseHeaderProperty } from './header-form.ts';
import { invalidArguments } from './method-error.ts';
import type { Arguments } from './request.ts';

/** Fields that have a name of their own (4.1.3). */
const convenience: Readonly<Record<string, string>> = {
  messageId: 'header:Message-ID:asMessageIds',
  inReplyTo: 'header:In-Reply-To:asMessageIds',
  references: 'header:References:asMessageIds',
  sender: 'header:Sender:asAddresses',
  from: 'header:From:asAddresses',
  to: 'header:To:asAddresses',
  cc: 'header:Cc:asAddresses',
  bcc: 'header:Bcc:asAddresses',
  replyTo: 'header:Reply-To:asAddresses',
  subject: 'header:Subject:asText',
  sentAt: 'header:Date:asDate',
};

export const convenienceProperties: ReadonlyMap<string, HeaderProperty> = new Map(
  Object.entries(convenience).map(([name, header]) => [name, parseHeaderProperty(header)!]),
);

const metadata = ['id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt'];
const body = [
  'bodyStructure',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
  'hasAttachment',
  'preview',
];
const known = new Set([...metadata, ...Object.keys(convenience), 'headers', ...body]);

const parseDefaults = [
  ...Object.keys(convenience),
  'hasAttachment',
  'preview',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
];
const getDefaults = [...metadata, ...parseDefaults];

const partDefaults = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
];
const partKnown = new Set([...partDefaults, 'headers', 'subParts']);

export interface EmailAsk {
  readonly properties: readonly string[];
  /** Those of `properties` that are fields. */
  readonly headers: readonly HeaderProperty[];
  readonly partProperties: readonly string[];
  readonly partHeaders: readonly HeaderProperty[];
  readonly values: 'text' | 'html' | 'both' | 'all' | 'none';
  /** 0: whole. */
  readonly valueMaxBytes: number;
}

export function readEmailAsk(args: Arguments, method: 'get' | 'parse'): EmailAsk {
  const [properties, headers] = split(
    stringsOf(args, 'properties') ?? (method === 'get' ? getDefaults : parseDefaults),
    known,
  );
  const [partProperties, partHeaders] = split(stringsOf(args, 'bodyProperties') ?? partDefaults, partKnown);
  const text = booleanOf(args, 'fetchTextBodyValues');
  const html = booleanOf(args, 'fetchHTMLBodyValues');
  const all = booleanOf(args, 'fetchAllBodyValues');
  return {
    properties: method === 'get' ? ['id', ...properties.filter((name) => name !== 'id')] : properties,
    headers,
    partProperties,
    partHeaders,
    values: all ? 'all' : text && html ? 'both' : text ? 'text' : html ? 'html' : 'none',
    valueMaxBytes: valueMaxBytes(args),
  };
}

function valueMaxBytes(args: Arguments): number {
  if (args['maxBodyValueBytes'] === null) throw invalidArguments('maxBodyValueBytes is an UnsignedInt');
  return unsignedOf(args, 'maxBodyValueBytes') ?? 0;
}

function split(names: readonly string[], plain: ReadonlySet<string>): [string[], HeaderProperty[]] {
  const properties: string[] = [];
  const headers: HeaderProperty[] = [];
  for (const name of names) {
    if (plain.has(name)) properties.push(name);
    else {
      const header = parseHeaderProperty(name);
      if (header === undefined) throw invalidArguments(`there is no property ${name}`);
      headers.push(header);
    }
  }
  return [properties, headers];
}

/**
 * A structured message as a draft for the composer: multipart/mixed around multipart/related around multipart/alternative, each only where it is needed
 * (RFC 2046, 5.1; RFC 2387), and the fields of its header.
 */
import { newSecret } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import {
  compose,
  MessageFormatError,
  type Draft,
  type DraftBody,
  type DraftField,
} from '../../proto/mime/compose.ts';
import { htmlToText } from '../../proto/mime/html-text.ts';
import type { Mailbox } from '../../proto/mime/address.ts';
import type { NewMessage } from './contract.ts';
import { mediaTypeOf } from './media-types.ts';

/** A file to go along, its content at hand. */
export interface AttachedFile {
  readonly filename?: string | undefined;
  readonly contentType?: string | undefined;
  readonly contentId?: string | undefined;
  readonly bytes: Buffer;
}

export interface Letter {
  readonly from: Mailbox;
  readonly sender: Mailbox | undefined;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly subject: string;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly AttachedFile[];
  readonly given: Pick<NewMessage, 'headers' | 'charset' | 'textFormat' | 'unsubscribe'>;
}

/** Fields that the API writes itself, or that are not for programs to write. */
const ownFields =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|mime-version|content-.*|received|return-path|delivered-to|dkim-signature|arc-.*|authentication-results|resent-.*|list-unsubscribe-post|(?:x-)?idempotency-key)$/i;

export interface Written {
  readonly messageId: string;
  readonly dateMs: number;
}

export function composeLetter(letter: Letter, { messageId, dateMs }: Written): Buffer {
  const headers: DraftField[] = [
    { name: 'From', addresses: [letter.from] },
    ...(letter.sender ? [{ name: 'Sender', addresses: [letter.sender] }] : []),
    ...many('To', letter.to),
    ...many('Cc', letter.cc),
    ...many('Reply-To', letter.replyTo),
    { name: 'Subject', text: letter.subject },
    { name: 'Date', dateMs },
    { name: 'Message-ID', raw: messageId },
    ...unsubscribeFields(letter.given.unsubscribe),
    ...moreFields(letter.given.headers),
  ];
  const { charset } = letter.given;
  const draft: Draft = { headers, body: bodyOf(letter), ...(charset && { charset }) };
  try {
    return compose(draft);
  } catch (error) {
    if (!(error instanceof MessageFormatError)) throw error;
    throw new Refusal('invalid', error.message, { cause: error });
  }
}

const many = (name: string, addresses: readonly Mailbox[]): DraftField[] =>
  addresses.length === 0 ? [] : [{ name, addresses }];

/** The Message-ID that the program gave, if it is one. */
export function givenMessageId(headers: NewMessage['headers']): string | undefined {
  const found = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'message-id')?.[1];
  if (found === undefined) return undefined;
  if (!/^<[^\s<>@]{1,200}@[^\s<>@]{1,200}>$/.test(found.trim()) || !/^[\x21-\x7e]+$/.test(found.trim()))
    throw new Refusal('invalid', 'is not a Message-ID', { at: 'headers.Message-ID' });
  return found.trim();
}

function moreFields(headers: NewMessage['headers'] = {}): DraftField[] {
  return Object.entries(headers).flatMap(([name, text]): DraftField[] => {
    const at = `headers.${name}`;
    if (!/^[!-9;-~]{1,100}$/.test(name)) throw new Refusal('invalid', 'is not a name of a field', { at });
    if (ownFields.test(name)) throw new Refusal('invalid', 'is not for `headers`', { at });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
    if (/[\r\n\0]/.test(text)) throw new Refusal('invalid', 'has a line end', { at });
    return name.toLowerCase() === 'message-id' ? [] : [{ name, text }];
  });
}

function unsubscribeFields(given: NewMessage['unsubscribe']): DraftField[] {
  if (given === undefined) return [];
  const { url, mailto, scope } = given;
  const at = 'unsubscribe';
  if (scope !== undefined && (url !== undefined || mailto !== undefined))
    throw new Refusal('invalid', 'scope is in place of url and mailto', { at });
  // Intake knows whom it is for.
  if (scope !== undefined) return [];
  if (url === undefined && mailto === undefined) throw new Refusal('invalid', 'needs url or mailto', { at });
  if (url !== undefined && (!URL.canParse(url) || new URL(url).protocol !== 'https:'))
    throw new Refusal('invalid', 'must be an https URL', { at: `${at}.url` });
  if (mailto !== undefined && !/^[^\s<>@,;]+@[^\s<>@,;]+$/.test(mailto))
    throw new Refusal('invalid', 'is not an address', { at: `${at}.mailto` });
  const links = [
    ...(mailto === undefined ? [] : [`<mailto:${encodeURI(mailto)}>`]),
    ...(url === undefined ? [] : [`<${new URL(url).href}>`]),
  ];
  const post: DraftField[] =
    url === undefined ? [] : [{ name: 'List-Unsubscribe-Post', raw: 'List-Unsubscribe=One-Click' }];
  return [{ name: 'List-Unsubscribe', raw: links.join(',\r\n ') }, ...post];
}

/** At most 70 characters of those allowed; no line of a text can be it by chance (RFC 2046, 5.1.1). */
const boundary = (): string => `=_${newSecret(18)}`;

function bodyOf({ text, html, attachments, given }: Letter): DraftBody {
  const inline = html === undefined ? [] : attachments.filter(({ contentId }) => contentId !== undefined);
  const attached = attachments.filter((file) => !inline.includes(file));
  const readable = readableBody({ text, html, flowed: given.textFormat === 'flowed' }, inline);
  if (attached.length === 0) return readable;
  return multipart('mixed', [readable, ...attached.map(filePart)]);
}

interface Readable {
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly flowed: boolean;
}

function readableBody({ text, html, flowed }: Readable, inline: readonly AttachedFile[]): DraftBody {
  const plain = text ?? (html === undefined ? '' : htmlToText(html));
  const textPart: DraftBody = { is: 'text', text: plain, ...(flowed && { flowed }) };
  if (html === undefined) return textPart;
  const htmlPart: DraftBody = { is: 'text', subtype: 'html', text: html };
  const shown =
    inline.length === 0
      ? htmlPart
      : multipart('related', [htmlPart, ...inline.map(filePart)], [['type', 'text/html']]);
  return plain === '' ? shown : multipart('alternative', [textPart, shown]);
}

function multipart(
  subtype: string,
  parts: readonly DraftBody[],
  params?: readonly (readonly [string, string])[],
): DraftBody {
  return { is: 'multipart', subtype, parts, boundary: boundary(), ...(params && { params }) };
}

function filePart({ filename, contentType, contentId, bytes }: AttachedFile): DraftBody {
  const type = contentType?.split(';', 1)[0]!.trim().toLowerCase() ?? mediaTypeOf(filename);
  // A message may not be in base64 (RFC 2046, 5.2.1).
  if (type === 'message/rfc822')
    return { is: 'verbatim', type, bytes, headers: [{ name: 'Content-Disposition', raw: 'attachment' }] };
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) || /^(?:multipart|message)\//.test(type))
    throw new Refusal('invalid', `${type} is not a type for an attachment`, { at: 'attachments' });
  const headers: DraftField[] =
    contentId === undefined ? [] : [{ name: 'Content-ID', raw: `<${cid(contentId)}>` }];
  return {
    is: 'bytes',
    type,
    bytes,
    disposition: contentId === undefined ? 'attachment' : 'inline',
    ...(filename !== undefined && { filename }),
    headers,
  };
}

/** RFC 2392: an addr-spec; programs write any word. */
function cid(given: string): string {
  const bare = given.replace(/^<|>$/g, '');
  if (/^[\w.!#$%&'*+\-/=?^`{|}~@]{1,200}$/.test(bare)) return bare;
  throw new Refusal('invalid', 'is not an id for content', { at: 'attachments.contentId' });
}

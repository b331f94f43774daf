/**
 * Writes the message of an EmailDraft (RFC 8621, 4.6). Texts are UTF-8, or ISO-2022-JP where the part's own Content-Type says so and all of it can be
 * written in it. CRLF only; header fields are ASCII. Boundaries, ids and time come from the caller.
 */
import { isAscii } from 'node:buffer';
import type { Address, Mailbox } from '../mime/address.ts';
import { encodeIso2022Jp } from '../mime/charset.ts';
import { type DraftField, formatField, MessageFormatError, withCrlf } from '../mime/compose.ts';
import type { HeaderCharset } from '../mime/encoded-word-encoder.ts';
import { fold } from '../mime/encoded-word-encoder.ts';
import { chooseEncoding, encodeBase64Lines, encodeQuotedPrintable } from '../mime/encode-transfer.ts';
import { formatParameterized } from '../mime/parameter-formatter.ts';
import { parameter, parseParameterized } from '../mime/parameter.ts';
import { parseJmapDate } from './date.ts';
import type { DraftHeader } from './draft-header.ts';
import type { DraftPart } from './draft-part.ts';
import type { EmailDraft } from './email-draft.ts';
import type { AddressJson } from './header-form.ts';
import { invalidProperties } from './method-error.ts';

export interface DraftBlob {
  readonly type: string;
  readonly bytes: Buffer;
}

export interface ComposeOptions {
  readonly blobs: ReadonlyMap<string, DraftBlob>;
  /** Another one each time, unlikely to be in any text. */
  readonly boundary: () => string;
  /** Fields to be written where the draft has none of the name. */
  readonly otherwise: readonly DraftField[];
}

const lineMax = 998;

export function composeEmail({ headers, body }: EmailDraft, options: ComposeOptions): Buffer {
  const charset = charsetsOf(body).includes('iso-2022-jp') ? 'iso-2022-jp' : 'utf-8';
  const has = new Set(headers.map(({ name }) => name.toLowerCase()));
  const missing = options.otherwise.filter(({ name }) => !has.has(name.toLowerCase()));
  try {
    const fields = [
      ...missing.map((field) => formatField(field, charset)),
      ...headers.map((header) => headerField(header, charset)),
      'MIME-Version: 1.0\r\n',
    ];
    return Buffer.concat([
      Buffer.from(fields.join(''), 'latin1'),
      ...partBytes(body, { ...options, charset }),
    ]);
  } catch (error) {
    if (error instanceof MessageFormatError) throw invalidProperties([], error.message);
    throw error;
  }
}

function headerField({ name, form, value }: DraftHeader, charset: HeaderCharset): string {
  switch (form) {
    case 'Raw': {
      const raw = String(value).replaceAll(/\r?\n/g, '\r\n');
      // As it is, so that it reads the same again.
      if (/^[\t\r\n\x20-\x7e]*$/.test(raw)) return `${name}:${raw}\r\n`;
      return formatField({ name, text: raw.replaceAll('\r\n', '').trim() }, charset);
    }
    case 'Text':
      return formatField({ name, text: String(value) }, charset);
    case 'Addresses':
      return formatField({ name, addresses: (value as AddressJson[]).map(mailboxOf) }, charset);
    case 'GroupedAddresses':
      return formatField({ name, addresses: groupsOf(value) }, charset);
    case 'MessageIds':
      return `${name}: ${fold(
        (value as string[]).map((id) => `<${id}>`),
        name.length + 2,
      )}\r\n`;
    case 'Date': {
      const { atMs, zoneMinutes } = parseJmapDate(value)!;
      return formatField({ name, dateMs: atMs, zoneMinutes });
    }
    default: {
      const urls = value as string[];
      const last = urls.length - 1;
      return `${name}: ${fold(
        urls.map((url, i) => `<${url}>${i < last ? ',' : ''}`),
        name.length + 2,
      )}\r\n`;
    }
  }
}

function mailboxOf({ name, email }: AddressJson): Mailbox {
  const at = email.lastIndexOf('@');
  const quoted = email.slice(0, Math.max(at, 0));
  const local = /^".*"$/.test(quoted) ? quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1') : quoted;
  const address = at === -1 ? { local: email, domain: '' } : { local, domain: email.slice(at + 1) };
  return name === null || name === undefined || name === '' ? address : { ...address, name };
}

function groupsOf(value: unknown): Address[] {
  const groups = value as { name?: string | null; addresses: AddressJson[] }[];
  return groups.flatMap(({ name, addresses }): Address[] => {
    const members = addresses.map(mailboxOf);
    return name === null || name === undefined ? members : [{ group: name, members }];
  });
}

interface Composing extends ComposeOptions {
  readonly charset: HeaderCharset;
}

/** Header of the part, blank line, content. */
function partBytes(given: DraftPart, options: Composing): Buffer[] {
  if (given.is === 'multipart') return multipartBytes(given, options);
  const part = given.is === 'text' ? labelled(given) : given;
  const own = part.headers.find(({ name }) => name.toLowerCase() === 'content-type');
  const { params, type, content, encoding } = part.is === 'text' ? textOf(part) : blobOf(part, options);
  const named = part.name === undefined ? params : [...params, ['name', part.name] as const];
  const fields =
    own === undefined
      ? [
          `Content-Type: ${formatParameterized(type, named, { style: 'rfc2047', charset: options.charset, used: 14 })}`,
        ]
      : [];
  return [partHead(part, [...fields, `Content-Transfer-Encoding: ${encoding}`], options.charset), content];
}

/** A type of the client's own says the charset too, where the text needs one. */
function labelled(part: Extract<DraftPart, { is: 'text' }>): typeof part {
  if (/^[\t\r\n\x20-\x7e]*$/.test(part.text) || charsetOf(part) !== undefined) return part;
  const headers = part.headers.map((header) =>
    header.name.toLowerCase() === 'content-type'
      ? { ...header, value: `${String(header.value)}; charset=utf-8` }
      : header,
  );
  return { ...part, headers };
}

interface Encoded {
  readonly type: string;
  readonly params: readonly (readonly [string, string])[];
  readonly content: Buffer;
  readonly encoding: string;
}

function textOf(part: Extract<DraftPart, { is: 'text' }>): Encoded {
  const text = part.text.replaceAll(/\r\n|\r|\n/g, '\r\n').toWellFormed();
  const charset = charsetOf(part);
  const jis = charset === 'iso-2022-jp' ? encodeIso2022Jp(text) : undefined;
  if (charset !== undefined && charset !== 'utf-8' && jis === undefined)
    throw invalidProperties(['bodyStructure', 'bodyValues'], `the text cannot be written in ${charset}`);
  const bytes = jis ?? Buffer.from(text, 'utf8');
  const encoding = chooseEncoding(bytes, jis !== undefined);
  // The least that all of it can be read as (RFC 2046, 4.1.2).
  const label = isAscii(bytes) ? 'us-ascii' : 'utf-8';
  return { type: part.type, params: [['charset', label]], encoding, content: encoded(bytes, encoding) };
}

function encoded(bytes: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return encodeBase64Lines(bytes);
  return encoding === 'quoted-printable' ? encodeQuotedPrintable(bytes) : bytes;
}

/** A message is not encoded, as it may not be (RFC 2046, 5.2.1), unless nothing else would keep it as it is. */
function blobOf(part: Extract<DraftPart, { is: 'blob' }>, { blobs }: Composing): Encoded {
  const { bytes, type: whole } = blobs.get(part.blobId)!;
  const stored = whole.split(';')[0]!.trim();
  const type =
    part.typeGiven || !/^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/i.test(stored)
      ? part.type
      : stored.toLowerCase();
  const params: [string, string][] = part.charset === undefined ? [] : [['charset', part.charset]];
  const isMessage = type === 'message/rfc822' || type === 'message/global';
  if (isMessage && withCrlf(bytes) === bytes && !bytes.includes(0) && !hasLongLine(bytes))
    return { type, params, content: bytes, encoding: isAscii(bytes) ? '7bit' : '8bit' };
  return { type, params, content: encodeBase64Lines(bytes), encoding: 'base64' };
}

function hasLongLine(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; ) {
    const lf = bytes.indexOf(0x0a, at);
    const end = lf === -1 ? bytes.length : lf;
    if (end - at > lineMax) return true;
    at = end + 1;
  }
  return false;
}

function multipartBytes(part: Extract<DraftPart, { is: 'multipart' }>, options: Composing): Buffer[] {
  const contents = part.parts.map((each) => Buffer.concat(partBytes(each, options)));
  let boundary = options.boundary();
  while (contents.some((content) => content.includes(boundary))) boundary = options.boundary();
  const pieces = contents.flatMap((content) => [
    Buffer.from(`--${boundary}\r\n`),
    content,
    Buffer.from('\r\n'),
  ]);
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  const own = part.headers.find(({ name }) => name.toLowerCase() === 'content-type');
  const params = own === undefined ? [] : parseParameterized(String(own.value)).params;
  const all = [...params.filter(([name]) => name !== 'boundary'), ['boundary', boundary] as const];
  const encoding = contents.every((content) => isAscii(content)) ? [] : ['Content-Transfer-Encoding: 8bit'];
  const type = `Content-Type: ${formatParameterized(part.type, all, { used: 14 })}`;
  const others = { ...part, headers: part.headers.filter((header) => header !== own) };
  return [partHead(others, [type, ...encoding], options.charset), ...pieces];
}

function partHead(part: DraftPart, lines: readonly string[], charset: HeaderCharset): Buffer {
  const { disposition, name, cid, language, location, headers } = part;
  const filename = name === undefined ? [] : [['filename', name] as const];
  const fields = [
    ...lines.map((line) => `${line}\r\n`),
    ...(disposition === undefined
      ? []
      : [`Content-Disposition: ${formatParameterized(disposition, filename, { used: 21 })}\r\n`]),
    ...(cid === undefined ? [] : [`Content-ID: <${cid}>\r\n`]),
    ...(language === undefined ? [] : [formatField({ name: 'Content-Language', text: language.join(', ') })]),
    ...(location === undefined ? [] : [`Content-Location: ${location}\r\n`]),
    ...headers.map((header) => headerField(header, charset)),
  ];
  return Buffer.from(`${fields.join('')}\r\n`, 'latin1');
}

function charsetOf({ headers }: DraftPart): string | undefined {
  const own = headers.find(({ name }) => name.toLowerCase() === 'content-type');
  return own === undefined
    ? undefined
    : parameter(parseParameterized(String(own.value)).params, 'charset')?.toLowerCase();
}

function charsetsOf(part: DraftPart): (string | undefined)[] {
  return part.is === 'multipart' ? part.parts.flatMap(charsetsOf) : [charsetOf(part)];
}

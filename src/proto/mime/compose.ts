/**
 * Writes messages: delivery reports, notices, replies (RFC 5322, 2045, 2046, 2183, 3464).
 *
 * Promises: CRLF only, lines of at most 998 characters, ASCII headers, 7-bit bodies unless bytes are given verbatim. A CR, LF or NUL in any
 * value is refused (`MessageFormatError`), so nothing from outside can add a field. Time, randomness and ids come from the
 * caller: the same draft gives the same bytes.
 */
import { isAscii } from 'node:buffer';
import { type Address, flatten } from './address.ts';
import { formatAddresses } from './address-formatter.ts';
import { encodeBase64Lines } from './base64.ts';
import { encodeIso2022Jp } from './charset.ts';
import { formatDate } from './date.ts';
import { encodeText, type HeaderCharset } from './encoded-word-encoder.ts';
import { chooseEncoding, encodeQuotedPrintable } from './encode-transfer.ts';
import { flow } from './flowed.ts';
import { formatParameterized } from './parameter-formatter.ts';

export class MessageFormatError extends Error {
  override readonly name = 'MessageFormatError';
}

/** A message to be written. Text is Unicode; the composer encodes. */
export interface Draft {
  /** Fields in this order; MIME-Version and Content-* are added. */
  readonly headers: readonly DraftField[];
  readonly body: DraftBody;
  /** `iso-2022-jp` is used for each text and field that it can carry, UTF-8 for the others. */
  readonly charset?: HeaderCharset;
}

export type DraftField =
  | { readonly name: string; readonly text: string }
  /** Already in wire form: ASCII, folds (`CRLF` and a blank) allowed. */
  | { readonly name: string; readonly raw: string }
  | { readonly name: string; readonly addresses: readonly Address[] }
  | { readonly name: string; readonly dateMs: number; readonly zoneMinutes?: number };

export type DraftBody = DraftText | DraftMultipart | DraftBytes | DraftVerbatim;

export interface DraftText {
  readonly is: 'text';
  readonly text: string;
  /** `plain` when absent. */
  readonly subtype?: string;
  /** Lines may be broken by the writer and joined again by the reader (RFC 3676): plain text alone. */
  readonly flowed?: boolean;
  readonly headers?: readonly DraftField[];
}

export interface DraftMultipart {
  readonly is: 'multipart';
  readonly subtype: string;
  readonly params?: readonly (readonly [string, string])[];
  readonly parts: readonly DraftBody[];
  /** Random and unique within the message; no line of a part may be it. */
  readonly boundary: string;
  readonly headers?: readonly DraftField[];
}

/** Bytes as an attachment or inline part: base64. */
export interface DraftBytes {
  readonly is: 'bytes';
  readonly type: string;
  readonly bytes: Buffer;
  readonly filename?: string;
  readonly disposition?: 'attachment' | 'inline';
  /** The name is ASCII and stays in one piece, however long: programs look for it that know no more. */
  readonly wholeName?: true;
  readonly headers?: readonly DraftField[];
}

/** message/rfc822, message/delivery-status, text/rfc822-headers and the like: as they are, but for line ends, which become CRLF. */
export interface DraftVerbatim {
  readonly is: 'verbatim';
  readonly type: string;
  readonly bytes: Buffer;
  readonly headers?: readonly DraftField[];
}

/** The message in CRLF. */
export function compose(draft: Draft): Buffer {
  const charset = draft.charset ?? 'utf-8';
  const head = [...draft.headers.map((field) => formatField(field, charset)), 'MIME-Version: 1.0\r\n'].join(
    '',
  );
  return Buffer.concat([Buffer.from(head, 'latin1'), ...composeBody(draft.body, charset)]);
}

/** One field with its line end. */
export function formatField(field: DraftField, charset: HeaderCharset = 'utf-8'): string {
  if (!/^[!-9;-~]{1,200}$/.test(field.name))
    throw new MessageFormatError(`field name ${JSON.stringify(field.name)}`);
  return `${field.name}: ${fieldValue(field, charset)}\r\n`;
}

function fieldValue(field: DraftField, charset: HeaderCharset): string {
  const used = field.name.length + 2;
  if ('text' in field) return encodeText(checked(field.name, field.text), { charset, used });
  if ('dateMs' in field) return formatDate(field.dateMs, field.zoneMinutes);
  if ('addresses' in field) {
    for (const { name = '', local, domain } of flatten(field.addresses))
      checked(field.name, name + local + domain);
    for (const address of field.addresses) if ('group' in address) checked(field.name, address.group);
    return formatAddresses(field.addresses, { charset, used });
  }
  const unfolded = field.raw.replaceAll(/\r\n(?=[ \t])/g, '');
  if (!/^[\t\x20-\x7e]*$/.test(unfolded)) throw new MessageFormatError(`${field.name}: raw value`);
  return field.raw;
}

function checked(name: string, text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\r\n\0]/.test(text))
    throw new MessageFormatError(`${name}: line end or NUL in ${JSON.stringify(text.slice(0, 80))}`);
  return text;
}

/** Header lines of the part, blank line, body. */
function composeBody(body: DraftBody, charset: HeaderCharset): Buffer[] {
  switch (body.is) {
    case 'text':
      return composeText(body, charset);
    case 'multipart':
      return composeMultipart(body, charset);
    case 'bytes':
      return composeBytes(body, charset);
    default: {
      const bytes = withCrlf(body.bytes);
      const encoding = isAscii(bytes) ? '7bit' : '8bit';
      return [
        partHead([contentType(body.type), `Content-Transfer-Encoding: ${encoding}`], body, charset),
        bytes,
      ];
    }
  }
}

function composeText(body: DraftText, charset: HeaderCharset): Buffer[] {
  const given = body.text.replaceAll('\0', '').replace(/\r\n|\r|\n/g, '\n');
  const text = (body.flowed === true ? flow(given) : given).replaceAll('\n', '\r\n');
  const whole = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
  const [label, bytes] = encodeCharset(whole, charset);
  const encoding = chooseEncoding(bytes, label === 'ISO-2022-JP');
  const head = [
    `Content-Type: text/${mediaToken(body.subtype ?? 'plain')}; charset=${label}${body.flowed === true ? '; format=flowed; delsp=yes' : ''}`,
    `Content-Transfer-Encoding: ${encoding}`,
  ];
  const encoded =
    encoding === '7bit'
      ? bytes
      : encoding === 'base64'
        ? encodeBase64Lines(bytes)
        : encodeQuotedPrintable(bytes);
  return [partHead(head, body, charset), encoded];
}

function encodeCharset(text: string, charset: HeaderCharset): [string, Buffer] {
  if (/^[\t\r\n\x20-\x7e]*$/.test(text)) return ['us-ascii', Buffer.from(text, 'latin1')];
  const jis = charset === 'iso-2022-jp' ? encodeIso2022Jp(text) : undefined;
  return jis ? ['ISO-2022-JP', jis] : ['utf-8', Buffer.from(text.toWellFormed(), 'utf8')];
}

function composeMultipart(body: DraftMultipart, charset: HeaderCharset): Buffer[] {
  if (!/^[A-Za-z0-9'()+_,./:=?-]{1,70}$/.test(body.boundary)) throw new MessageFormatError('boundary');
  if (body.parts.length === 0) throw new MessageFormatError('multipart without parts');
  const params = [...(body.params ?? []), ['boundary', body.boundary] as const];
  const type = formatParameterized(`multipart/${mediaToken(body.subtype)}`, params, { used: 14 });
  const pieces: Buffer[] = [];
  for (const part of body.parts) {
    const bytes = Buffer.concat(composeBody(part, charset));
    if (bytes.includes(`\n--${body.boundary}`, 0, 'latin1'))
      throw new MessageFormatError('boundary occurs in a part');
    pieces.push(Buffer.from(`--${body.boundary}\r\n`, 'latin1'), bytes, Buffer.from('\r\n', 'latin1'));
  }
  pieces.push(Buffer.from(`--${body.boundary}--\r\n`, 'latin1'));
  // RFC 2045, 6.4: what holds 8-bit parts says so itself.
  const encoding = pieces.every((piece) => isAscii(piece)) ? [] : ['Content-Transfer-Encoding: 8bit'];
  return [partHead([`Content-Type: ${type}`, ...encoding], body, charset), ...pieces];
}

/** The file name goes into both fields: RFC 2231 in Content-Disposition, RFC 2047 in Content-Type for old Outlook. */
function composeBytes(body: DraftBytes, charset: HeaderCharset): Buffer[] {
  const name = body.filename === undefined ? undefined : checked('filename', body.filename);
  if (body.wholeName === true && name !== undefined && /^[!#-[\]-~]+$/.test(name))
    return [
      partHead(
        [
          contentType(body.type),
          'Content-Transfer-Encoding: base64',
          `Content-Disposition: attachment;\r\n filename="${name}"`,
        ],
        body,
        charset,
      ),
      encodeBase64Lines(body.bytes),
    ];
  const head = [
    contentType(body.type, name, charset),
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${formatParameterized(body.disposition ?? 'attachment', name === undefined ? [] : [['filename', name]], { used: 21 })}`,
  ];
  return [partHead(head, body, charset), encodeBase64Lines(body.bytes)];
}

function contentType(type: string, name?: string, charset: HeaderCharset = 'utf-8'): string {
  const [top = '', sub = ''] = type.split('/');
  const params = name === undefined ? [] : [['name', name] as const];
  const value = `${mediaToken(top)}/${mediaToken(sub)}`;
  return `Content-Type: ${formatParameterized(value, params, { style: 'rfc2047', charset, used: 14 })}`;
}

function mediaToken(text: string): string {
  if (!/^[A-Za-z0-9!#$&^_.+-]{1,127}$/.test(text))
    throw new MessageFormatError(`media type ${JSON.stringify(text)}`);
  return text;
}

function partHead(
  lines: readonly string[],
  body: { readonly headers?: readonly DraftField[] },
  charset: HeaderCharset,
): Buffer {
  const fields = (body.headers ?? []).map((field) => formatField(field, charset));
  return Buffer.from(`${lines.join('\r\n')}\r\n${fields.join('')}\r\n`, 'latin1');
}

/** Bare CR and LF become CRLF; bytes that are right are not copied. */
export function withCrlf(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 0x0a && byte !== 0x0d) continue;
    if (byte === 0x0d && bytes[at + 1] === 0x0a) {
      at++;
      continue;
    }
    pieces.push(bytes.subarray(from, at), Buffer.from('\r\n', 'latin1'));
    from = at + 1;
  }
  return pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(from)]);
}

/**
 * The text of a part and of a message: transfer encoding, charset and flow undone. Bounded by `bytesMax`, so that a preview of a
 * 50 MiB mail costs no more than one of a short mail. Never throws.
 */
import { type BodyPart, bodyLists } from './body-list.ts';
import { type Decoded, decodeCharset } from './charset.ts';
import { decodeTransfer } from './decode-transfer.ts';
import { unflow } from './flowed.ts';
import { htmlToText, metaCharset } from './html-text.ts';
import { parameter } from './parameter.ts';
import { type MessageIndex, type Part, presentedType } from './structure.ts';

/** Characters of a preview (RFC 8970, 3.2; RFC 8621, 4.1.4). */
export const previewMax = 256;
/** Bytes that are looked at for a preview: HTML begins with much that is not text. */
const previewBytesMax = 128 * 1024;
/** What is looked at before: enough for a text that begins with what it has to say. */
const previewFirstBytes = 2 * 1024;
const previewFirstHtmlBytes = 16 * 1024;
/** Encoded bytes for each decoded one, at worst: quoted-printable takes three, base64 with line ends less than one and a half. */
const encodedFactor = 3;

export interface TextOptions {
  /** Decoded bytes that are looked at; all when absent. */
  readonly bytesMax?: number;
  /** Joins the lines of format=flowed. */
  readonly unflow?: boolean;
}

/** The text of a part, in LF lines. */
export function partText(bytes: Buffer, part: Part, options: TextOptions = {}): Decoded {
  const content = partContent(bytes, part, options.bytesMax);
  const { subtype, params } = presentedType(part);
  const label = parameter(params, 'charset') ?? (subtype === 'html' ? metaCharset(content) : undefined);
  const decoded = decodeCharset(content, label);
  const text = decoded.text.includes('\r') ? decoded.text.replaceAll('\r\n', '\n') : decoded.text;
  const flowed = options.unflow && parameter(params, 'format')?.toLowerCase() === 'flowed';
  const delSp = parameter(params, 'delsp')?.toLowerCase() === 'yes';
  return { text: flowed ? unflow(text, delSp) : text, problem: decoded.problem };
}

/** The content of a part without its transfer encoding. */
export function partContent(bytes: Buffer, part: Part, bytesMax?: number): Buffer {
  if (bytesMax === undefined)
    return decodeTransfer(bytes.subarray(part.bodyStart, part.bodyEnd), part.encoding);
  const end = Math.min(part.bodyEnd, part.bodyStart + bytesMax * encodedFactor);
  const content = decodeTransfer(bytes.subarray(part.bodyStart, end), part.encoding);
  return content.length <= bytesMax ? content : content.subarray(0, wholeLines(content, bytesMax));
}

/** A cut at a line end splits no character and leaves ISO-2022-JP in ASCII. */
function wholeLines(content: Buffer, sizeMax: number): number {
  const lf = content.lastIndexOf(0x0a, sizeMax - 1);
  return lf === -1 ? sizeMax : lf + 1;
}

/** The first characters a person would read, blanks squeezed; `''` when there is no text. */
export function preview(bytes: Buffer, index: MessageIndex): string {
  const { textBody } = bodyLists(index.root);
  let text = '';
  for (const { part } of textBody.filter(isText).slice(0, 5)) {
    text = `${text} ${readable(bytes, part)}`.trim();
    if (text.length >= previewMax) break;
  }
  return firstCharacters(text, previewMax);
}

/** The same of a text that was found elsewhere. */
export function previewOf(text: string): string {
  return firstCharacters(squeezed(text), previewMax);
}

function isText({ part }: BodyPart): boolean {
  return presentedType(part).type === 'text';
}

/** Mostly the first bytes are enough; only when they are not, all that may be looked at is. */
function readable(bytes: Buffer, part: Part): string {
  const html = presentedType(part).subtype === 'html';
  const first = html ? previewFirstHtmlBytes : previewFirstBytes;
  const text = readableWithin(bytes, part, first);
  const all = text.length >= previewMax || part.bodyEnd - part.bodyStart <= first;
  return all ? text : readableWithin(bytes, part, previewBytesMax);
}

function readableWithin(bytes: Buffer, part: Part, bytesMax: number): string {
  const { text } = partText(bytes, part, { bytesMax, unflow: true });
  if (presentedType(part).subtype === 'html') return squeezed(htmlToText(text));
  const own = text.split('\n', 500).filter((line) => !line.startsWith('>'));
  return squeezed(own.join('\n')) || squeezed(text.slice(0, previewMax * 8));
}

/** One line without control characters and without the invisible ones that senders pad previews with. */
function squeezed(text: string): string {
  return text
    .slice(0, previewMax * 64)
    .replace(/\u034f|[\u00ad\u200b-\u200f\u2060\ufeff]+/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

function firstCharacters(text: string, max: number): string {
  if (text.length <= max) return text;
  let out = '';
  let count = 0;
  for (const character of text) {
    if (count++ === max) break;
    out += character;
  }
  return out;
}

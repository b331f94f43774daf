/**
 * A mail that may be a report, taken apart: its header, what it says to people, its machine-readable parts, and what it returns of the original.
 *
 * Reports are often broken: parts without a type, fields of a delivery status in the text, the original behind a line of dashes. What the structure does not
 * say is read from the text. Never throws; reads bounded amounts.
 */
import { findField, fieldText, type HeaderBlock, parseHeaders } from '../mime/headers.ts';
import { decodeWords } from '../mime/encoded-word.ts';
import { htmlToText } from '../mime/html-text.ts';
import { indexMessage, type Part } from '../mime/structure.ts';
import { partContent, partText } from '../mime/text.ts';

/** Of one part. */
const textBytesMax = 64 * 1024;
const partsMax = 100;

export interface Pieces {
  /** The first field of a name (lower case), decoded, or `''`. */
  readonly header: (name: string) => string;
  /** `delivery-status`, `feedback-report`, …: the parameter of multipart/report, or `''`. */
  readonly reportType: string;
  /** What people read, without the original. */
  readonly text: string;
  /** Bodies of message/delivery-status and its like. */
  readonly statuses: readonly string[];
  /** Body of message/feedback-report, or `''`. */
  readonly feedback: string;
  /** Header (and body) of the mail that came back, or `''`. */
  readonly original: string;
}

export function takeApart(message: Buffer): Pieces {
  const headers = parseHeaders(message);
  const { root } = indexMessage(message);
  const found: Found = { texts: [], htmls: [], statuses: [], feedback: '', original: '' };
  let count = 0;
  for (const part of partsOf(root)) {
    if (++count > partsMax) break;
    take(message, part, found);
  }
  const shown = found.texts.length > 0 ? found.texts.join('\n') : found.htmls.join('\n');
  const { before, after } = splitAtOriginal(withoutPartHeads(shown));
  return {
    header: (name) => headerText(message, headers, name),
    reportType: (root.params.find(([name]) => name === 'report-type')?.[1] ?? '').toLowerCase(),
    text: before,
    statuses: found.statuses,
    feedback: found.feedback,
    original: found.original !== '' ? found.original : after,
  };
}

/** Heads of parts whose boundary was not understood. */
function withoutPartHeads(text: string): string {
  return text.replace(
    /^(?:boundary=|content-(?:type|transfer-encoding|disposition|description|id):|--[-=_]{2,}\S*$).*$/gim,
    '',
  );
}

interface Found {
  readonly texts: string[];
  readonly htmls: string[];
  readonly statuses: string[];
  feedback: string;
  original: string;
}

function take(message: Buffer, part: Part, found: Found): void {
  const { type, subtype } = part;
  if (part.parts !== undefined) return;
  const latin = (): string => readable(partContent(message, part, textBytesMax));
  if (/^(?:global-)?delivery-status$/.test(subtype)) found.statuses.push(latin());
  else if (subtype === 'feedback-report') found.feedback ||= latin();
  else if (
    type === 'message' ||
    /^(?:text|rfc822)-?rfc822-headers|rfc822-headers|global-headers$/.test(subtype)
  ) {
    found.original ||= latin();
  } else if (type === 'text' && subtype === 'html') {
    found.htmls.push(htmlToText(partText(message, part, { bytesMax: textBytesMax }).text));
  } else if (type === 'text' || part.opaque) {
    const { text } = partText(message, part, { bytesMax: textBytesMax });
    // A part without a type that is a header: what came back.
    if (found.texts.length > 0 && found.original === '' && looksLikeHeader(text)) found.original = text;
    else found.texts.push(text);
  }
}

/** Status fields are ASCII, or UTF-8 (RFC 6533), or what a server wrote into them. */
function readable(bytes: Buffer): string {
  const utf8 = bytes.toString('utf8');
  return (utf8.includes('\ufffd') ? bytes.toString('latin1') : utf8)
    .replaceAll('\r\n', '\n')
    .replaceAll('\0', '');
}

function* partsOf(part: Part): Generator<Part> {
  yield part;
  for (const inner of part.parts ?? []) yield* partsOf(inner);
}

function headerText(message: Buffer, headers: HeaderBlock, name: string): string {
  const field = findField(headers, name);
  return field === undefined ? '' : decodeWords(fieldText(message, field)).trim();
}

/** A line by which systems say that the original begins. */
const originalLine =
  /^[\s>]*[-=*_#+ ]*(?:(?:(?:this is|below (?:this line )?is|here is|included is|following is|the following is)?\s*(?:a |the )?(?:copy|part|header|text|body)s?\b.{0,60}\b(?:message|mail|header|headers|letter)\b.*)|(?:(?:the )?(?:your |original |unsent |undelivered |returned |failed |message |mail )+(?:message|mail|text|headers?|letter)s?(?: (?:follows?|headers?|text|body|attached|as follows|details|is).*|[\s.:=-]*)$)|(?:message header follows|message headers? follow|original mail as follows|original message follows|unsent message follows|returned (?:mail|message) follows|message text follows|end of message|begin(?:ning)? of (?:message|mail|original)))/i;
const headerLine = /^(?:return-path|received|delivered-to|dkim-signature|x-originating-ip|x-ymail-osg):/i;

export function splitAtOriginal(text: string): { readonly before: string; readonly after: string } {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!.trimEnd();
    const begins = headerLine.test(line) && (lines[at - 1] ?? '').trim() === '' && at > 0;
    if (begins) return { before: lines.slice(0, at).join('\n'), after: lines.slice(at).join('\n') };
    if (at > 0 && originalLine.test(line) && originalFollows(lines, at + 1))
      return {
        before: lines.slice(0, at).join('\n'),
        after: lines
          .slice(at + 1)
          .join('\n')
          .replace(/^\s+/, ''),
      };
  }
  return { before: text, after: '' };
}

/** Only when a header does follow within some lines: "the message was …" is said in many places. */
function originalFollows(lines: readonly string[], from: number): boolean {
  const next = lines.slice(from, from + 6).map((line) => line.trimStart());
  return next.some((line) => /^(?:[A-Z][\w-]+): ?\S/.test(line) && originalField.test(line));
}

const originalField =
  /^(?:return-path|received|from|to|date|subject|message-id|mime-version|x-[\w-]+|delivered-to|dkim-signature|reply-to|content-type|sender|cc):/i;

function looksLikeHeader(text: string): boolean {
  return (
    text
      .trimStart()
      .split('\n', 4)
      .filter((line) => originalField.test(line)).length >= 1 &&
    /^(?:received|return-path|from|date|message-id|subject|to):/im.test(text.slice(0, 4000))
  );
}

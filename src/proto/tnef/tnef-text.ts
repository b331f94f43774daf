/** All that a person could read in a TNEF message, for a search: subject, body, names of attachments, and the messages within it. */
import { htmlToText } from '../mime/html-text.ts';
import { rtfText } from './rtf-text.ts';
import type { Part } from '../mime/structure.ts';
import { parameter } from '../mime/parameter.ts';
import { readTnef, type TnefMessage } from './tnef.ts';

/** By its type, or by the name that gateways leave when they take the type away. */
export function isTnef(part: Part): boolean {
  if (part.type !== 'application') return false;
  if (part.subtype === 'ms-tnef' || part.subtype === 'vnd.ms-tnef') return true;
  const name = parameter(part.params, 'name') ?? parameter(part.disposition?.params ?? [], 'filename');
  return part.subtype === 'octet-stream' && name?.toLowerCase() === 'winmail.dat';
}

/** `''` when the bytes are no TNEF. */
export function tnefText(bytes: Buffer): string {
  const message = readTnef(bytes);
  return message === undefined ? '' : readable(message);
}

function readable(message: TnefMessage): string {
  const attachments = message.attachments.map((attachment) =>
    [attachment.name, attachment.message && readable(attachment.message)].filter(Boolean).join('\n'),
  );
  return [message.subject ?? '', tnefBody(message), ...attachments].filter((text) => text !== '').join('\n');
}

/** The body alone; `''` when the bytes are no TNEF. */
export function tnefBodyOf(bytes: Buffer): string {
  const message = readTnef(bytes);
  return message === undefined ? '' : tnefBody(message);
}

/** The body as plain text: Outlook writes one of three forms. */
function tnefBody({ text, html, rtf }: TnefMessage): string {
  if (text !== undefined) return text;
  if (html !== undefined) return htmlToText(html);
  return rtf === undefined ? '' : rtfText(rtf);
}

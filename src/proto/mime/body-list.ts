/** What to show of a message: its text in two forms and its attachments (RFC 8621, 4.1.4, whose algorithm this is). */
import { parameter } from './parameter.ts';
import { type Part, presentedType } from './structure.ts';

/** `path` of a part is its JMAP partId and IMAP section number, as `1.2`. */
export interface BodyPart {
  readonly path: string;
  readonly part: Part;
}

export interface BodyLists {
  readonly textBody: readonly BodyPart[];
  readonly htmlBody: readonly BodyPart[];
  readonly attachments: readonly BodyPart[];
}

export function bodyLists(root: Part): BodyLists {
  const lists = { textBody: [], htmlBody: [], attachments: [] };
  const top = root.parts ? { path: '', part: root } : { path: '1', part: root };
  sort([top], { multipart: 'mixed', inAlternative: false }, lists);
  return lists;
}

interface Place {
  readonly multipart: string;
  readonly inAlternative: boolean;
}

/** A list is undefined where a branch of an alternative does not serve it. */
interface Lists {
  textBody: BodyPart[] | undefined;
  htmlBody: BodyPart[] | undefined;
  readonly attachments: BodyPart[];
}

function sort(parts: readonly BodyPart[], place: Place, given: Lists): void {
  const lists = { ...given };
  const textBefore = given.textBody?.length ?? -1;
  const htmlBefore = given.htmlBody?.length ?? -1;
  parts.forEach((entry, i) => {
    const { part } = entry;
    if (part.parts) sort(children(entry), inside(place, part.subtype), lists);
    else if (!isInline(part, place, i === 0)) lists.attachments.push(entry);
    else if (place.multipart === 'alternative') (listOf(part, lists) ?? lists.attachments).push(entry);
    else addInline(entry, place, lists);
  });
  if (place.multipart === 'alternative') shareOnlyForm(given, textBefore, htmlBefore);
}

function children(entry: BodyPart): BodyPart[] {
  const prefix = entry.path === '' ? '' : `${entry.path}.`;
  return entry.part.parts!.map((part, i) => ({ path: `${prefix}${i + 1}`, part }));
}

function inside(place: Place, subtype: string): Place {
  return { multipart: subtype, inAlternative: place.inAlternative || subtype === 'alternative' };
}

function listOf(part: Part, lists: Lists): BodyPart[] | undefined {
  const { type, subtype } = presentedType(part);
  if (type !== 'text') return undefined;
  return subtype === 'plain' ? lists.textBody : subtype === 'html' ? lists.htmlBody : undefined;
}

function addInline(entry: BodyPart, place: Place, lists: Lists): void {
  const { type, subtype } = presentedType(entry.part);
  if (place.inAlternative && type === 'text') {
    if (subtype === 'plain') lists.htmlBody = undefined;
    if (subtype === 'html') lists.textBody = undefined;
  }
  lists.textBody?.push(entry);
  lists.htmlBody?.push(entry);
  if ((!lists.textBody || !lists.htmlBody) && isMedia(type)) lists.attachments.push(entry);
}

/** An alternative that offers only one of the two forms offers it for both. */
function shareOnlyForm({ textBody, htmlBody }: Lists, textBefore: number, htmlBefore: number): void {
  if (!textBody || !htmlBody) return;
  const noText = textBody.length === textBefore;
  const noHtml = htmlBody.length === htmlBefore;
  if (noText && !noHtml) textBody.push(...htmlBody.slice(htmlBefore));
  else if (noHtml && !noText) htmlBody.push(...textBody.slice(textBefore));
}

function isMedia(type: string): boolean {
  return type === 'image' || type === 'audio' || type === 'video';
}

function isInline(part: Part, place: Place, first: boolean): boolean {
  const { type, subtype } = presentedType(part);
  const showable = isMedia(type) || (type === 'text' && (subtype === 'plain' || subtype === 'html'));
  if (part.disposition?.value === 'attachment' || !showable) return false;
  return first || (place.multipart !== 'related' && (isMedia(type) || partName(part) === undefined));
}

/** RFC 8621, 4.1.4: an attachment that is not marked as inline. Signatures are read by the mailer, not by a person. */
export function hasAttachment(root: Part): boolean {
  return bodyLists(root).attachments.some(
    ({ part }) => part.disposition?.value !== 'inline' && !/(?:pkcs7|pgp)-signature$/.test(part.subtype),
  );
}

/** The name of a part, decoded: Content-Disposition filename, else Content-Type name. */
export function partName(part: Part): string | undefined {
  return (
    (part.disposition && parameter(part.disposition.params, 'filename')) ?? parameter(part.params, 'name')
  );
}

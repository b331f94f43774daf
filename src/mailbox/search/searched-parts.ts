/** Which bytes of a message are searched: its header, the headers of its parts, its text parts, and attachments whose text can be had. */
import { decodeWords } from '../../proto/mime/encoded-word.ts';
import { parameter } from '../../proto/mime/parameter.ts';
import { type Part, presentedType } from '../../proto/mime/structure.ts';
import { isTnef } from '../../proto/tnef/tnef-text.ts';

/** Encoded bytes of one part that are searched: more is no text that anybody wrote. */
export const searchedPartMaxBytes = 16 * 1024 * 1024;

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export const headerRange = (part: Part): ByteRange => ({
  start: part.headerStart,
  end: Math.min(part.bodyStart, part.headerStart + searchedPartMaxBytes),
});

/** Of a nested message, its header. */
export function textRange(part: Part): ByteRange {
  if (part.message !== undefined) return headerRange(part.message.root);
  return { start: part.bodyStart, end: Math.min(part.bodyEnd, part.bodyStart + searchedPartMaxBytes) };
}

/** Every part of a multipart, at any depth, whose header stands within the body. The header of a nested message is among the texts. */
export function partsBelow(root: Part): Part[] {
  const found: Part[] = [];
  const waiting = [root];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const below = part.parts ?? (part.message === undefined ? [] : [part.message.root]);
    if (part.parts !== undefined) found.push(...below);
    waiting.push(...below);
  }
  return found;
}

/** Text parts (and messages in TNEF, which are texts of a kind), and nested messages for their headers, in their order. */
export function textsOf(root: Part): Part[] {
  return leavesOf(root).filter((part) => part.type === 'text' || part.message !== undefined || isTnef(part));
}

/** Leaves and nested messages, in their order. */
export function leavesOf(root: Part): Part[] {
  const found: Part[] = [];
  const waiting = [root];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.parts === undefined) found.push(part);
    else waiting.push(...part.parts.toReversed());
    if (part.message !== undefined) waiting.push(part.message.root);
  }
  return found;
}

/** The name that the sender gave to a part, however it is encoded (RFC 2231, or RFC 2047 within a parameter as many mailers do it). */
export function fileNameOf(part: Part): string | undefined {
  const name =
    (part.disposition && parameter(part.disposition.params, 'filename')) ?? parameter(part.params, 'name');
  return name === undefined ? undefined : decodeWords(name);
}

const kinds: readonly (readonly [kind: AttachmentKind, type: RegExp])[] = [
  ['pdf', /^application\/(?:x-)?pdf$/],
  ['docx', /wordprocessingml|ms-word\.document\.macro/],
  ['xlsx', /spreadsheetml|ms-excel\.sheet\.macro/],
  ['pptx', /presentationml|ms-powerpoint\.presentation\.macro/],
  ['odf', /^application\/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation)/],
];
const endings: Readonly<Record<string, AttachmentKind>> = {
  pdf: 'pdf',
  docx: 'docx',
  docm: 'docx',
  xlsx: 'xlsx',
  xlsm: 'xlsx',
  pptx: 'pptx',
  pptm: 'pptx',
  odt: 'odf',
  ods: 'odf',
  odp: 'odf',
};

export type AttachmentKind = 'pdf' | 'docx' | 'xlsx' | 'pptx' | 'odf';

export interface Attachment {
  readonly part: Part;
  readonly kind: AttachmentKind;
}

/** Attachments whose text can be had, in their order; by type, or by name where the type says nothing. */
export function attachmentsOf(root: Part): Attachment[] {
  return leavesOf(root).flatMap((part) => {
    const kind = part.message === undefined ? kindOf(part) : undefined;
    return kind === undefined ? [] : [{ part, kind }];
  });
}

function kindOf(part: Part): AttachmentKind | undefined {
  const { type, subtype } = presentedType(part);
  if (type === 'text' || type === 'image') return undefined;
  const full = `${type}/${subtype}`;
  const byType = kinds.find(([, pattern]) => pattern.test(full));
  if (byType !== undefined) return byType[0];
  const ending = /\.([a-z]{3,4})$/i.exec(fileNameOf(part) ?? '');
  return ending === null ? undefined : endings[ending[1]!.toLowerCase()];
}

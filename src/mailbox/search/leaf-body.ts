/**
 * What the bytes of a message say about a leaf of a search. Every text part is looked at, in nested messages too, with its transfer encoding and charset undone;
 * HTML is
 * looked at without its tags, and what Outlook wraps into winmail.dat without the wrapping.
 */
import { decodeWords } from '../../proto/mime/encoded-word.ts';
import { decodeTransfer } from '../../proto/mime/decode-transfer.ts';
import { fieldText, parseHeaders } from '../../proto/mime/headers.ts';
import type { Part } from '../../proto/mime/structure.ts';
import { partText } from '../../proto/mime/text.ts';
import { isTnef, tnefText } from '../../proto/tnef/tnef-text.ts';
import type { EmailDetails } from '../email-facts.ts';
import type { Leaf } from './evaluate.ts';
import { foldBody, foldText } from './fold.ts';
import { htmlText } from './html-text.ts';

/** Encoded bytes of one part that are searched: more is no text that anybody wrote. */
export const searchedPartMaxBytes = 16 * 1024 * 1024;

/** The bytes [start, end) of a message: one of the ranges of `rangesOf`. */
export type ReadRange = (start: number, end: number) => Buffer;

/** What `MessageText` may read, so that the ranges of a file can be fetched before. */
export function rangesOf({ index }: EmailDetails, leaves: readonly Leaf[]): { start: number; end: number }[] {
  const ranges = [headerRange(index.root)];
  if (leaves.some((leaf) => leaf.is === 'text' || leaf.is === 'body'))
    ranges.push(...textsOf(index.root).map(rangeOf));
  if (leaves.some((leaf) => leaf.is === 'text')) ranges.push(...partsBelow(index.root).map(headerRange));
  return ranges;
}

/** One message, its texts made at most once for all leaves. */
export class MessageText {
  readonly #details: EmailDetails;
  readonly #read: ReadRange;
  #header: string | undefined;
  #partHeaders: string[] | undefined;
  readonly #parts = new Map<Part, string>();

  constructor(details: EmailDetails, read: ReadRange) {
    this.#details = details;
    this.#read = read;
  }

  /** `contains` of the leaf must be folded. */
  matches(leaf: Leaf): boolean {
    switch (leaf.is) {
      case 'header':
        return this.#inField(leaf.field.toLowerCase(), leaf.contains);
      case 'text':
        return (
          this.#headerText().includes(leaf.contains) ||
          this.#inParts(leaf.contains) ||
          this.#inPartHeaders(leaf.contains)
        );
      case 'body':
        return this.#inParts(leaf.contains);
      default:
        return false;
    }
  }

  #inField(name: string, contains: string): boolean {
    const bytes = this.#bytes(headerRange(this.#details.index.root));
    const fields = parseHeaders(bytes).fields.filter((field) => field.name === name);
    return fields.some(
      (field) => contains === '' || foldText(decodeWords(fieldText(bytes, field))).includes(contains),
    );
  }

  #headerText(): string {
    this.#header ??= this.#textOfHeader(this.#details.index.root);
    return this.#header;
  }

  #textOfHeader(part: Part): string {
    const bytes = this.#bytes(headerRange(part));
    const lines = parseHeaders(bytes).fields.map(
      (field) => `${field.name}: ${decodeWords(fieldText(bytes, field))}`,
    );
    return foldText(lines.join('\n'));
  }

  #inParts(contains: string): boolean {
    for (const part of textsOf(this.#details.index.root)) {
      let text = this.#parts.get(part);
      if (text === undefined) {
        text = part.message === undefined ? this.#textOfPart(part) : this.#textOfHeader(part.message.root);
        this.#parts.set(part, text);
      }
      if (text.includes(contains)) return true;
    }
    return false;
  }

  /** TEXT looks at the header fields of MIME parts too (RFC 9051, 6.4.4): names of attachments are found. */
  #inPartHeaders(contains: string): boolean {
    this.#partHeaders ??= partsBelow(this.#details.index.root).map((part) => this.#textOfHeader(part));
    return this.#partHeaders.some((text) => text.includes(contains));
  }

  #textOfPart(part: Part): string {
    const bytes = this.#bytes(rangeOf(part));
    if (isTnef(part)) return foldBody(tnefText(decodeTransfer(bytes, part.encoding)));
    const { text } = partText(bytes, { ...part, headerStart: 0, bodyStart: 0, bodyEnd: bytes.length });
    return foldBody(part.subtype === 'html' ? htmlText(text) : text);
  }

  #bytes({ start, end }: { start: number; end: number }): Buffer {
    return this.#read(start, end);
  }
}

const headerRange = (part: Part): { start: number; end: number } => ({
  start: part.headerStart,
  end: Math.min(part.bodyStart, part.headerStart + searchedPartMaxBytes),
});

function rangeOf(part: Part): { start: number; end: number } {
  if (part.message !== undefined) return headerRange(part.message.root);
  return { start: part.bodyStart, end: Math.min(part.bodyEnd, part.bodyStart + searchedPartMaxBytes) };
}

/** Every part of a multipart, at any depth, whose header stands within the body. */
function partsBelow(root: Part): Part[] {
  const found: Part[] = [];
  const waiting = [root];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const below = part.parts ?? (part.message === undefined ? [] : [part.message.root]);
    // The header of a nested message is among the texts already.
    if (part.parts !== undefined) found.push(...below);
    waiting.push(...below);
  }
  return found;
}

/** Text parts (and messages in TNEF, which are texts of a kind), and nested messages for their headers, in their order. */
function textsOf(root: Part): Part[] {
  const found: Part[] = [];
  const waiting = [root];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.type === 'text' || part.message !== undefined || isTnef(part)) found.push(part);
    if (part.parts !== undefined) waiting.push(...part.parts.toReversed());
    if (part.message !== undefined) waiting.push(part.message.root);
  }
  return found;
}

/**
 * The texts of a message that a search looks at, folded. Every text part counts, in nested messages too, with its transfer encoding and charset undone; HTML without its tags; what Outlook wraps into winmail.dat without the wrapping;
 * attachments by their names and what they say.
 *
 * What a search finds is defined here, and only here: the index is given the same texts. Values of signatures are left out of TEXT: they are numbers, kilobytes of them, in which every short
 * word is found by chance (HEADER looks at them all the same).
 */
import { decodeTransfer } from '../../proto/mime/decode-transfer.ts';
import { decodeWords } from '../../proto/mime/encoded-word.ts';
import { fieldText, parseHeaders } from '../../proto/mime/headers.ts';
import { htmlToText } from '../../proto/mime/html-text.ts';
import type { Part } from '../../proto/mime/structure.ts';
import { partText } from '../../proto/mime/text.ts';
import { isTnef, tnefText } from '../../proto/tnef/tnef-text.ts';
import type { Field, Unit } from '../../search/field.ts';
import { foldText } from '../../search/fold.ts';
import { readingsOf } from '../../search/readings.ts';
import type { EmailDetails } from '../email-facts.ts';
import { addressFields, envelopeText, namesOf } from './envelope-text.ts';
import type { Leaf } from './evaluate.ts';
import { fileNameOf, headerRange, leavesOf, partsBelow, textRange, textsOf } from './searched-parts.ts';

/** The bytes [start, end) of a message: one of the ranges of `rangesOf`. */
export type ReadRange = (start: number, end: number) => Buffer;

/** What `MessageText` may read for these leaves, so that the ranges of a file can be fetched before. */
export function rangesOf({ index }: EmailDetails, leaves: readonly Leaf[]): { start: number; end: number }[] {
  const ranges = [headerRange(index.root)];
  if (leaves.some((leaf) => leaf.is === 'text' || leaf.is === 'body'))
    ranges.push(...textsOf(index.root).map(textRange));
  if (leaves.some((leaf) => leaf.is === 'text')) ranges.push(...partsBelow(index.root).map(headerRange));
  return ranges;
}

const noise =
  /^(?:dkim-signature|domainkey-signature|arc-.*|x-google-dkim-signature|x-google-smtp-source|x-gm-message-state|x-microsoft-antispam.*|x-ms-exchange-.*|x-forefront-antispam-report)$/;

/** Fields whose value TEXT does not look at. */
export const isNoise = (field: string): boolean => noise.test(field);

type Kind = 'envelope' | 'header' | 'parts' | 'partHeaders' | 'names' | 'attached';

const inParts: readonly Kind[] = ['parts', 'attached'];

/** One message, its texts made at most once. */
export class MessageText {
  readonly #details: EmailDetails;
  readonly #read: ReadRange;
  readonly #attachments: readonly string[];
  readonly #made = new Map<Kind, readonly Unit[]>();

  /** `attachments`: the texts of `attachmentsOf`, in their order. */
  constructor(details: EmailDetails, read: ReadRange, attachments: readonly string[]) {
    this.#details = details;
    this.#read = read;
    this.#attachments = attachments;
  }

  /** `contains` of the leaf must be folded. */
  matches(leaf: Leaf): boolean {
    switch (leaf.is) {
      case 'header':
        return this.#inField(leaf.field.toLowerCase(), leaf.contains);
      case 'text':
        return this.#in(leaf.contains, [...inParts, 'envelope', 'header', 'partHeaders', 'names']);
      case 'body':
        return this.#in(leaf.contains, inParts);
      default:
        return false;
    }
  }

  /** All that is indexed. Header lines that the envelope repeats are there by their names alone. */
  units(): Unit[] {
    return [
      ...this.#of('envelope'),
      ...readingUnits(this.#details),
      ...this.#headerLines(this.#details.index.root, true),
      ...this.#of('parts'),
      ...this.#of('partHeaders'),
      ...this.#of('names'),
      ...this.#of('attached'),
    ];
  }

  /** Kinds are looked at one after the other, and not made before their turn. */
  #in(contains: string, kinds: readonly Kind[]): boolean {
    return kinds.some((kind) => this.#of(kind).some(({ text }) => text.includes(contains)));
  }

  #of(kind: Kind): readonly Unit[] {
    const before = this.#made.get(kind);
    if (before !== undefined) return before;
    const made = this.#make(kind);
    this.#made.set(kind, made);
    return made;
  }

  #make(kind: Kind): readonly Unit[] {
    switch (kind) {
      case 'envelope':
        return envelopeUnits(this.#details);
      case 'header':
        return this.#headerLines(this.#details.index.root, false);
      case 'parts':
        return this.#parts();
      case 'partHeaders':
        return this.#partHeaders();
      case 'names':
        return this.#names();
      default:
        return this.#attachments.map((text) => ({ field: 'attachment', text: foldText(text) }));
    }
  }

  #inField(name: string, contains: string): boolean {
    const bytes = this.#bytes(headerRange(this.#details.index.root));
    const fields = parseHeaders(bytes).fields.filter((field) => field.name === name);
    return fields.some(
      (field) => contains === '' || foldText(decodeWords(fieldText(bytes, field))).includes(contains),
    );
  }

  #headerLines(part: Part, brief: boolean): Unit[] {
    const bytes = this.#bytes(headerRange(part));
    return parseHeaders(bytes).fields.map((field): Unit => {
      const { name } = field;
      if (isNoise(name)) return { field: 'header', text: foldText(`${name}:`) };
      const value = foldText(decodeWords(fieldText(bytes, field)));
      const known =
        brief && this.#of('envelope').some((unit) => unit.field === name && isSame(unit.text, value));
      return { field: 'header', text: known ? `${name}:` : `${foldText(name)}: ${value}` };
    });
  }

  #parts(): Unit[] {
    return textsOf(this.#details.index.root).flatMap((part): Unit[] =>
      part.message === undefined
        ? [{ field: 'body', text: foldText(this.#plainText(part)) }]
        : this.#headerLines(part.message.root, false).map(({ text }) => ({ field: 'body', text })),
    );
  }

  /** TEXT looks at the header fields of MIME parts too (RFC 9051, 6.4.4). */
  #partHeaders(): Unit[] {
    return partsBelow(this.#details.index.root).flatMap((part) => this.#headerLines(part, false));
  }

  #names(): Unit[] {
    return leavesOf(this.#details.index.root).flatMap((part): Unit[] => {
      const name = fileNameOf(part);
      return name === undefined ? [] : [{ field: 'name', text: foldText(name) }];
    });
  }

  /** The texts of the body and of attachments as they were written. */
  *plainTexts(): Generator<string> {
    for (const part of textsOf(this.#details.index.root))
      if (part.message === undefined) yield this.#plainText(part);
    yield* this.#attachments;
  }

  #plainText(part: Part): string {
    const bytes = this.#bytes(textRange(part));
    if (isTnef(part)) return tnefText(decodeTransfer(bytes, part.encoding));
    const { text } = partText(bytes, { ...part, headerStart: 0, bodyStart: 0, bodyEnd: bytes.length });
    return part.subtype === 'html' ? htmlToText(text) : text;
  }

  #bytes({ start, end }: { start: number; end: number }): Buffer {
    return this.#read(start, end);
  }
}

/** What a header line has besides the text of the envelope is at most quotes. */
const isSame = (known: string, value: string): boolean =>
  known === value || known === value.replaceAll('"', '');

export function envelopeUnits({ index }: EmailDetails): Unit[] {
  const units: Unit[] = [];
  for (const field of ['subject', ...addressFields] as const) {
    const text = envelopeText(index.envelope, field);
    if (text) units.push({ field, text: foldText(text).trim() });
  }
  return units;
}

const readingOf = {
  subject: 'subjectReading',
  from: 'fromReading',
  to: 'toReading',
  cc: 'ccReading',
} as const;

/** Where the reading of a field is looked for. */
export const readingField = (field: string): Field | undefined => readingOf[field as keyof typeof readingOf];

export function readingUnits({ index }: EmailDetails): Unit[] {
  const { envelope } = index;
  const units: Unit[] = [];
  const add = (field: Field, text: string, asName: boolean): void => {
    for (const reading of readingsOf(text, asName)) units.push({ field, text: reading });
  };
  const subject = envelopeText(envelope, 'subject');
  if (subject) add('subjectReading', subject, false);
  for (const field of ['from', 'to', 'cc'] as const)
    for (const name of namesOf(envelope[field])) add(readingOf[field], name, true);
  return units;
}

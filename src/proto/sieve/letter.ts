/**
 * A message as a script sees it, and one edition of it: a script that changes the header or a part goes on with another edition, and each action has the one
 * that was current when it was taken (RFC 5293, 3; RFC 5703, 5).
 *
 * Only the header is needed by most scripts. The whole is fetched when a test or a change asks for it.
 */
import { trimmed, wsp } from '../../base/trimmed.ts';
import { decodeWords } from '../mime/encoded-word.ts';
import { fieldName, fieldText, parseHeaders } from '../mime/headers.ts';
import { indexMessage, type MessageIndex, type Part } from '../mime/structure.ts';

export interface LetterSource {
  /** The message from its first byte: at least its header, unless that is very long. */
  readonly head: Buffer;
  readonly sizeBytes: number;
  /** All of it. */
  whole(): Buffer;
}

export interface LetterField {
  /** Lower case. */
  readonly name: string;
  /** As it is spelled. */
  readonly spelling: string;
  /** With its name and line ends. */
  readonly bytes: Buffer;
  /** Unfolded; encoded words as they are. */
  readonly raw: string;
  /** May not be changed by a script (RFC 5703, 5). */
  readonly kept?: true;
}

/** Values that were decoded, for as long as the field lives. */
const decoded = new WeakMap<LetterField, string>();

/** What a test compares: decoded, without blanks at its ends (RFC 5228, 5.7). */
export function fieldValue(field: LetterField): string {
  let value = decoded.get(field);
  if (value === undefined) {
    value = trimmed(decodeWords(field.raw), wsp);
    decoded.set(field, value);
  }
  return value;
}

export class Letter {
  readonly sizeBytes: number;
  readonly fields: readonly LetterField[];
  /** Differs from what was received. */
  readonly edited: boolean;
  /** A header without the empty line behind it. */
  readonly bodyless: boolean;
  readonly #body: () => Buffer;
  #bytes: Buffer | undefined;
  #index: MessageIndex | undefined;
  readonly #partFields = new Map<Part, readonly LetterField[]>();

  private constructor(given: {
    readonly sizeBytes: number;
    readonly fields: readonly LetterField[];
    readonly edited: boolean;
    readonly bodyless?: boolean;
    readonly body: () => Buffer;
    readonly bytes?: Buffer;
  }) {
    this.sizeBytes = given.sizeBytes;
    this.fields = given.fields;
    this.edited = given.edited;
    this.bodyless = given.bodyless ?? false;
    this.#body = given.body;
    this.#bytes = given.bytes;
  }

  static received(source: LetterSource): Letter {
    const { sizeBytes } = source;
    const cut = parseHeaders(source.head).bodyStart >= source.head.length && source.head.length < sizeBytes;
    const head = cut ? source.whole() : source.head;
    const block = parseHeaders(head);
    return new Letter({
      sizeBytes,
      fields: fieldsOf(head),
      edited: false,
      bodyless: head.length === sizeBytes && block.bodyStart === head.length && !endsBlank(head),
      body: () => source.whole().subarray(block.bodyStart),
      ...(head.length === sizeBytes ? { bytes: head } : {}),
    });
  }

  /** Only the header of what was received, for whoever reads nothing else. */
  static headed(header: Buffer, sizeBytes: number): Letter {
    const body = (): never => {
      throw new Error('only the header is here');
    };
    return new Letter({ sizeBytes, fields: fieldsOf(header), edited: false, body });
  }

  /** A new edition from its bytes. */
  static made(bytes: Buffer, keep: (field: LetterField) => boolean = () => false): Letter {
    const { bodyStart } = parseHeaders(bytes);
    return new Letter({
      sizeBytes: bytes.length,
      fields: fieldsOf(bytes).map((field) => (keep(field) ? { ...field, kept: true } : field)),
      edited: true,
      body: () => bytes.subarray(bodyStart),
      bytes,
    });
  }

  /** The same body under another header. */
  withFields(fields: readonly LetterField[]): Letter {
    const { bodyless } = this;
    const sizeBytes = this.sizeBytes + headerBytes(fields) - headerBytes(this.fields);
    return new Letter({ sizeBytes, fields, edited: true, bodyless, body: () => this.body() });
  }

  /** Values of the fields of a name (in lower case), first to last. */
  values(name: string): string[] {
    return this.fields.filter((field) => field.name === name).map(fieldValue);
  }

  has(name: string): boolean {
    return this.fields.some((field) => field.name === name);
  }

  /** Behind the blank line. */
  body(): Buffer {
    return this.#body();
  }

  bytes(): Buffer {
    this.#bytes ??= Buffer.concat([
      ...this.fields.map((field) => field.bytes),
      Buffer.from('\r\n', 'latin1'),
      this.body(),
    ]);
    return this.#bytes;
  }

  structure(): MessageIndex {
    this.#index ??= indexMessage(this.wholeBytes());
    return this.#index;
  }

  /** The bytes that offsets of the structure are into. */
  wholeBytes(): Buffer {
    return this.bytes();
  }

  /** The header fields of a part. The root's are those of the message. */
  fieldsOfPart(part: Part): readonly LetterField[] {
    if (part.headerStart === this.structure().root.headerStart) return this.fields;
    let fields = this.#partFields.get(part);
    if (fields === undefined) {
      fields = fieldsOf(this.wholeBytes().subarray(part.headerStart, part.bodyStart));
      this.#partFields.set(part, fields);
    }
    return fields;
  }
}

const headerBytes = (fields: readonly LetterField[]): number =>
  fields.reduce((sum, { bytes }) => sum + bytes.length, 0);

const endsBlank = (head: Buffer): boolean => /(?:^|\n)\r?\n$/.test(head.toString('latin1', head.length - 3));

/** Parts directly within a part: of a multipart, or the message that it holds. */
export function partsWithin(part: Part): readonly Part[] {
  return part.parts ?? (part.message ? [part.message.root] : []);
}

function fieldsOf(bytes: Buffer): LetterField[] {
  return parseHeaders(bytes).fields.map((field) => ({
    name: field.name,
    spelling: fieldName(bytes, field),
    bytes: bytes.subarray(field.start, field.end),
    raw: fieldText(bytes, field),
  }));
}

import type { MessageIndex, Part } from './structure.ts';

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}
export type SectionText = 'HEADER' | 'TEXT' | 'MIME';

/** The part at an IMAP section path (RFC 9051, 6.4.5.1); `[]` is the message itself. */
export function partAt(index: MessageIndex, path: readonly number[]): Part | undefined {
  throw new Error(`${index.sizeBytes}${path.length}`);
}
/** The bytes of `BODY[path.text]`; undefined when the message has no such section. */
export function sectionRange(
  index: MessageIndex,
  path: readonly number[],
  text?: SectionText,
): ByteRange | undefined {
  throw new Error(`${index.sizeBytes}${path.length}${text}`);
}
/** HEADER.FIELDS and HEADER.FIELDS.NOT: the fields (raw, in their order) and the blank line. Names in any case. */
export function selectFields(header: Buffer, names: readonly string[], not: boolean): Buffer {
  throw new Error(`${header.length}${names.length}${not}`);
}

import type { Part } from './structure.ts';

/** RFC 8621, 4.1.4. `path` of a part is its JMAP partId and IMAP section number, as `1.2`. */
export interface BodyLists {
  readonly textBody: readonly BodyPart[];
  readonly htmlBody: readonly BodyPart[];
  readonly attachments: readonly BodyPart[];
}
export interface BodyPart {
  readonly path: string;
  readonly part: Part;
}
export function bodyLists(root: Part): BodyLists {
  throw new Error(root.type);
}
/** RFC 8621, 4.1.4: something a person would call an attachment. */
export function hasAttachment(root: Part): boolean {
  throw new Error(root.type);
}
/** The name of a part, decoded: Content-Disposition filename, else Content-Type name. */
export function partName(part: Part): string | undefined {
  throw new Error(part.type);
}

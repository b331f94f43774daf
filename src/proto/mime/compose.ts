import type { Address } from './address.ts';

/** A message or part to be written. Text is Unicode; the composer encodes. */
export interface Draft {
  /** Fields in this order. CR, LF or NUL in a value is an error (MessageFormatError). */
  readonly headers: readonly DraftField[];
  readonly body: DraftBody;
  /** `iso-2022-jp` is used where the text allows it, else UTF-8. */
  readonly charset?: 'utf-8' | 'iso-2022-jp';
}
export type DraftField =
  | { readonly name: string; readonly text: string }
  /** Already in wire form, ASCII. */
  | { readonly name: string; readonly raw: string }
  | { readonly name: string; readonly addresses: readonly Address[] }
  | { readonly name: string; readonly dateMs: number; readonly zoneMinutes?: number };

export type DraftBody =
  | {
      readonly is: 'text';
      readonly text: string;
      readonly subtype?: string;
      readonly headers?: readonly DraftField[];
    }
  | {
      readonly is: 'multipart';
      readonly subtype: string;
      readonly params?: readonly (readonly [string, string])[];
      readonly parts: readonly DraftBody[];
      /** Unique within the message; the caller makes it of random characters. */
      readonly boundary: string;
    }
  /** Bytes as an attachment or inline part: base64. */
  | {
      readonly is: 'bytes';
      readonly type: string;
      readonly bytes: Buffer;
      readonly filename?: string;
      readonly disposition?: 'attachment' | 'inline';
      readonly headers?: readonly DraftField[];
    }
  /** message/rfc822, message/delivery-status, text/rfc822-headers and the like: as they are, CRLF made sure of. */
  | {
      readonly is: 'verbatim';
      readonly type: string;
      readonly bytes: Buffer;
      readonly headers?: readonly DraftField[];
    };

/** The message in CRLF. */
export function compose(draft: Draft): Buffer {
  throw new Error(`${draft.headers.length}`);
}
export class MessageFormatError extends Error {
  override readonly name = 'MessageFormatError';
}

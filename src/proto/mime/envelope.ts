import type { Address } from './address.ts';
import type { HeaderBlock } from './headers.ts';

/**
 * What IMAP ENVELOPE and JMAP need of a header. Text is unfolded Unicode with encoded words as they came (decodeWords undoes them).
 * `sender` and `replyTo` are empty when absent: IMAP puts `from` in their place (RFC 9051, 7.5.2).
 */
export interface Envelope {
  readonly date?: string;
  readonly subject?: string;
  readonly from: readonly Address[];
  readonly sender: readonly Address[];
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  /** As written, with brackets. */
  readonly inReplyTo?: string;
  readonly messageId?: string;
}
export function readEnvelope(bytes: Buffer, headers: HeaderBlock): Envelope {
  throw new Error(`${bytes.length}${headers.end}`);
}

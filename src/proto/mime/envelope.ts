/**
 * The envelope of a header as IMAP calls it (RFC 9051, 7.5.2), kept with each stored message. Bounded, JSON-able, never throws.
 */
import { type Address, parseAddresses } from './address.ts';
import { findField, findFields, fieldText, type HeaderBlock } from './headers.ts';

/** Characters of one text field that are kept. */
const textMax = 256 * 1024;
/** Fields of one name whose addresses are put together; RFC 5322 allows one, mailers write several. */
const repeatsMax = 20;

/**
 * What IMAP ENVELOPE and JMAP need of a header. Text is unfolded Unicode with encoded words as they came (`decodeWords` undoes them).
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
  const text = (name: string): string | undefined => {
    const field = findField(headers, name);
    return field && fieldText(bytes, field).slice(0, textMax);
  };
  const addresses = (name: string): Address[] =>
    findFields(headers, name)
      .slice(0, repeatsMax)
      .flatMap((field) => parseAddresses(fieldText(bytes, field)));
  const [date, subject, inReplyTo, messageId] = ['date', 'subject', 'in-reply-to', 'message-id'].map(text);
  return {
    ...(date !== undefined && { date }),
    ...(subject !== undefined && { subject }),
    from: addresses('from'),
    sender: addresses('sender'),
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(messageId !== undefined && { messageId }),
  };
}

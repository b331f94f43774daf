/** Fields of the envelope as they are searched in: decoded, and put together anew from what was understood of them. */
import type { Address, Mailbox } from '../../proto/mime/address.ts';
import { decodeWords } from '../../proto/mime/encoded-word.ts';
import type { Envelope } from '../../proto/mime/envelope.ts';

export const addressFields = ['from', 'to', 'cc', 'bcc'] as const;

/** The decoded text of a field that the envelope has; null when the message lacks it; undefined for other fields. */
export function envelopeText(envelope: Envelope, field: string): string | null | undefined {
  switch (field) {
    case 'subject':
      return envelope.subject === undefined ? null : decodeWords(envelope.subject);
    case 'message-id':
      return envelope.messageId ?? null;
    case 'in-reply-to':
      return envelope.inReplyTo ?? null;
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
      return addressText(envelope[field]);
    default:
      return undefined;
  }
}

/** As a header has it: the names of groups are in it too. */
function addressText(addresses: readonly Address[]): string | null {
  if (addresses.length === 0) return null;
  return addresses
    .map((each) =>
      'group' in each
        ? `${decodeWords(each.group)}: ${each.members.map(mailboxText).join(', ')};`
        : mailboxText(each),
    )
    .join(', ');
}

const mailboxText = ({ name, local, domain }: Mailbox): string =>
  `${decodeWords(name ?? '')} <${local}@${domain}>`;

/** Display names, for whoever wants to know how they are read. */
export function namesOf(addresses: readonly Address[]): string[] {
  const mailboxes = addresses.flatMap((each) => ('group' in each ? each.members : [each]));
  return mailboxes.flatMap(({ name }) => (name === undefined || name === '' ? [] : [decodeWords(name)]));
}

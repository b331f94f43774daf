/** What the stored details of an email say about a leaf of a search: envelope, date, attachments. */
import type { Address, Mailbox } from '../../proto/mime/address.ts';
import { decodeWords } from '../../proto/mime/encoded-word.ts';
import type { Envelope } from '../../proto/mime/envelope.ts';
import type { EmailDetails } from '../email-facts.ts';
import { type Leaf, onDay, type Verdict } from './evaluate.ts';
import { foldText } from './fold.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Undefined when only the message itself can tell. `contains` of the leaf must be folded. */
export function verdictOfDetails(leaf: Leaf, details: EmailDetails): Verdict {
  const { envelope } = details.index;
  switch (leaf.is) {
    case 'sent':
      return (
        details.sentAtMs !== undefined &&
        onDay(leaf, Math.floor((details.sentAtMs + details.sentZoneMinutes * minuteMs) / dayMs))
      );
    case 'attachment':
      return details.hasAttachment;
    case 'header': {
      const text = envelopeText(envelope, leaf.field.toLowerCase());
      if (text === undefined) return undefined;
      return leaf.contains === '' ? text !== null : text !== null && foldText(text).includes(leaf.contains);
    }
    case 'text':
      // Found here, it need not be looked for in the message; not found, it may still be there.
      return (
        leaf.contains === '' ||
        ['subject', 'from', 'to', 'cc'].some((field) =>
          foldText(envelopeText(envelope, field) ?? '').includes(leaf.contains),
        ) ||
        undefined
      );
    default:
      return leaf.contains === '' ? true : undefined;
  }
}

/** The decoded text of a field that the envelope has; null when the message lacks it; undefined for other fields. */
function envelopeText(envelope: Envelope, field: string): string | null | undefined {
  switch (field) {
    case 'subject':
      return envelope.subject === undefined ? null : decodeWords(envelope.subject);
    case 'message-id':
      return envelope.messageId ?? null;
    case 'in-reply-to':
      return envelope.inReplyTo ?? null;
    case 'from':
      return addressText(envelope.from);
    case 'to':
      return addressText(envelope.to);
    case 'cc':
      return addressText(envelope.cc);
    case 'bcc':
      return addressText(envelope.bcc);
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

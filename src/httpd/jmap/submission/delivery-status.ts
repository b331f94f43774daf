/** What became of a submission, from the ledger: an answer for each recipient (RFC 8621, 7: DeliveryStatus). */
import type { LedgerEvent } from '../../../events/ledger.ts';

export interface DeliveryStatus {
  readonly smtpReply: string;
  readonly delivered: 'queued' | 'yes' | 'no' | 'unknown';
  readonly displayed: 'unknown' | 'yes';
}

export interface Became {
  readonly deliveryStatus: Readonly<Record<string, DeliveryStatus>>;
  /** Nothing more will be heard of it. */
  readonly isOver: boolean;
  readonly isCancelled: boolean;
}

export function becameOf(recipients: readonly string[], events: readonly LedgerEvent[]): Became {
  const accepted = events.find((event) => event.is === 'accepted');
  const reply =
    accepted?.is === 'accepted' && accepted.data.reply !== '' ? accepted.data.reply : '250 2.0.0 OK';
  const statuses = new Map<string, DeliveryStatus>();
  for (const email of recipients)
    statuses.set(email.toLowerCase(), { smtpReply: reply, delivered: 'queued', displayed: 'unknown' });
  let isCancelled = false;
  for (const event of events) {
    const to = event.recipient.toLowerCase();
    if (event.is === 'managed' && ['cancelled', 'deleted'].includes(event.data.action)) isCancelled = true;
    const before = statuses.get(to);
    const next = before && told(before, event);
    if (next !== undefined) statuses.set(to, next);
  }
  const deliveryStatus = Object.fromEntries(
    recipients.map((email) => [email, statuses.get(email.toLowerCase())!]),
  );
  const isOver =
    isCancelled || Object.values(deliveryStatus).every(({ delivered }) => delivered !== 'queued');
  return { deliveryStatus, isOver, isCancelled };
}

function told(before: DeliveryStatus, event: LedgerEvent): DeliveryStatus | undefined {
  switch (event.is) {
    case 'stored':
      return { ...before, smtpReply: '250 2.0.0 stored', delivered: 'yes' };
    // The next server has it: whether it comes to a mailbox there we do not know.
    case 'delivered':
      return before.delivered === 'yes'
        ? undefined
        : { ...before, smtpReply: event.data.reply, delivered: 'unknown' };
    case 'deferred':
      return { ...before, smtpReply: event.data.reply };
    case 'bounced':
      return { ...before, smtpReply: event.data.reply, delivered: 'no' };
    // Several stand for it, or somebody else: each has an answer of its own, which is not the sender's to see.
    case 'redirected':
      return { ...before, delivered: 'unknown' };
    default:
      return undefined;
  }
}

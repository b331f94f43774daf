/** STATUS (RFC 3501, 6.3.10; RFC 7162; RFC 8438; RFC 8474; RFC 7889), answered from counters: no mailbox is opened. */
import type { MailboxInfo } from '../../mailbox/mailbox.ts';
import type { StatusItem } from '../../proto/imap/command.ts';
import { mailboxName } from '../../proto/imap/response.ts';
import type { Outcome } from '../outcome.ts';
import { enableCondstore } from './general.ts';
import { findMailbox } from './mailbox-name.ts';
import type { LoggedIn } from './run.ts';

export async function status(
  session: LoggedIn,
  name: string,
  items: readonly StatusItem[],
): Promise<Outcome> {
  const mailbox = await findMailbox(session, name);
  sendStatus(session, mailbox, items);
  return undefined;
}

export function sendStatus(session: LoggedIn, mailbox: MailboxInfo, items: readonly StatusItem[]): void {
  if (items.includes('HIGHESTMODSEQ')) enableCondstore(session);
  const values = items.map((item) => `${item} ${valueOf(session, mailbox, item)}`);
  session.untagged(`STATUS ${mailboxName(mailbox.name, session.utf8)} (${values.join(' ')})`);
}

function valueOf(session: LoggedIn, mailbox: MailboxInfo, item: StatusItem): string | number {
  switch (item) {
    case 'MESSAGES':
      return mailbox.total;
    case 'RECENT':
      // Exact unless a recent message was expunged before any session saw it.
      return Math.min(mailbox.total, Math.max(0, mailbox.uidNext - mailbox.recentFrom));
    case 'UIDNEXT':
      return mailbox.uidNext;
    case 'UIDVALIDITY':
      return mailbox.uidValidity;
    case 'UNSEEN':
      return mailbox.unseen;
    case 'DELETED':
      return mailbox.deleted;
    case 'SIZE':
      return mailbox.sizeBytes;
    case 'HIGHESTMODSEQ':
      return mailbox.modseq;
    case 'APPENDLIMIT':
      return session.server.parts.options.messageMaxBytes;
    default:
      return `(${mailbox.id})`;
  }
}

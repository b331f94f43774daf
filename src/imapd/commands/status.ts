/** STATUS (RFC 3501, 6.3.10; RFC 7162; RFC 8438; RFC 8474; RFC 7889; RFC 9208), answered from counters: no mailbox is opened. */
import type { StatusItem } from '../../proto/imap/command.ts';
import { mailboxName } from '../../proto/imap/response.ts';
import type { Outcome } from '../outcome.ts';
import { enableCondstore } from './general.ts';
import { findPlace, type Place } from './place.ts';
import type { LoggedIn } from './run.ts';

export async function status(
  session: LoggedIn,
  name: string,
  items: readonly StatusItem[],
): Promise<Outcome> {
  const place = await findPlace(session, name, 'r');
  await sendStatus(session, place, items);
  return undefined;
}

export async function sendStatus(
  session: LoggedIn,
  place: Place,
  items: readonly StatusItem[],
): Promise<void> {
  if (items.includes('HIGHESTMODSEQ')) enableCondstore(session);
  session.untagged(await statusText(session, place, items));
}

export async function statusText(
  session: LoggedIn,
  place: Place,
  items: readonly StatusItem[],
): Promise<string> {
  const values: string[] = [];
  for (const item of items) values.push(`${item} ${await valueOf(session, place, item)}`);
  return `STATUS ${mailboxName(place.name, session.utf8)} (${values.join(' ')})`;
}

async function valueOf(
  session: LoggedIn,
  { mailbox, owner }: Place,
  item: StatusItem,
): Promise<string | number> {
  switch (item) {
    case 'DELETED-STORAGE':
      return mailbox.deleted === 0 ? 0 : session.server.parts.mailboxes.deletedBytes(owner, mailbox.id);
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

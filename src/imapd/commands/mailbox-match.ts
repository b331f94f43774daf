/** Whether a mailbox is one of those that a filter of NOTIFY or ESEARCH means (RFC 5465, 6). */
import type { MailboxFilter } from '../../proto/imap/command.ts';
import type { Place } from './place.ts';
import type { LoggedIn } from './run.ts';

export function matchesFilter(
  filter: MailboxFilter,
  place: Place,
  { subscribed, session }: { subscribed: ReadonlySet<string>; session: LoggedIn },
): boolean {
  const isOwn = place.owner === session.principal.account;
  switch (filter.is) {
    case 'selected':
    case 'selected-delayed':
      return isSelected(session, place);
    case 'inboxes':
      return isOwn && place.mailbox.role === 'inbox';
    case 'personal':
      return isOwn;
    case 'subscribed':
      return subscribed.has(place.name);
    case 'mailboxes':
      return filter.names.includes(place.name);
    case 'subtree':
      return filter.names.some((name) => place.name === name || place.name.startsWith(`${name}/`));
    default:
      return filter.names.some(
        (name) =>
          place.name === name ||
          (place.name.startsWith(`${name}/`) && !place.name.slice(name.length + 1).includes('/')),
      );
  }
}

export const isSelected = ({ selected }: LoggedIn, { owner, mailbox }: Place): boolean =>
  selected?.owner === owner && selected.mailbox.id === mailbox.id;

/** Which mailboxes NOTIFY and ESEARCH mean (RFC 5465, 6 and 8; RFC 7377, 2.2). */
import type { MailboxFilter } from './command.ts';
import { CommandError, type Scanner } from './scanner.ts';

/** Names in one filter. */
const namesMax = 200;

export function mailboxFilter(s: Scanner): MailboxFilter {
  const name = s.word('mailbox filter').toLowerCase();
  switch (name) {
    case 'selected':
    case 'selected-delayed':
    case 'inboxes':
    case 'personal':
    case 'subscribed':
      return { is: name };
    case 'subtree':
    case 'subtree-one':
    case 'mailboxes':
      s.space();
      return { is: name, names: oneOrMore(s) };
    default:
      throw new CommandError('Unknown mailbox filter');
  }
}

function oneOrMore(s: Scanner): string[] {
  if (s.peek() !== '(') return [s.mailbox()];
  const names: string[] = [];
  s.list(() => names.push(s.mailbox()), namesMax);
  if (names.length === 0) throw new CommandError('No mailboxes given');
  return names;
}

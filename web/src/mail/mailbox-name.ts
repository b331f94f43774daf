/** How a mailbox is called: those with a role as the reader's language has it. */
import { useWords } from '../words.ts';
import { knownRole } from './data/mailboxes.ts';
import type { Mailbox } from './jmap/types.ts';

export function useMailboxName(): (mailbox: Mailbox) => string {
  const { t } = useWords('mail');
  return ({ role, name }) => {
    const known = knownRole(role);
    return known === undefined ? name : t(`roles.${known}`);
  };
}

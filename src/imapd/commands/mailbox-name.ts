/** Names of mailboxes as clients give them, looked up; the mailboxes that are made when a client first needs them. */
import { Refusal } from '../../base/refusal.ts';
import type { MailboxInfo, Role } from '../../mailbox/mailbox.ts';
import { no } from '../replies.ts';
import type { LoggedIn } from './run.ts';

/** Without the delimiter that some mailers put behind a name. */
export const trimmedName = (name: string): string =>
  name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name;

export async function findMailbox(session: LoggedIn, name: string): Promise<MailboxInfo> {
  const found = await session.server.parts.mailboxes.find(session.principal.account, trimmedName(name));
  if (found === undefined) throw no('No such mailbox', 'NONEXISTENT');
  return found;
}

const wellKnown = new Map<string, Role>([
  ['Sent', 'sent'],
  ['Drafts', 'drafts'],
  ['Trash', 'trash'],
  ['Junk', 'junk'],
  ['Archive', 'archive'],
]);

/** The target of APPEND, COPY and MOVE. A usual special-use name that the account lacks is created; others get TRYCREATE. */
export async function targetMailbox(session: LoggedIn, name: string): Promise<MailboxInfo> {
  const { mailboxes } = session.server.parts;
  const { account } = session.principal;
  const found = await mailboxes.find(account, trimmedName(name));
  if (found !== undefined) return found;
  const role = wellKnown.get(trimmedName(name));
  const taken =
    role === undefined || (await mailboxes.list(account)).some((mailbox) => mailbox.role === role);
  if (taken) throw no('No such mailbox', 'TRYCREATE');
  return mailboxes
    .create(account, trimmedName(name), { role, subscribed: true })
    .catch(async (error: unknown) => {
      const now =
        error instanceof Refusal && error.reason === 'mailboxExists'
          ? await mailboxes.find(account, name)
          : undefined;
      if (now === undefined) throw error;
      return now;
    });
}

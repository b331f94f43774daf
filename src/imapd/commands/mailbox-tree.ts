/** CREATE (RFC 6154 for USE), DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE. */
import { Refusal } from '../../base/refusal.ts';
import type { Role } from '../../mailbox/mailbox.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import { findMailbox, trimmedName } from './mailbox-name.ts';
import type { LoggedIn } from './run.ts';

const roleOf = new Map<string, Role>([
  ['\\archive', 'archive'],
  ['\\drafts', 'drafts'],
  ['\\junk', 'junk'],
  ['\\sent', 'sent'],
  ['\\trash', 'trash'],
  ['\\important', 'important'],
]);

export async function createMailbox(
  session: LoggedIn,
  command: { mailbox: string; uses: readonly string[] },
): Promise<Outcome> {
  const { mailboxes } = session.server.parts;
  const { account } = session.principal;
  if (command.uses.length > 1) throw no('Only one special use for a mailbox', 'USEATTR');
  const use = command.uses[0];
  const role = use === undefined ? undefined : roleOf.get(use.toLowerCase());
  if (use !== undefined && role === undefined) throw no('This special use is not supported', 'USEATTR');
  if (role !== undefined && (await mailboxes.list(account)).some((mailbox) => mailbox.role === role)) {
    throw no('Another mailbox has this special use', 'USEATTR');
  }
  const made = await mailboxes.create(
    account,
    trimmedName(command.mailbox),
    role === undefined ? {} : { role },
  );
  return `[MAILBOXID (${made.id})] Created`;
}

export async function deleteMailbox(session: LoggedIn, name: string): Promise<Outcome> {
  const { mailboxes } = session.server.parts;
  const mailbox = await findMailbox(session, name);
  await mailboxes.delete(session.principal.account, mailbox.name).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    if (error.reason === 'notAllowed') throw no('INBOX cannot be deleted', 'CANNOT');
    if (error.reason === 'conflict') throw no('The mailbox has others below it', 'HASCHILDREN');
    throw error;
  });
  if (session.selected?.mailbox.id === mailbox.id) {
    session.deselect();
    session.untagged('OK [CLOSED] The selected mailbox is gone');
  }
  return undefined;
}

export async function renameMailbox(session: LoggedIn, from: string, to: string): Promise<Outcome> {
  await session.server.parts.mailboxes.rename(session.principal.account, trimmedName(from), trimmedName(to));
  return undefined;
}

export async function subscribe(session: LoggedIn, name: string, subscribed: boolean): Promise<Outcome> {
  await session.server.parts.mailboxes.subscribe(session.principal.account, trimmedName(name), subscribed);
  return undefined;
}

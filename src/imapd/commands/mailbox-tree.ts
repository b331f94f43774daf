/** CREATE (RFC 6154 for USE), DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, with the rights that each needs (RFC 4314, 4). */
import { Refusal } from '../../base/refusal.ts';
import type { Role } from '../../mailbox/mailbox.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import { listLine } from './list.ts';
import { findPlace, lookUp, mayCreate, whereIs } from './place.ts';
import type { LoggedIn } from './run.ts';

const roleOf = new Map<string, Role>([
  ['\\archive', 'archive'],
  ['\\drafts', 'drafts'],
  ['\\junk', 'junk'],
  ['\\sent', 'sent'],
  ['\\trash', 'trash'],
  ['\\important', 'important'],
  ['\\snoozed', 'snoozed'],
]);

export async function createMailbox(
  session: LoggedIn,
  command: { mailbox: string; given: string; uses: readonly string[] },
): Promise<Outcome> {
  const { mailboxes } = session.server.parts;
  const where = await whereIs(session, command.mailbox);
  if (where === undefined) throw no('Not a valid mailbox name', 'CANNOT');
  await mayCreate(session, where);
  const role = roleFor(command.uses);
  if (role !== undefined && (await mailboxes.list(where.owner)).some((mailbox) => mailbox.role === role)) {
    throw no('Another mailbox has this special use', 'USEATTR');
  }
  const made = await mailboxes.create(where.owner, where.name, role === undefined ? {} : { role });
  await sayOldName(session, command);
  return `[MAILBOXID (${made.id})] Created`;
}

function roleFor(uses: readonly string[]): Role | undefined {
  if (uses.length > 1) throw no('Only one special use for a mailbox', 'USEATTR');
  const use = uses[0];
  const role = use === undefined ? undefined : roleOf.get(use.toLowerCase());
  if (use !== undefined && role === undefined) throw no('This special use is not supported', 'USEATTR');
  return role;
}

/** Where the name became another by normalisation, IMAP4rev2 is told (RFC 9051, 6.3.4). */
async function sayOldName(
  session: LoggedIn,
  { mailbox, given }: { mailbox: string; given: string },
): Promise<void> {
  if (!session.rev2 || given === mailbox) return;
  const place = await lookUp(session, mailbox);
  if (place !== undefined) session.untagged(listLine(session, place, { oldName: given }));
}

export async function deleteMailbox(
  session: LoggedIn,
  name: string,
  given: string | undefined,
): Promise<Outcome> {
  const { mailboxes } = session.server.parts;
  const place = await findPlace(session, name, 'x');
  const { owner, mailbox } = place;
  await mailboxes.delete(owner, mailbox.name).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    if (error.reason === 'notAllowed') throw no('INBOX cannot be deleted', 'CANNOT');
    if (error.reason === 'conflict') throw no('The mailbox has others below it', 'HASCHILDREN');
    throw error;
  });
  if (session.selected?.owner === owner && session.selected.mailbox.id === mailbox.id) {
    session.deselect();
    session.untagged('OK [CLOSED] The selected mailbox is gone');
  }
  // Under which name it was known (RFC 9051, 6.3.5).
  if (session.rev2 && given !== undefined)
    session.untagged(listLine(session, place, { attributes: ['\\NonExistent'], oldName: given }));
  return undefined;
}

export async function renameMailbox(session: LoggedIn, from: string, to: string): Promise<Outcome> {
  const { mailboxes } = session.server.parts;
  const place = await findPlace(session, from);
  const where = await whereIs(session, to);
  if (where === undefined) throw no('Not a valid mailbox name', 'CANNOT');
  if (where.owner !== place.owner) throw no('A mailbox cannot be given to another account', 'CANNOT');
  // INBOX stays: its mail alone goes (RFC 9051, 6.3.6).
  if (!place.rights.includes('x') && place.mailbox.role !== 'inbox') throw no('Not allowed', 'NOPERM');
  await mayCreate(session, where);
  await mailboxes.rename(place.owner, place.mailbox.name, where.name);
  if (session.rev2 && place.mailbox.role !== 'inbox') {
    const renamed = await lookUp(session, to);
    if (renamed !== undefined) session.untagged(listLine(session, renamed, { oldName: place.name }));
  }
  return undefined;
}

/** A name that does not exist may be subscribed too (RFC 9051, 6.3.7). */
export async function subscribe(session: LoggedIn, name: string, subscribed: boolean): Promise<Outcome> {
  const trimmed = name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name;
  await session.server.parts.mailboxes.subscribe(session.principal.account, trimmed, subscribed);
  return undefined;
}

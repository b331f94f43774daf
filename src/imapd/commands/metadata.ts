/**
 * GETMETADATA and SETMETADATA (RFC 5464). Private values are each user's own, also in a mailbox that others share; shared ones of a mailbox are its owner's, and those of the
 * server are the organisation's and set by its administrators.
 */
import type { AccountId, MailboxId } from '../../base/ids.ts';
import type { MetadataEntry } from '../../mailbox/access.ts';
import { allOf } from '../../mailbox/rights.ts';
import type { Command, GetMetadata } from '../../proto/imap/command.ts';
import { astring, mailboxName, nstringOfBytes } from '../../proto/imap/response.ts';
import { metadataValueMaxBytes } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import { findPlace, mustHave, type Place } from './place.ts';
import type { LoggedIn } from './run.ts';

/** Where shared annotations of the server lie: with the organisation. */
export const sharedAccount = (session: LoggedIn): AccountId => allOf(session.principal.org) as AccountId;

export async function getMetadata(session: LoggedIn, command: GetMetadata): Promise<Outcome> {
  const place = command.mailbox === '' ? undefined : await findPlace(session, command.mailbox, 'r');
  const { shown, longest } = chosen(command, await entriesOf(session, place));
  if (shown.length > 0) session.untagged(`METADATA ${nameOf(session, place)} (${shown.join(' ')})`);
  return longest === 0 ? undefined : `[METADATA LONGENTRIES ${longest}] Some values are longer`;
}

/** For LIST: what there is of these entries; empty when nothing is. */
export async function metadataText(
  session: LoggedIn,
  place: Place,
  entries: readonly string[],
): Promise<string> {
  if (!place.rights.includes('r')) return '';
  const asked = { entries, maxSize: undefined, depth: 0 };
  const { shown } = chosen(asked, await entriesOf(session, place));
  return `METADATA ${nameOf(session, place)} (${shown.join(' ')})`;
}

function nameOf(session: LoggedIn, place: Place | undefined): string {
  return place === undefined ? '""' : mailboxName(place.name, session.utf8);
}

async function entriesOf(session: LoggedIn, place: Place | undefined): Promise<readonly MetadataEntry[]> {
  const { access } = session.server.parts.mailboxes;
  const { account } = session.principal;
  if (place !== undefined) return access.metadata(place.owner, place.mailbox.id, account);
  const own = await access.metadata(account, undefined, account);
  const shared = await access.metadata(sharedAccount(session), undefined, account);
  return [...own.filter(({ who }) => who !== ''), ...shared];
}

/** What stands where no value is: NIL for an entry that was named itself. */
function chosen(
  { entries, maxSize = Infinity, depth }: Pick<GetMetadata, 'entries' | 'maxSize' | 'depth'>,
  stored: readonly MetadataEntry[],
): { shown: string[]; longest: number } {
  const shown = new Map<string, string>();
  let longest = 0;
  for (const asked of entries) {
    if (depth === 0) shown.set(asked, `${astring(asked)} NIL`);
    for (const { entry, value } of stored) {
      if (!isWithin(entry, asked, depth)) continue;
      if (value.length > maxSize) {
        longest = Math.max(longest, value.length);
        shown.delete(entry);
      } else shown.set(entry, `${astring(entry)} ${nstringOfBytes(value)}`);
    }
  }
  return { shown: [...shown.values()], longest };
}

function isWithin(entry: string, asked: string, depth: number): boolean {
  if (entry === asked) return true;
  return entry.startsWith(`${asked}/`) && entry.slice(asked.length + 1).split('/').length <= depth;
}

export async function setMetadata(
  session: LoggedIn,
  command: Extract<Command, { is: 'SETMETADATA' }>,
): Promise<Outcome> {
  for (const { value } of command.entries) {
    if (value !== null && value.length > metadataValueMaxBytes)
      throw no('The value is too long', `METADATA MAXSIZE ${metadataValueMaxBytes}`);
  }
  if (command.entries.some(({ name }) => name.split('/').length < 3))
    throw no('The entry cannot have a value', 'CANNOT');
  if (command.mailbox === '') return setOfServer(session, command.entries);
  const place = await findPlace(session, command.mailbox, 'r');
  if (command.entries.some(({ name }) => name.startsWith('/shared/'))) mustHave(place, 'w');
  await write(session, { owner: place.owner, mailbox: place.mailbox.id }, command.entries);
  return undefined;
}

type Entries = Extract<Command, { is: 'SETMETADATA' }>['entries'];

async function setOfServer(session: LoggedIn, entries: Entries): Promise<undefined> {
  const shared = entries.filter(({ name }) => name.startsWith('/shared/'));
  const { roles } = session.principal;
  if (shared.length > 0 && !roles.includes('owner') && !roles.includes('admin'))
    throw no('Shared annotations of the server are set by administrators', 'NOPERM');
  const own = entries.filter((each) => !shared.includes(each));
  if (own.length > 0) await write(session, { owner: session.principal.account, mailbox: undefined }, own);
  if (shared.length > 0) await write(session, { owner: sharedAccount(session), mailbox: undefined }, shared);
}

async function write(
  session: LoggedIn,
  where: { owner: AccountId; mailbox: MailboxId | undefined },
  entries: Entries,
): Promise<void> {
  const { account } = session.principal;
  const changes = entries.map(({ name, value }) => ({
    who: name.startsWith('/private/') ? account : '',
    entry: name,
    value,
  }));
  await session.server.parts.mailboxes.access.setMetadata(where.owner, where.mailbox, changes);
}

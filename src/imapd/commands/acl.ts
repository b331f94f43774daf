/** GETACL, SETACL, DELETEACL, LISTRIGHTS, MYRIGHTS (RFC 4314). Identifiers are addresses of accounts, and `anyone` of the same organisation. */
import type { AccountId, OrgId } from '../../base/ids.ts';
import { allOf, allRights, normalRights, ownerKeeps } from '../../mailbox/rights.ts';
import type { AclCommand } from '../../proto/imap/command.ts';
import { astring, mailboxName } from '../../proto/imap/response.ts';
import { decodeUtf8 } from '../../proto/imap/scanner.ts';
import type { Outcome } from '../outcome.ts';
import { bad, no } from '../replies.ts';
import { findPlace, mustHave, type Place } from './place.ts';
import type { LoggedIn } from './run.ts';

export async function acl(session: LoggedIn, command: AclCommand): Promise<Outcome> {
  const place = await findPlace(session, command.mailbox);
  if (command.is === 'MYRIGHTS') return myRights(session, place);
  mustHave(place, 'a');
  switch (command.is) {
    case 'GETACL':
      return getAcl(session, place);
    case 'LISTRIGHTS':
      return listRights(session, place, command.identifier);
    case 'SETACL':
      return setAcl(session, place, command);
    default: {
      const identifier = await identified(session, place, command.identifier);
      if (identifier !== undefined)
        await session.server.parts.mailboxes.access.setRights(place.owner, place.mailbox.id, {
          identifier,
          how: 'replace',
          rights: '',
          otherwise: '',
          drop: true,
        });
      return undefined;
    }
  }
}

function myRights(session: LoggedIn, { name, rights }: Place): undefined {
  session.untagged(`MYRIGHTS ${mailboxName(name, session.utf8)} ${rightsText(rights)}`);
}

/** With the rights `c` and `d` of old, which stand for several (RFC 4314, 2.1.1). */
export function rightsText(rights: string): string {
  const old = `${/[kx]/.test(rights) ? 'c' : ''}${/[te]/.test(rights) ? 'd' : ''}`;
  return astring(rights + old);
}

async function getAcl(session: LoggedIn, place: Place): Promise<undefined> {
  const { acl: entries } = place.mailbox;
  const lines: string[] = [];
  if (!entries.some(({ identifier }) => identifier === place.owner))
    lines.push(`${await shown(session, place.owner)} ${rightsText(allRights)}`);
  for (const { identifier, rights } of entries) {
    const all = identifier === place.owner ? normalRights(rights + ownerKeeps)! : rights;
    lines.push(`${await shown(session, identifier)} ${rightsText(all)}`);
  }
  session.untagged(`ACL ${mailboxName(place.name, session.utf8)} ${lines.join(' ')}`);
}

async function listRights(session: LoggedIn, place: Place, given: string): Promise<undefined> {
  const identifier = await identified(session, place, given);
  const isOwner = identifier === place.owner;
  const required = isOwner ? ownerKeeps : '';
  const optional = `${allRights}cd`.split('').filter((right) => !required.includes(right));
  session.untagged(
    `LISTRIGHTS ${mailboxName(place.name, session.utf8)} ${astring(given)} ${required === '' ? '""' : required} ${optional.join(' ')}`,
  );
}

async function setAcl(
  session: LoggedIn,
  place: Place,
  command: Extract<AclCommand, { is: 'SETACL' }>,
): Promise<undefined> {
  const how = command.rights.startsWith('+') ? 'add' : command.rights.startsWith('-') ? 'remove' : 'replace';
  const rights = normalRights(how === 'replace' ? command.rights : command.rights.slice(1));
  if (rights === undefined) throw bad('There is no such right');
  const identifier = await identified(session, place, command.identifier);
  if (identifier === undefined) throw no('There is no such user', 'NONEXISTENT');
  await session.server.parts.mailboxes.access.setRights(place.owner, place.mailbox.id, {
    identifier,
    how,
    rights,
    otherwise: identifier === place.owner ? allRights : '',
  });
}

/** What an identifier of the wire stands for; undefined when it is nobody. */
async function identified(session: LoggedIn, place: Place, given: string): Promise<string | undefined> {
  const minus = given.startsWith('-') ? '-' : '';
  const name = decodeUtf8(given.slice(minus.length));
  if (name === undefined) return undefined;
  const { directory } = session.server.parts;
  if (name.toLowerCase() === 'anyone') {
    const owner = await directory.account(place.owner);
    return `${minus}${allOf(owner?.org ?? session.principal.org)}`;
  }
  const found = await directory.resolve(name);
  return found.is === 'account' ? minus + found.account : undefined;
}

async function shown(session: LoggedIn, identifier: string): Promise<string> {
  const minus = identifier.startsWith('-') ? '-' : '';
  const who = identifier.slice(minus.length);
  if (who.startsWith(allOf('' as OrgId))) return `${minus}anyone`;
  const account = await session.server.parts.directory.account(who as AccountId);
  return astring(minus + (account?.name ?? who));
}

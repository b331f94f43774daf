/**
 * Mailboxes as a client names them, with what it may do there (RFC 2342; RFC 4314).
 *
 * A name without a prefix is one of the account's own. `Other Users/<address>/<name>` is that of another account that shares it. A mailbox the client may not even
 * look up does not exist for it: every answer is the same as for a name that nobody has.
 */
import { othersPrefix } from '../../mailbox/others-name.ts';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { MailboxInfo, Role } from '../../mailbox/mailbox.ts';
import { rightsOf } from '../../mailbox/rights.ts';
import { no } from '../replies.ts';
import type { LoggedIn } from './run.ts';

const delimiter = '/';

export interface Place {
  readonly owner: AccountId;
  readonly mailbox: MailboxInfo;
  /** As this client names it. */
  readonly name: string;
  /** See rights.ts. */
  readonly rights: string;
}

/** Whose tree a name lies in, and what it is called there. */
export interface Where {
  readonly owner: AccountId;
  readonly org: OrgId;
  readonly name: string;
}

/** Without the delimiter that some mailers put behind a name. */
const trimmed = (name: string): string =>
  name.length > 1 && name.endsWith(delimiter) ? name.slice(0, -1) : name;

/** Undefined: nobody has such a name. */
export async function whereIs(session: LoggedIn, given: string): Promise<Where | undefined> {
  const name = trimmed(given);
  const { account, org } = session.principal;
  if (!`${name}/`.startsWith(othersPrefix)) return { owner: account, org, name };
  const rest = name.slice(othersPrefix.length);
  const slash = rest.indexOf(delimiter);
  if (slash === -1) return undefined;
  const found = await session.server.parts.directory.resolve(rest.slice(0, slash));
  if (found.is !== 'account') return undefined;
  return { owner: found.account, org: found.org, name: rest.slice(slash + 1) };
}

/** How this client names a mailbox of an owner. */
export async function clientName(session: LoggedIn, owner: AccountId, name: string): Promise<string> {
  if (owner === session.principal.account) return name;
  const account = await session.server.parts.directory.account(owner);
  return `${othersPrefix}${account?.name ?? owner}/${name}`;
}

/** Undefined: there is none that this client may look up. */
export async function lookUp(session: LoggedIn, given: string): Promise<Place | undefined> {
  const where = await whereIs(session, given);
  if (where === undefined) return undefined;
  const mailbox = await session.server.parts.mailboxes.find(where.owner, where.name);
  if (mailbox === undefined) return undefined;
  const rights = rightsFor(session, where.owner, mailbox);
  const name = await clientName(session, where.owner, mailbox.name);
  const place = { owner: where.owner, mailbox, name, rights };
  return isVisible(place) ? place : undefined;
}

/** To look up, or to do anything else there: whoever may deliver into a mailbox knows that it is there. */
const isVisible = ({ rights }: Place): boolean => rights !== '' && rights !== 'p';

export function rightsFor(session: LoggedIn, owner: AccountId, { acl }: MailboxInfo): string {
  const { account, org } = session.principal;
  return rightsOf(acl, { account, org, owner });
}

/** With each of the rights in `needs`, else throws what to answer. */
export async function findPlace(session: LoggedIn, name: string, needs = ''): Promise<Place> {
  const place = await lookUp(session, name);
  if (place === undefined) throw no('No such mailbox', 'NONEXISTENT');
  mustHave(place, needs);
  return place;
}

export function mustHave({ rights }: Place, needs: string): void {
  for (const right of needs) if (!rights.includes(right)) throw no('Not allowed in this mailbox', 'NOPERM');
}

/** The account's own mailboxes, then those that others share, each where it may be listed. */
export async function listPlaces(session: LoggedIn): Promise<readonly Place[]> {
  const { mailboxes } = session.server.parts;
  const { account, org } = session.principal;
  const sharers = await mailboxes.access.sharers(account, org);
  const places: Place[] = [];
  for (const owner of [account, ...sharers]) {
    // Who was deleted may still be spoken of.
    if (owner !== account && (await session.server.parts.directory.account(owner)) === undefined) continue;
    const prefix = await clientName(session, owner, '');
    for (const mailbox of await mailboxes.list(owner)) {
      const rights = rightsFor(session, owner, mailbox);
      if (rights.includes('l')) places.push({ owner, mailbox, name: prefix + mailbox.name, rights });
    }
  }
  return places;
}

/** The mailbox above which, or itself, bounds what may be done with `name`: to make mailboxes there needs `k` in it. */
export async function mayCreate(session: LoggedIn, where: Where): Promise<void> {
  if (where.owner === session.principal.account && !where.name.includes(delimiter)) return;
  const above = where.name.split(delimiter).slice(0, -1);
  for (; above.length > 0; above.pop()) {
    const name = await clientName(session, where.owner, above.join(delimiter));
    const place = await lookUp(session, name);
    if (place !== undefined) return mustHave(place, 'k');
  }
  if (where.owner !== session.principal.account) throw no('Not allowed there', 'NOPERM');
}

const wellKnown = new Map<string, Role>([
  ['Sent', 'sent'],
  ['Drafts', 'drafts'],
  ['Trash', 'trash'],
  ['Junk', 'junk'],
  ['Archive', 'archive'],
]);

/** The target of APPEND, COPY and MOVE. A usual special-use name that the account lacks is created; others get TRYCREATE. */
export async function targetPlace(session: LoggedIn, given: string): Promise<Place> {
  const found = await lookUp(session, given);
  if (found !== undefined) {
    mustHave(found, 'i');
    return found;
  }
  const name = trimmed(given);
  const { mailboxes } = session.server.parts;
  const { account } = session.principal;
  const role = wellKnown.get(name);
  if (role === undefined || (await mailboxes.list(account)).some((mailbox) => mailbox.role === role))
    throw no('No such mailbox', 'TRYCREATE');
  await mailboxes.create(account, name, { role, subscribed: true }).catch((error: unknown) => {
    if (!(error instanceof Refusal && error.reason === 'mailboxExists')) throw error;
  });
  return findPlace(session, name, 'i');
}

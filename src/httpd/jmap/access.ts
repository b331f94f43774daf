/** Who may use JMAP: accounts, by password, app password, or a key that is bound to one and may read its mail. */
import type { FastifyRequest } from 'fastify';
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { rightsIn } from '../../contact/rights.ts';
import { rightsOf } from '../../mailbox/rights.ts';
import type { Identify } from '../admin-api/access.ts';
import type { HttpParts } from '../parts.ts';
import type { JmapAccount, JmapUser } from './method.ts';
import { isBrought } from './other-origins.ts';

export interface JmapAccess {
  /** Refusal: as a login's; `notAllowed` for whoever has no mail. */
  user(request: FastifyRequest): Promise<JmapUser>;
  /** The user's own account first, then those that share mailboxes or address books with it. */
  accounts(user: JmapUser): Promise<readonly JmapAccount[]>;
  account(user: JmapUser, id: string): Promise<JmapAccount | undefined>;
}

/** Rights beside these two let somebody change something. */
const reading = /^[lr]*$/;

export function jmapAccess(parts: HttpParts, identify: Identify): JmapAccess {
  const { directory, mailboxes, contacts } = parts;

  const shared = async (user: JmapUser, owner: AccountId): Promise<JmapAccount | undefined> => {
    const [found, boxes, books] = await Promise.all([
      directory.account(owner),
      mailboxes.list(owner),
      contacts.books(owner, user.account),
    ]);
    if (found === undefined || found.org !== user.org) return undefined;
    const rights = boxes.map(({ acl }) => rightsOf(acl, { account: user.account, org: user.org, owner }));
    const seen = rights.filter((each) => each.includes('l'));
    const ofBooks = books.map(({ shares }) =>
      rightsIn(shares, { account: user.account, org: user.org, owner }),
    );
    const seenBooks = ofBooks.filter((each) => each.has('mayRead'));
    if (seen.length + seenBooks.length === 0) return undefined;
    const isReadOnly = seen.every((each) => reading.test(each)) && seenBooks.every((each) => each.size === 1);
    return { id: owner, name: found.name, isPersonal: false, isReadOnly };
  };

  const sharers = async ({ account, org }: JmapUser): Promise<readonly AccountId[]> => {
    const [ofMail, ofContacts] = await Promise.all([
      parts.mailAccess.sharers(account, org),
      contacts.sharers(account, org),
    ]);
    return [...new Set([...ofMail, ...ofContacts])].sort();
  };

  const own = ({ account, address }: JmapUser): JmapAccount => ({
    id: account,
    name: address,
    isPersonal: true,
    isReadOnly: false,
  });

  return {
    async user(request) {
      if (!isBrought(request)) throw new Refusal('notAllowed', 'called from another site');
      const caller = await identify(request);
      const account = caller.account === '' ? undefined : await directory.account(caller.account);
      if (account === undefined || !caller.mail) throw new Refusal('notAllowed', 'this caller has no mail');
      const { by, ip, credential } = caller;
      // A key sends only when it was made for that.
      const maySend = !by.startsWith('key:') || caller.permissions.has('send');
      return { account: account.id, org: account.org, address: account.name, by, credential, ip, maySend };
    },
    async accounts(user) {
      const owners = await sharers(user);
      const others = await Promise.all(owners.map((owner) => shared(user, owner)));
      return [own(user), ...others.filter((each) => each !== undefined)];
    },
    async account(user, id) {
      if (id === user.account) return own(user);
      const owners = await sharers(user);
      return owners.includes(id as AccountId) ? shared(user, id as AccountId) : undefined;
    },
  };
}

/** Who may use JMAP: accounts, by password, app password, or a key that is bound to one and may read its mail. */
import type { FastifyRequest } from 'fastify';
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { rightsOf } from '../../mailbox/rights.ts';
import type { Identify } from '../admin-api/access.ts';
import type { HttpParts } from '../parts.ts';
import type { JmapAccount, JmapUser } from './method.ts';

export interface JmapAccess {
  /** Refusal: as a login's; `notAllowed` for whoever has no mail. */
  user(request: FastifyRequest): Promise<JmapUser>;
  /** The user's own account first, then those that share mailboxes with it. */
  accounts(user: JmapUser): Promise<readonly JmapAccount[]>;
  account(user: JmapUser, id: string): Promise<JmapAccount | undefined>;
}

/** Rights beside these two let somebody change something. */
const reading = /^[lr]*$/;

export function jmapAccess(parts: HttpParts, identify: Identify): JmapAccess {
  const { directory, mailboxes } = parts;

  const shared = async (user: JmapUser, owner: AccountId): Promise<JmapAccount | undefined> => {
    const [found, boxes] = await Promise.all([directory.account(owner), mailboxes.list(owner)]);
    if (found === undefined || found.org !== user.org) return undefined;
    const rights = boxes.map(({ acl }) => rightsOf(acl, { account: user.account, org: user.org, owner }));
    const seen = rights.filter((each) => each.includes('l'));
    if (seen.length === 0) return undefined;
    const isReadOnly = seen.every((each) => reading.test(each));
    return { id: owner, name: found.name, isPersonal: false, isReadOnly };
  };

  const own = ({ account, address }: JmapUser): JmapAccount => ({
    id: account,
    name: address,
    isPersonal: true,
    isReadOnly: false,
  });

  return {
    async user(request) {
      if (request.headers['sec-fetch-site'] === 'cross-site')
        throw new Refusal('notAllowed', 'called from another site');
      const caller = await identify(request);
      const account = caller.account === '' ? undefined : await directory.account(caller.account);
      if (account === undefined || !caller.mail) throw new Refusal('notAllowed', 'this caller has no mail');
      return { account: account.id, org: account.org, address: account.name, by: caller.by, ip: caller.ip };
    },
    async accounts(user) {
      const owners = await parts.mailAccess.sharers(user.account, user.org);
      const others = await Promise.all(owners.map((owner) => shared(user, owner)));
      return [own(user), ...others.filter((each) => each !== undefined)];
    },
    async account(user, id) {
      if (id === user.account) return own(user);
      const owners = await parts.mailAccess.sharers(user.account, user.org);
      return owners.includes(id as AccountId) ? shared(user, id as AccountId) : undefined;
    },
  };
}

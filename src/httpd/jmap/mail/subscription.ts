/** Subscriptions to mailboxes of others, which are kept with who subscribes, under the names that IMAP shows (RFC 2342). */
import type { AccountId } from '../../../base/ids.ts';
import { othersPrefix } from '../../../mailbox/others-name.ts';
import type { HttpParts } from '../../parts.ts';
import type { Reach } from './reach.ts';

const nameFor = ({ account }: Reach, name: string): string => `${othersPrefix}${account.name}/${name}`;

/** Undefined for the user's own account: there the mailbox itself says it. */
export async function subscribedIn(
  { mailboxes }: Pick<HttpParts, 'mailboxes'>,
  user: AccountId,
  reach: Reach,
): Promise<ReadonlySet<string> | undefined> {
  if (reach.account.isPersonal) return undefined;
  const names = new Set(await mailboxes.subscriptions(user));
  const all = [...reach.places.values()].filter(({ info }) => names.has(nameFor(reach, info.name)));
  return new Set(all.map(({ info }) => info.id));
}

export async function subscribeTo(
  { mailboxes }: Pick<HttpParts, 'mailboxes'>,
  user: AccountId,
  of: { readonly reach: Reach; readonly name: string; readonly subscribed: boolean },
): Promise<void> {
  await mailboxes.subscribe(user, nameFor(of.reach, of.name), of.subscribed);
}

/** Mailbox/get (RFC 8621, 2.1). */
import { idsOf, picked, propertiesOf } from '../../../proto/jmap/arguments.ts';
import type { HttpParts } from '../../parts.ts';
import type { Context, Method } from '../method.ts';
import { countProperties, mailboxJson, mailboxProperties, placesByName, type Shown } from './mailbox-json.ts';
import { type Reach, reachOf, resolvedId } from './reach.ts';
import { subscribedIn } from './subscription.ts';

export const mailboxGet =
  (parts: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const account = await context.account(args);
    // Before what is told, so that it is never older than its state.
    const state = String(await parts.mailboxes.mail.version(account.id));
    const reach = await reachOf(parts, args, context);
    const properties = propertiesOf(args, mailboxProperties);
    const ids = idsOf(args, 'ids') ?? [...reach.places.keys()];
    const counted = properties.some((name) => countProperties.includes(name));
    const shown = await shownOf(parts, reach, { context, counted });
    const notFound: string[] = [];
    const list: object[] = [];
    for (const id of new Set(ids.map((each) => resolvedId(context, each) ?? each))) {
      const place = reach.places.get(id);
      if (place === undefined) notFound.push(id);
      else list.push(picked(mailboxJson(place, shown), properties));
    }
    const stateNow = state === '0' ? String(await parts.mailboxes.mail.version(account.id)) : state;
    return { accountId: account.id, state: stateNow, list, notFound };
  };

export async function shownOf(
  parts: Pick<HttpParts, 'mailboxes'>,
  reach: Reach,
  { context, counted }: { readonly context: Context; readonly counted: boolean },
): Promise<Shown> {
  const trash = [...reach.places.values()].find(({ info }) => info.role === 'trash')?.number;
  const { mail } = parts.mailboxes;
  return {
    byName: placesByName(reach),
    counts: counted ? await mail.counts(reach.account.id, trash, reach.readable) : undefined,
    subscribed: await subscribedIn(parts, context.user.account, reach),
  };
}

/** Results in the order of SORT, and the facts that SORT and THREAD compare. */
import { needsFacts, type Order, type OrderBy, ordered } from '../../mailbox/order.ts';
import type { EmailNumber } from '../../mailbox/ids.ts';
import { KnownFacts } from '../../mailbox/known-facts.ts';
import { nextPosition } from '../../mailbox/mailbox-view.ts';
import type { SortCriterion, SortName } from '../../proto/imap/command.ts';
import type { WithMailbox } from './run.ts';
import type { Found } from './search-run.ts';

const orderBy: Readonly<Record<SortName, OrderBy>> = {
  ARRIVAL: 'received',
  CC: 'cc',
  DATE: 'sent',
  FROM: 'from',
  SIZE: 'size',
  SUBJECT: 'subject',
  TO: 'to',
  DISPLAYFROM: 'displayFrom',
  DISPLAYTO: 'displayTo',
  RELEVANCY: 'relevance',
};

export async function inOrder(
  session: WithMailbox,
  found: Found,
  criteria: readonly SortCriterion[],
): Promise<readonly number[]> {
  const order = criteria.map(({ by, reverse }): Order => ({ by: orderBy[by], reverse }));
  const facts = needsFacts(order) ? await factsOf(session, found.uids) : new KnownFacts();
  const relevance = found.relevancy ?? (() => 0);
  return ordered(session.selected.view, found.uids, order, { facts, relevance });
}

export function factsOf(session: WithMailbox, uids: readonly number[]): Promise<KnownFacts> {
  const { view } = session.selected;
  const emails: EmailNumber[] = [];
  let position = -1;
  for (const uid of uids) {
    position = nextPosition(view, uid, position);
    if (position !== -1) emails.push(view.emailAt(position));
  }
  return session.server.parts.mailboxes.sortFacts(view.account, emails, session.stopped());
}

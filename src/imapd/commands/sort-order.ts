/** Results in the order of SORT, and the facts that SORT and THREAD compare. */
import { needsFacts, type Order, type OrderBy, ordered } from '../../mailbox/order.ts';
import type { EmailNumber } from '../../mailbox/ids.ts';
import type { SortFacts } from '../../mailbox/sort-facts.ts';
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
  const facts = needsFacts(order) ? await factsOf(session, found.uids) : new Map();
  const relevance = found.relevancy ?? (() => 0);
  return ordered(session.selected.view, found.uids, order, { facts, relevance });
}

export function factsOf(
  session: WithMailbox,
  uids: readonly number[],
): Promise<ReadonlyMap<EmailNumber, SortFacts>> {
  const { view } = session.selected;
  const positions = uids.map((uid) => view.positionOf(uid)).filter((position) => position !== -1);
  const emails = positions.map((position) => view.emailAt(position));
  return session.server.parts.mailboxes.sortFacts(view.account, emails, session.stopped());
}

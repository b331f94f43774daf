/** The order that SORT asks for (RFC 5256, 3; RFC 5957). Equal messages keep the order of the mailbox. */
import type { Uid } from '../base/ids.ts';
import { compareCasemapped } from '../proto/mime/unicode-casemap.ts';
import type { EmailNumber } from './ids.ts';
import type { MailboxView } from './mailbox-view.ts';
import type { SortFacts } from './sort-facts.ts';

export type OrderBy =
  | 'received'
  | 'sent'
  | 'size'
  | 'subject'
  | 'from'
  | 'to'
  | 'cc'
  | 'displayFrom'
  | 'displayTo'
  | 'relevance';

export interface Order {
  readonly by: OrderBy;
  readonly reverse: boolean;
}

/** What is compared of one message. */
interface Item {
  readonly uid: Uid;
  readonly place: number;
  readonly received: number;
  readonly size: number;
  readonly facts: SortFacts | undefined;
  readonly relevance: number;
}

/** Whether the view alone is enough. */
export const needsFacts = (order: readonly Order[]): boolean =>
  order.some(({ by }) => by !== 'received' && by !== 'size' && by !== 'relevance');

/** `uids` ascending; those that are gone are left out. `relevance` is higher for what fits better. */
export function ordered(
  view: MailboxView,
  uids: readonly number[],
  order: readonly Order[],
  known: {
    readonly facts: ReadonlyMap<EmailNumber, SortFacts>;
    readonly relevance: (uid: number) => number;
  },
): Uid[] {
  const items: Item[] = [];
  for (const uid of uids) {
    const at = view.positionOf(uid);
    if (at === -1) continue;
    items.push({
      uid: uid as Uid,
      place: items.length,
      received: view.receivedAtMsAt(at),
      size: view.sizeAt(at),
      facts: known.facts.get(view.emailAt(at)),
      relevance: known.relevance(uid),
    });
  }
  items.sort((a, b) => compare(a, b, order));
  return items.map(({ uid }) => uid);
}

function compare(a: Item, b: Item, order: readonly Order[]): number {
  for (const { by, reverse } of order) {
    const found = compareBy(a, b, by);
    if (found !== 0) return reverse ? -found : found;
  }
  return a.place - b.place;
}

function compareBy(a: Item, b: Item, by: OrderBy): number {
  switch (by) {
    case 'received':
      return a.received - b.received;
    case 'size':
      return a.size - b.size;
    case 'relevance':
      return b.relevance - a.relevance;
    case 'sent':
      return sentOf(a) - sentOf(b);
    default:
      return compareCasemapped(a.facts?.[by] ?? '', b.facts?.[by] ?? '');
  }
}

const sentOf = ({ facts, received }: Item): number => facts?.sentAtMs ?? received;

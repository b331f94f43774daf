/** The order that SORT asks for (RFC 5256, 3; RFC 5957). Equal messages keep the order of the mailbox. */
import type { Uid } from '../base/ids.ts';
import type { KnownFacts } from './known-facts.ts';
import { type MailboxView, nextPosition } from './mailbox-view.ts';
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

/** Whether the view alone is enough. */
export const needsFacts = (order: readonly Order[]): boolean =>
  order.some(({ by }) => by !== 'received' && by !== 'size' && by !== 'relevance');

/** What is compared of the messages that are there, in the order of the mailbox. */
interface Messages {
  readonly view: MailboxView;
  readonly uids: readonly Uid[];
  readonly positions: readonly number[];
  readonly facts: KnownFacts;
  readonly relevance: (uid: number) => number;
}

/** `uids` ascending; those that are gone are left out. `relevance` is higher for what fits better. */
export function ordered(
  view: MailboxView,
  uids: readonly number[],
  order: readonly Order[],
  known: { readonly facts: KnownFacts; readonly relevance: (uid: number) => number },
): Uid[] {
  const there: Uid[] = [];
  const positions: number[] = [];
  let position = -1;
  for (const uid of uids) {
    position = nextPosition(view, uid, position);
    if (position === -1) continue;
    there.push(uid as Uid);
    positions.push(position);
  }
  const messages = { view, uids: there, positions, ...known };
  const keys = order.map(({ by, reverse }) => {
    const values = valuesOf(messages, by);
    return reverse ? values.map((value) => -value) : values;
  });
  const places = Uint32Array.from(there, (_, place) => place);
  places.sort((a, b) => {
    for (const values of keys) {
      const difference = values[a]! - values[b]!;
      if (difference !== 0) return difference;
    }
    return a - b;
  });
  return Array.from(places, (place) => there[place]!);
}

/** A number for each message: the smaller comes first. */
function valuesOf(messages: Messages, by: OrderBy): Float64Array {
  const { view, uids, positions, facts, relevance } = messages;
  const factsAt = (place: number): SortFacts | undefined => facts.get(view.emailAt(positions[place]!));
  const each = (value: (place: number) => number): Float64Array =>
    Float64Array.from(positions, (_, place) => value(place));
  switch (by) {
    case 'received':
      return each((place) => view.receivedAtMsAt(positions[place]!));
    case 'size':
      return each((place) => view.sizeAt(positions[place]!));
    case 'relevance':
      return each((place) => -relevance(uids[place]!));
    case 'sent':
      return each((place) => factsAt(place)?.sentAtMs ?? view.receivedAtMsAt(positions[place]!));
    default: {
      const ranks = facts.ranks(by);
      // An empty text is the first, known or not.
      return each((place) => ranks.get(factsAt(place)?.[by] ?? '') ?? -1);
    }
  }
}

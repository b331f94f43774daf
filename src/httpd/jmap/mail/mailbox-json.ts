/** Mailboxes as JMAP shows them (RFC 8621, 2). */
import type { MailboxCounts } from '../../../mailbox/account-mail.ts';
import { delimiter, superiors } from '../../../mailbox/name.ts';
import type { Place, Reach } from './reach.ts';

export const mailboxProperties = [
  'id',
  'name',
  'parentId',
  'role',
  'sortOrder',
  'totalEmails',
  'unreadEmails',
  'totalThreads',
  'unreadThreads',
  'myRights',
  'isSubscribed',
] as const;

export const countProperties: readonly string[] = [
  'totalEmails',
  'unreadEmails',
  'totalThreads',
  'unreadThreads',
];

const none: MailboxCounts = { totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0 };

/** The last level of the name. */
export const levelOf = (name: string): string => name.slice(name.lastIndexOf(delimiter) + 1);

/** The nearest superior that may be seen. */
export function parentOf(place: Place, byName: ReadonlyMap<string, Place>): Place | undefined {
  return superiors(place.info.name)
    .reverse()
    .map((name) => byName.get(name))
    .find((found) => found !== undefined);
}

export const placesByName = ({ places }: Reach): ReadonlyMap<string, Place> =>
  new Map([...places.values()].map((place) => [place.info.name, place]));

export function myRights({ rights, info }: Place): Record<string, boolean> {
  const has = (...letters: string[]): boolean => letters.every((letter) => rights.includes(letter));
  return {
    mayReadItems: has('l', 'r'),
    mayAddItems: has('i'),
    mayRemoveItems: has('t', 'e'),
    maySetSeen: has('s'),
    maySetKeywords: has('w'),
    mayCreateChild: has('k'),
    mayRename: has('x') && info.role !== 'inbox',
    mayDelete: has('x') && info.role !== 'inbox',
    maySubmit: has('p'),
  };
}

export interface Shown {
  readonly byName: ReadonlyMap<string, Place>;
  readonly counts: ReadonlyMap<number, MailboxCounts> | undefined;
  /** Ids of mailboxes of others that the user has subscribed to; undefined for its own. */
  readonly subscribed: ReadonlySet<string> | undefined;
}

export function mailboxJson(place: Place, { byName, counts, subscribed }: Shown): Record<string, unknown> {
  const { info, number, rights } = place;
  return {
    id: info.id,
    name: levelOf(info.name),
    parentId: parentOf(place, byName)?.info.id ?? null,
    role: info.role ?? null,
    sortOrder: info.sortOrder,
    ...none,
    ...(rights.includes('r') ? counts?.get(number) : undefined),
    myRights: myRights(place),
    isSubscribed: subscribed === undefined ? info.subscribed : subscribed.has(info.id),
  };
}

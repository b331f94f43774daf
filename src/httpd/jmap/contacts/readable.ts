/** What of an account's contacts the user sees, and may do with it. */
import type { AccountId } from '../../../base/ids.ts';
import type { Book, Contacts, ContactType } from '../../../contact/contacts.ts';
import { type BookRight, rightsIn } from '../../../contact/rights.ts';
import type { JmapAccount, JmapUser } from '../method.ts';
import { versionOf } from '../kept-records.ts';
import type { Call } from '../records.ts';
import type { ContactParts } from './capability.ts';

export interface SeenBook extends Book {
  readonly rights: ReadonlySet<BookRight>;
}

/** All of one's own; of another's, those that one may read. */
export async function seenBooks(
  { contacts, directory }: ContactParts,
  call: Call,
): Promise<readonly SeenBook[]> {
  const { user } = call.context;
  const owner = call.account.id;
  await ready(contacts, directory, owner);
  const books = await contacts.books(owner, user.account);
  return books
    .map((book) => ({ ...book, rights: rightsIn(book.shares, { ...viewerOf(user), owner }) }))
    .filter(({ rights }) => rights.has('mayRead'));
}

const viewerOf = ({ account, org }: JmapUser) => ({ account, org });

/** The first address book is named in the language of its owner. */
export async function ready(
  contacts: ContactParts['contacts'],
  directory: ContactParts['directory'],
  account: AccountId,
): Promise<void> {
  const language = (await directory.account(account))?.language ?? 'en';
  await contacts.head(account, language);
}

/** State strings: the version of the last change of that type. */
export async function stateOf(
  { contacts }: ContactParts,
  account: JmapAccount,
  type: 'book' | 'card',
): Promise<string> {
  const head = await contacts.head(account.id);
  return String(type === 'book' ? head.books_version : head.cards_version);
}

type Write<R> = (contacts: Contacts) => Promise<R>;

/** A write of a /set: what the client knew is looked at in its transaction. */
const writing =
  (type: ContactType) =>
  <R>(contacts: Contacts, { ifInState }: Call, write: Write<R>): Promise<R> =>
    ifInState.around((state) =>
      write(state === undefined ? contacts : contacts.ifAt({ type, version: versionOf(state) })),
    );

export const writingBooks = writing('book');
export const writingCards = writing('card');

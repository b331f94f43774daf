/** urn:ietf:params:jmap:contacts (RFC 9610): address books and cards of the user, and those that others share. */
import type { Contacts } from '../../../contact/contacts.ts';
import { booksPerCardMax } from '../../../contact/limits.ts';
import type { HttpParts } from '../../parts.ts';
import type { Capability } from '../method.ts';
import { changesMethod, getMethod, setMethod } from '../records.ts';
import { queryChangesMethod, queryMethod } from '../searches.ts';
import { addressBooks, afterBooks, bookChanges } from './address-books.ts';
import { cardChanges, cardSearch, contactCards } from './cards.ts';
import { copyCards } from './copy.ts';
import { fileRoutes } from './files.ts';

export const contactsUri = 'urn:ietf:params:jmap:contacts';

export interface ContactParts {
  readonly contacts: Contacts;
  readonly directory: HttpParts['directory'];
  readonly clock: HttpParts['clock'];
  readonly profiles: HttpParts['profiles'];
}

export function contacts(parts: HttpParts): Capability {
  const books = addressBooks(parts);
  const cards = contactCards(parts);
  const search = cardSearch(parts);
  return {
    uri: contactsUri,
    ofServer: {},
    ofAccount: async (account, user) => {
      const isThere =
        account.isPersonal || (await parts.contacts.sharers(user.account, user.org)).includes(account.id);
      return isThere
        ? { maxAddressBooksPerCard: booksPerCardMax, mayCreateAddressBook: account.isPersonal }
        : undefined;
    },
    routes: (app, access) => fileRoutes(app, access, parts),
    methods: {
      'AddressBook/get': getMethod(books),
      'AddressBook/changes': changesMethod(bookChanges(parts)),
      'AddressBook/set': setMethod(books, afterBooks(parts)),
      'ContactCard/get': getMethod(cards),
      'ContactCard/changes': changesMethod(cardChanges(parts)),
      'ContactCard/query': queryMethod(search),
      'ContactCard/queryChanges': queryChangesMethod(search),
      'ContactCard/set': setMethod(cards),
      'ContactCard/copy': copyCards(cards),
    },
  };
}

/** ContactCard (RFC 9610, 3): a JSContact Card with the address books that it is in. */
import { Refusal } from '../../../base/refusal.ts';
import type { CardRecord } from '../../../contact/contacts.ts';
import { newUuid } from '../../../contact/contacts.ts';
import { bookId, bookNumber, cardId, cardNumber, type BookNumber } from '../../../contact/ids.ts';
import type { BookRight } from '../../../contact/rights.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import { invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import { patched } from '../../../proto/jmap/patch.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import type { Card } from '../../../proto/jscontact/card.ts';
import { type Call, type JmapRecord, type RecordChanges, type RecordChanging } from '../records.ts';
import { notFound } from '../set-error.ts';
import type { SearchType } from '../searches.ts';
import { sorted } from '../searches.ts';
import { versionOf } from '../kept-records.ts';
import type { ContactParts } from './capability.ts';
import { criterionOf, sortValue } from './card-filter.ts';
import { type SeenBook, seenBooks, stateOf, writingCards } from './readable.ts';

export function contactCards(parts: ContactParts): RecordChanging {
  const { contacts } = parts;
  return {
    name: 'ContactCard',
    // A Card may have properties that we do not know.
    properties: undefined,
    state: (call) => stateOf(parts, call.account, 'card'),
    async get(call, ids) {
      const seen = await seenBooks(parts, call);
      const numbers =
        ids?.map(cardNumber).filter((each) => each !== undefined) ??
        (await contacts.cardIds(call.account.id, limits.maxObjectsInGet + 1));
      const found = await contacts.cards(call.account.id, numbers);
      return found.filter((record) => isSeen(record, seen)).map((record) => shown(record, seen));
    },
    async create(call, given) {
      const seen = await seenBooks(parts, call);
      const books = booksOf(given['addressBookIds'], seen);
      mayWrite(books, seen);
      const now = utcNow(parts);
      const { id: _, addressBookIds: __, ...properties } = given;
      if (given['id'] !== undefined) throw invalidProperties(['id']);
      const set = {
        '@type': 'Card',
        version: '1.0',
        uid: `urn:uuid:${newUuid()}`,
        created: now,
        updated: now,
      };
      const added = Object.fromEntries(
        Object.entries(set).filter(([name]) => properties[name] === undefined),
      );
      const card = { ...properties, ...added } as Card;
      const id = await unlessTaken(() =>
        writingCards(contacts, call, (own) => own.createCard(call.account.id, card, books)),
      );
      return { id: cardId(id), ...added };
    },
    async update(call, id, patch) {
      const seen = await seenBooks(parts, call);
      const record = await recordOf(parts, call, { id, seen });
      const now = shown(record, seen);
      const next = patched(now, patch);
      if (next['id'] !== id) throw invalidProperties(['id']);
      const { id: _, addressBookIds, ...properties } = next;
      const wanted = booksOf(addressBookIds, seen);
      // Books that the user does not see stay as they are.
      const unseen = record.books.filter((book) => !seen.some((each) => each.id === book));
      const kept = record.books.filter((book) => wanted.includes(book));
      mayWrite(
        [...new Set([...wanted, ...record.books])].filter((book) => !unseen.includes(book)),
        seen,
        {
          changed: kept.length !== record.books.length - unseen.length || kept.length !== wanted.length,
        },
      );
      const said = Object.keys(patch).some((path) => path === 'updated');
      const updated = utcNow(parts);
      const card = (said ? properties : { ...properties, updated }) as Card;
      await unlessTaken(() =>
        writingCards(contacts, call, (own) =>
          own.updateCard(call.account.id, record, { card, books: [...unseen, ...wanted] }),
        ),
      );
      return said ? null : { updated };
    },
    async destroy(call, id) {
      const seen = await seenBooks(parts, call);
      const record = await recordOf(parts, call, { id, seen });
      mayWrite(record.books, seen);
      await writingCards(contacts, call, (own) => own.destroyCards(call.account.id, [record.id]));
    },
  };
}

/** Whole seconds, as UTCDate has it without a fraction. */
const utcNow = ({ clock }: ContactParts): string =>
  new Date(Math.floor(clock.nowMs() / 1000) * 1000).toISOString().replace('.000Z', 'Z');

export const cardChanges =
  (parts: ContactParts) =>
  async (call: Call, since: string, max: number): Promise<RecordChanges | undefined> => {
    const seen = await seenBooks(parts, call);
    const found = await parts.contacts.changes(call.account.id, 'card', { since: versionOf(since), max });
    if (found === undefined) return undefined;
    const there = await parts.contacts.cards(call.account.id, [...found.created, ...found.updated]);
    const visible = new Set(there.filter((record) => isSeen(record, seen)).map(({ id }) => id));
    const hidden = found.updated.filter((id) => !visible.has(id));
    return {
      created: found.created.filter((id) => visible.has(id)).map(cardId),
      updated: found.updated.filter((id) => visible.has(id)).map(cardId),
      destroyed: [...found.destroyed, ...hidden].map(cardId),
      newState: String(found.version),
      hasMoreChanges: found.hasMore,
    };
  };

export function cardSearch(parts: ContactParts): SearchType {
  return {
    sortable: ['created', 'updated', 'name/given', 'name/surname', 'name/surname2'],
    state: (call) => stateOf(parts, call.account, 'card'),
    changes: cardChanges(parts),
    async find(call, { filter, sort }) {
      const seen = new Set((await seenBooks(parts, call)).map(({ id }) => id));
      const criterion = filter && criterionOf(filter);
      const found = await parts.contacts.search(call.account.id, criterion);
      const visible = found.filter(({ books }) => books.some((book) => seen.has(book)));
      return sorted(visible, sort, sortValue).map(({ id }) => cardId(id));
    },
  };
}

/** A uid is that of one card in an account (RFC 9610, 3). */
async function unlessTaken<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    const taken = error instanceof Refusal && error.reason === 'conflict' && error.at?.startsWith('uid');
    if (!taken) throw error;
    const existingId = cardId(Number(error.message.slice(error.reason.length + 2)));
    throw new SetError('alreadyExists', 'its uid is taken', { existingId });
  }
}

const isSeen = ({ books }: CardRecord, seen: readonly SeenBook[]): boolean =>
  books.some((book) => seen.some(({ id }) => id === book));

export function shown({ id, books, card }: CardRecord, seen: readonly SeenBook[]): JmapRecord {
  const visible = books.filter((book) => seen.some((each) => each.id === book));
  return {
    ...card,
    id: cardId(id),
    addressBookIds: Object.fromEntries(visible.map((book) => [bookId(book), true])),
  };
}

async function recordOf(
  { contacts }: ContactParts,
  call: Call,
  { id, seen }: { readonly id: string; readonly seen: readonly SeenBook[] },
): Promise<CardRecord> {
  const number = cardNumber(id);
  const [record] = number === undefined ? [] : await contacts.cards(call.account.id, [number]);
  if (record === undefined || !isSeen(record, seen)) throw notFound();
  return record;
}

/** Ids of address books, as a set. */
function booksOf(given: unknown, seen: readonly SeenBook[]): readonly BookNumber[] {
  if (!isObject(given) || Object.keys(given).length === 0) throw invalidProperties(['addressBookIds']);
  return Object.entries(given).map(([id, value]) => {
    const number = bookNumber(id);
    if (value !== true || !seen.some((book) => book.id === number))
      throw invalidProperties(['addressBookIds'], `no address book ${id}`);
    return number!;
  });
}

/** A card is changed by whoever may write into one of its books; its books, by who may write into all that are touched. */
function mayWrite(
  books: readonly BookNumber[],
  seen: readonly SeenBook[],
  { changed = true }: { readonly changed?: boolean } = {},
): void {
  const may = (book: BookNumber, right: BookRight): boolean =>
    seen.some(({ id, rights }) => id === book && rights.has(right));
  const allowed = changed
    ? books.every((book) => may(book, 'mayWrite'))
    : books.some((book) => may(book, 'mayWrite'));
  if (!allowed) throw new SetError('forbidden', 'you may not write there');
}

/** Cards of an account: put, taken away, read. */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { CardFacts } from '../card-facts.ts';
import type { BookNumber, CardNumber } from '../ids.ts';
import { booksPerCardMax, cardMaxBytes, cardsMax, usedMaxBytes } from '../limits.ts';
import { findFields } from '../migrations.ts';
import { headOf, logChanges, type LoggedChange, takeNumbers, type Expected, mustBeAt } from './head.ts';

export interface NewCard {
  readonly facts: CardFacts;
  readonly books: readonly BookNumber[];
}

export interface StoredCard {
  readonly id: CardNumber;
  readonly books: readonly BookNumber[];
  readonly json: string;
}

const columns = [
  'uid',
  'kind',
  'created',
  'updated',
  'size',
  'members',
  'sort_given',
  'sort_surname',
  'sort_surname2',
  ...findFields.map((field) => `find_${field}`),
  'data',
];

const valuesOf = (facts: CardFacts): (string | number)[] => [
  facts.uid,
  facts.kind,
  facts.createdMs,
  facts.updatedMs,
  facts.size,
  facts.members,
  facts.sort.given,
  facts.sort.surname,
  facts.sort.surname2,
  ...findFields.map((field) => facts.find[field]),
  facts.json,
];

/** Several at once, in one commit. Refusal: `conflict` (a uid is taken; `at` is its place), `limitReached`, `notFound` (a book). */
export const createCards = operation(
  'contact.createCards',
  function* (args: {
    account: AccountId;
    cards: readonly NewCard[];
    expected?: Expected | undefined;
  }): Transaction<readonly CardNumber[]> {
    const { account, cards } = args;
    if (cards.length === 0) return [];
    yield* mustBeAt(account, args.expected);
    const first = yield* takeNumbers(account, cards.length);
    let bytes = 0;
    for (const [index, { facts, books }] of cards.entries()) {
      yield* checkBooks(account, books);
      checkSize(facts);
      yield* checkUid(account, facts.uid, { index });
      bytes += facts.size;
      yield* rows(
        `insert into contact_card (account, id, ${columns.join(', ')}) values (?, ?, ${columns.map(() => '?').join(', ')})`,
        account,
        first + index,
        ...valuesOf(facts),
      );
      yield* putIn(account, first + index, books);
    }
    yield* count(account, cards.length, bytes);
    const numbers = cards.map((_, index) => first + index);
    yield* logChanges(
      account,
      numbers.map((id) => ({ type: 'card', id, kind: 'created' })),
    );
    return numbers;
  },
);

/** Refusal: `notFound`, `conflict`, `limitReached`. `seen` is the JSON that the change was made from: `conflict` at `card` when it is another by now. */
export const updateCard = operation(
  'contact.updateCard',
  function* (args: {
    account: AccountId;
    id: CardNumber;
    seen: string;
    card: NewCard;
    expected?: Expected | undefined;
  }): Transaction<void> {
    const { account, id, seen, card } = args;
    yield* mustBeAt(account, args.expected);
    const before = yield* maybe<{ size: number; data: string }>(
      'select size, data from contact_card where account = ? and id = ?',
      account,
      id,
    );
    if (before === undefined) throw new Refusal('notFound', `card ${id}`);
    if (before.data !== seen) throw new Refusal('conflict', 'it has changed meanwhile', { at: 'card' });
    yield* checkBooks(account, card.books);
    checkSize(card.facts);
    yield* checkUid(account, card.facts.uid, { except: id });
    yield* rows(
      `update contact_card set ${columns.map((column) => `${column} = ?`).join(', ')} where account = ? and id = ?`,
      ...valuesOf(card.facts),
      account,
      id,
    );
    yield* rows('delete from contact_in_book where account = ? and card = ?', account, id);
    yield* putIn(account, id, card.books);
    yield* count(account, 0, card.facts.size - before.size);
    yield* logChanges(account, [{ type: 'card', id, kind: 'updated' }]);
  },
);

/** Gives those that were there. */
export const destroyCards = operation(
  'contact.destroyCards',
  function* (args: {
    account: AccountId;
    ids: readonly CardNumber[];
    expected?: Expected | undefined;
  }): Transaction<readonly CardNumber[]> {
    yield* mustBeAt(args.account, args.expected);
    const gone = yield* removeCards(args.account, args.ids);
    if (gone.length > 0)
      yield* logChanges(
        args.account,
        gone.map((id): LoggedChange => ({ type: 'card', id, kind: 'destroyed' })),
      );
    return gone;
  },
);

export function* removeCards(
  account: AccountId,
  ids: readonly CardNumber[],
): Transaction<readonly CardNumber[]> {
  const gone: CardNumber[] = [];
  let bytes = 0;
  for (const id of ids) {
    const found = yield* maybe<{ size: number }>(
      'delete from contact_card where account = ? and id = ? returning size',
      account,
      id,
    );
    if (found === undefined) continue;
    yield* rows('delete from contact_in_book where account = ? and card = ?', account, id);
    gone.push(id);
    bytes += found.size;
  }
  if (gone.length > 0)
    yield* rows(
      'update contact_head set cards = cards - ?, used = used - ? where account = ?',
      gone.length,
      bytes,
      account,
    );
  return gone;
}

function* count(account: AccountId, cards: number, bytes: number): Transaction<void> {
  yield* rows(
    'update contact_head set cards = cards + ?, used = used + ? where account = ?',
    cards,
    bytes,
    account,
  );
  const head = yield* headOf(account);
  if (cards > 0 && head.cards > cardsMax) throw new Refusal('limitReached', `more than ${cardsMax} contacts`);
  if (bytes > 0 && head.used > usedMaxBytes)
    throw new Refusal('limitReached', `contacts above ${usedMaxBytes} octets`);
}

function* checkBooks(account: AccountId, books: readonly BookNumber[]): Transaction<void> {
  if (books.length === 0) throw new Refusal('invalid', 'in no address book', { at: 'addressBookIds' });
  if (books.length > booksPerCardMax)
    throw new Refusal('limitReached', `in more than ${booksPerCardMax} address books`, {
      at: 'addressBookIds',
    });
  for (const book of books) {
    const found = yield* maybe('select id from contact_book where account = ? and id = ?', account, book);
    if (found === undefined) throw new Refusal('notFound', `address book ${book}`, { at: 'addressBookIds' });
  }
}

function checkSize({ size }: CardFacts): void {
  if (size > cardMaxBytes) throw new Refusal('messageTooLarge', `a card above ${cardMaxBytes} octets`);
}

function* checkUid(
  account: AccountId,
  uid: string,
  { index, except }: { readonly index?: number; readonly except?: CardNumber },
): Transaction<void> {
  const taken = yield* maybe<{ id: number }>(
    'select id from contact_card where account = ? and uid = ?',
    account,
    uid,
  );
  if (taken !== undefined && taken.id !== except)
    throw new Refusal('conflict', `${taken.id}`, { at: index === undefined ? 'uid' : `uid.${index}` });
}

function* putIn(account: AccountId, card: CardNumber, books: readonly BookNumber[]): Transaction<void> {
  for (const book of new Set(books))
    yield* rows('insert into contact_in_book (account, card, book) values (?, ?, ?)', account, card, book);
}

export function* readCards(
  account: AccountId,
  ids: readonly CardNumber[],
): Transaction<readonly StoredCard[]> {
  const found: StoredCard[] = [];
  for (const id of ids) {
    const card = yield* maybe<{ data: string }>(
      'select data from contact_card where account = ? and id = ?',
      account,
      id,
    );
    if (card === undefined) continue;
    const books = yield* rows<{ book: number }>(
      'select book from contact_in_book where account = ? and card = ? order by book',
      account,
      id,
    );
    found.push({ id, json: card.data, books: books.map(({ book }) => book) });
  }
  return found;
}

/** The first of them, and their number: for /get of all. */
export function* listCards(account: AccountId, limit: number): Transaction<readonly CardNumber[]> {
  const found = yield* rows<{ id: number }>(
    'select id from contact_card where account = ? order by id limit ?',
    account,
    limit,
  );
  return found.map(({ id }) => id);
}

export function* cardOfUid(account: AccountId, uid: string): Transaction<CardNumber | undefined> {
  const found = yield* maybe<{ id: number }>(
    'select id from contact_card where account = ? and uid = ?',
    account,
    uid,
  );
  return found?.id;
}

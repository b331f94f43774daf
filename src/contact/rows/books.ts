/** Address books of an account. */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { BookNumber } from '../ids.ts';
import { booksMax, sharesMax } from '../limits.ts';
import { formatShares, parseShares, type Share } from '../rights.ts';
import { removeCards } from './cards.ts';
import {
  headOf,
  logChanges,
  readHead,
  type LoggedChange,
  takeNumbers,
  type Expected,
  mustBeAt,
} from './head.ts';

export interface Book {
  readonly id: BookNumber;
  readonly name: string;
  readonly description: string;
  readonly shares: readonly Share[];
  readonly isDefault: boolean;
  /** As whoever asked has them. */
  readonly isSubscribed: boolean;
  readonly sortOrder: number;
}

/** `who` sees them: subscriptions and order are theirs. */
export function* readBooks(account: AccountId, who: AccountId): Transaction<readonly Book[]> {
  const head = yield* readHead(account);
  if (head === undefined) return [];
  const found = yield* rows<{
    id: number;
    name: string;
    description: string;
    acl: string;
    subscribed: number | null;
    sort_order: number | null;
  }>(
    `select id, name, description, acl, subscribed, sort_order from contact_book b
      left join contact_book_view v on v.account = b.account and v.book = b.id and v.who = ?
      where b.account = ? order by id`,
    who,
    account,
  );
  return found.map((each) => ({
    id: each.id,
    name: each.name,
    description: each.description,
    shares: parseShares(each.acl),
    isDefault: each.id === head.default_book,
    isSubscribed: (each.subscribed ?? (who === account ? 1 : 0)) === 1,
    sortOrder: each.sort_order ?? 0,
  }));
}

/** What is given is changed. */
export interface BookChange {
  readonly name?: string;
  readonly description?: string;
  readonly shares?: readonly Share[];
  readonly isSubscribed?: boolean;
  readonly sortOrder?: number;
}

interface NewBook {
  readonly account: AccountId;
  readonly who: AccountId;
  readonly book: BookChange & { readonly name: string };
  readonly expected?: Expected | undefined;
}

export const createBook = operation('contact.createBook', function* (args: NewBook): Transaction<BookNumber> {
  const { account, who, book } = args;
  yield* mustBeAt(account, args.expected);
  const { count } = yield* row<{ count: number }>(
    'select count(*) as count from contact_book where account = ?',
    account,
  );
  if (count >= booksMax) throw new Refusal('limitReached', `more than ${booksMax} address books`);
  const id = yield* takeNumbers(account, 1);
  yield* rows(
    'insert into contact_book (account, id, name, description, acl) values (?, ?, ?, ?, ?)',
    account,
    id,
    book.name,
    book.description ?? '',
    storedShares(book.shares ?? []),
  );
  yield* setView(account, { id, who, book });
  yield* logChanges(account, [{ type: 'book', id, kind: 'created' }]);
  return id;
});

/** Refusal: `notFound`. */
export const updateBook = operation(
  'contact.updateBook',
  function* (args: {
    account: AccountId;
    who: AccountId;
    id: BookNumber;
    book: BookChange;
    expected?: Expected | undefined;
  }): Transaction<void> {
    const { account, who, id, book } = args;
    yield* mustBeAt(account, args.expected);
    yield* known(account, id);
    if (book.name !== undefined)
      yield* rows('update contact_book set name = ? where account = ? and id = ?', book.name, account, id);
    if (book.description !== undefined)
      yield* rows(
        'update contact_book set description = ? where account = ? and id = ?',
        book.description,
        account,
        id,
      );
    if (book.shares !== undefined)
      yield* rows(
        'update contact_book set acl = ? where account = ? and id = ?',
        storedShares(book.shares),
        account,
        id,
      );
    yield* setView(account, { id, who, book });
    yield* logChanges(account, [{ type: 'book', id, kind: 'updated' }]);
  },
);

function storedShares(shares: readonly Share[]): string {
  if (shares.length > sharesMax) throw new Refusal('limitReached', `more than ${sharesMax} shares`);
  return formatShares(shares);
}

function* setView(
  account: AccountId,
  { id, who, book }: { readonly id: BookNumber; readonly who: AccountId; readonly book: BookChange },
): Transaction<void> {
  if (book.isSubscribed === undefined && book.sortOrder === undefined) return;
  const before = yield* maybe<{ subscribed: number; sort_order: number }>(
    'select subscribed, sort_order from contact_book_view where account = ? and book = ? and who = ?',
    account,
    id,
    who,
  );
  const subscribed =
    book.isSubscribed === undefined
      ? (before?.subscribed ?? Number(who === account))
      : Number(book.isSubscribed);
  yield* rows(
    `insert into contact_book_view (account, book, who, subscribed, sort_order) values (?, ?, ?, ?, ?)
      on conflict (account, book, who) do update set subscribed = excluded.subscribed, sort_order = excluded.sort_order`,
    account,
    id,
    who,
    subscribed,
    book.sortOrder ?? before?.sort_order ?? 0,
  );
}

/** Refusal: `notFound`. */
export const setDefaultBook = operation(
  'contact.setDefault',
  function* (args: {
    account: AccountId;
    id: BookNumber;
    expected?: Expected | undefined;
  }): Transaction<void> {
    const { account, id } = args;
    yield* mustBeAt(account, args.expected);
    yield* known(account, id);
    const before = (yield* headOf(account)).default_book;
    if (before === id) return;
    yield* rows('update contact_head set default_book = ? where account = ?', id, account);
    const changed = [before, id].filter((each) => each > 0);
    yield* logChanges(
      account,
      changed.map((each) => ({ type: 'book', id: each, kind: 'updated' })),
    );
  },
);

/** Its cards go with it unless they are in another book. Refusal: `notFound`; `conflict` when there are some and they are to stay. */
export const destroyBook = operation(
  'contact.destroyBook',
  function* (args: {
    account: AccountId;
    id: BookNumber;
    removeContents: boolean;
    expected?: Expected | undefined;
  }): Transaction<void> {
    const { account, id, removeContents } = args;
    yield* mustBeAt(account, args.expected);
    yield* known(account, id);
    const cards = yield* rows<{ card: number }>(
      'select card from contact_in_book where account = ? and book = ?',
      account,
      id,
    );
    if (cards.length > 0 && !removeContents)
      throw new Refusal('conflict', 'it has contacts', { at: 'contents' });
    yield* rows('delete from contact_in_book where account = ? and book = ?', account, id);
    const changes: LoggedChange[] = [{ type: 'book', id, kind: 'destroyed' }];
    const alone: number[] = [];
    for (const { card } of cards) {
      const elsewhere = yield* maybe(
        'select book from contact_in_book where account = ? and card = ? limit 1',
        account,
        card,
      );
      if (elsewhere === undefined) alone.push(card);
      else changes.push({ type: 'card', id: card, kind: 'updated' });
    }
    yield* removeCards(account, alone);
    changes.push(...alone.map((card): LoggedChange => ({ type: 'card', id: card, kind: 'destroyed' })));
    yield* rows('delete from contact_book where account = ? and id = ?', account, id);
    yield* rows('delete from contact_book_view where account = ? and book = ?', account, id);
    const head = yield* headOf(account);
    if (head.default_book === id) {
      const next = yield* maybe<{ id: number }>(
        'select id from contact_book where account = ? order by id limit 1',
        account,
      );
      yield* rows('update contact_head set default_book = ? where account = ?', next?.id ?? 0, account);
      if (next !== undefined) changes.push({ type: 'book', id: next.id, kind: 'updated' });
    }
    yield* logChanges(account, changes);
  },
);

function* known(account: AccountId, id: BookNumber): Transaction<void> {
  const found = yield* maybe('select id from contact_book where account = ? and id = ?', account, id);
  if (found === undefined) throw new Refusal('notFound', `address book ${id}`);
}

/** `account` is who was given something, or the name of all of an organisation; where to look, while the books say what. */
export const noteSharedBook = operation(
  'contact.noteShared',
  function* (args: { account: string; owner: AccountId; shares: boolean }): Transaction<void> {
    if (args.shares)
      yield* rows(
        'insert into contact_shared_by (account, owner) values (?, ?) on conflict do nothing',
        args.account,
        args.owner,
      );
    else
      yield* rows('delete from contact_shared_by where account = ? and owner = ?', args.account, args.owner);
  },
);

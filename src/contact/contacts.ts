/**
 * Address books and cards of accounts: what servers see of this part.
 *
 * Who may do what is asked with `rightsIn` by whoever calls. Refusals: `notFound`, `conflict`, `invalid`, `limitReached`, `messageTooLarge` (a card).
 */
import type { AccountId, OrgId } from '../base/ids.ts';
import { newSecret } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Card } from '../proto/jscontact/card.ts';
import { checkCard } from '../proto/jscontact/check.ts';
import { cardFromVcard } from '../proto/jscontact/from-vcard.ts';
import { cardToVcard } from '../proto/jscontact/to-vcard.ts';
import { formatVcards } from '../proto/vcard/format.ts';
import { parseVcards } from '../proto/vcard/parse.ts';
import type { History } from '../store/history.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import { factsOf, looked } from './card-facts.ts';
import type { BookNumber, CardNumber } from './ids.ts';
import { cardsMax } from './limits.ts';
import { allOfOrg } from './rights.ts';
import {
  type Book,
  type BookChange,
  createBook,
  destroyBook,
  noteSharedBook,
  readBooks,
  setDefaultBook,
  updateBook,
} from './rows/books.ts';
import { cardOfUid, createCards, destroyCards, listCards, readCards, updateCard } from './rows/cards.ts';
import {
  changesSince,
  contactTopic,
  type ContactType,
  ensureContacts,
  type Expected,
  type Head,
  readHead,
} from './rows/head.ts';
import { type CardCriterion, type FoundCard, searchCards } from './rows/search.ts';

export type { Book, BookChange } from './rows/books.ts';
export type { ContactType, Expected } from './rows/head.ts';
export type { CardCriterion, FoundCard } from './rows/search.ts';

export interface CardRecord {
  readonly id: CardNumber;
  readonly books: readonly BookNumber[];
  readonly card: Card;
  /** As stored: an update says what it was made from. */
  readonly json: string;
}

export interface ImportResult {
  readonly created: readonly CardNumber[];
  /** Cards of uids that were there already and were put in their place. */
  readonly updated: readonly CardNumber[];
  /** Cards that could not be taken in, by their place in the file, from 0. */
  readonly skipped: readonly { readonly index: number; readonly why: string }[];
}

const firstBook = { en: 'Contacts', ja: '連絡先' } as const;
/** Cards of an import that commit together. */
const importPiece = 100;

export class Contacts {
  readonly #store: Store;
  readonly #expected: Expected | undefined;

  constructor({
    store,
    expected,
  }: {
    readonly store: Store;
    readonly expected?: Expected | undefined;
  }) {
    this.#store = store;
    this.#expected = expected;
  }

  /** The same, whose writes are refused (`conflict` at `state`) when the type is at another version by then. */
  ifAt(expected: Expected): Contacts {
    return new Contacts({ store: this.#store, expected });
  }

  /** The head of an account, which gets its first address book when it has none. */
  async head(account: AccountId, language: 'en' | 'ja' = 'en'): Promise<Head> {
    const head = await this.#store.read(() => readHead(account));
    if (head !== undefined) return head;
    await this.#store.write(ensureContacts, { account, name: firstBook[language] });
    return (await this.#store.read(() => readHead(account)))!;
  }

  /** States of both types, also of an account that has no contacts yet. */
  async versions(account: AccountId): Promise<{ readonly books: number; readonly cards: number }> {
    const head = await this.#store.read(() => readHead(account));
    return { books: head?.books_version ?? 0, cards: head?.cards_version ?? 0 };
  }

  async usedBytes(account: AccountId): Promise<number> {
    return (await this.#store.read(() => readHead(account)))?.used ?? 0;
  }

  books(account: AccountId, who: AccountId): Promise<readonly Book[]> {
    return this.#store.read(() => readBooks(account, who));
  }

  async createBook(
    account: AccountId,
    who: AccountId,
    book: BookChange & { readonly name: string },
  ): Promise<BookNumber> {
    const id = await this.#store.write(createBook, { account, who, book, expected: this.#expected });
    await this.#noteShares(account, [], book.shares);
    return id;
  }

  async updateBook(
    account: AccountId,
    who: AccountId,
    { id, book }: { readonly id: BookNumber; readonly book: BookChange },
  ): Promise<void> {
    const before = (await this.books(account, who)).find((each) => each.id === id)?.shares ?? [];
    await this.#store.write(updateBook, { account, who, id, book, expected: this.#expected });
    await this.#noteShares(
      account,
      before.map((share) => share.with),
      book.shares,
    );
  }

  async setDefault(account: AccountId, id: BookNumber): Promise<void> {
    await this.#store.write(setDefaultBook, { account, id, expected: this.#expected });
  }

  async destroyBook(account: AccountId, id: BookNumber, removeContents: boolean): Promise<void> {
    const before = (await this.books(account, account)).find((each) => each.id === id)?.shares ?? [];
    await this.#store.write(destroyBook, { account, id, removeContents, expected: this.#expected });
    await this.#noteShares(
      account,
      before.map((share) => share.with),
      [],
    );
  }

  /** Accounts that share address books with this one, or with its organisation. What exactly, the books say. */
  async sharers(account: AccountId, org: OrgId): Promise<readonly AccountId[]> {
    const found = await this.#store.read(() =>
      rows<{ owner: AccountId }>(
        'select owner from contact_shared_by where account = ? or account = ?',
        account,
        allOfOrg(org),
      ),
    );
    return [...new Set(found.map(({ owner }) => owner))].filter((owner) => owner !== account).sort();
  }

  async cards(account: AccountId, ids: readonly CardNumber[]): Promise<readonly CardRecord[]> {
    const found = await this.#store.read(() => readCards(account, ids));
    return found.map((each) => ({ ...each, card: JSON.parse(each.json) as Card }));
  }

  cardIds(account: AccountId, limit: number): Promise<readonly CardNumber[]> {
    return this.#store.read(() => listCards(account, limit));
  }

  cardOfUid(account: AccountId, uid: string): Promise<CardNumber | undefined> {
    return this.#store.read(() => cardOfUid(account, uid));
  }

  /** Refusal `invalid`: `at` has the paths of what is wrong, separated by blanks. */
  async createCard(account: AccountId, card: Card, books: readonly BookNumber[]): Promise<CardNumber> {
    const cards = [{ facts: checked(card), books }];
    const [id] = await this.#store.write(createCards, { account, cards, expected: this.#expected });
    return id!;
  }

  async updateCard(
    account: AccountId,
    { id, json: seen }: Pick<CardRecord, 'id' | 'json'>,
    { card, books }: { readonly card: Card; readonly books: readonly BookNumber[] },
  ): Promise<void> {
    const changed = { facts: checked(card), books };
    await this.#store.write(updateCard, { account, id, seen, card: changed, expected: this.#expected });
  }

  destroyCards(account: AccountId, ids: readonly CardNumber[]): Promise<readonly CardNumber[]> {
    return this.#store.write(destroyCards, { account, ids, expected: this.#expected });
  }

  search(account: AccountId, criterion: CardCriterion | undefined): Promise<readonly FoundCard[]> {
    return this.#store.scan(searchCards, { account, criterion });
  }

  /** Undefined: the state is unknown or too old. */
  changes(
    account: AccountId,
    type: ContactType,
    range: { readonly since: number; readonly max: number },
  ): Promise<History | undefined> {
    return this.#store.read(() => changesSince(account, type, range));
  }

  /** Cards of a file into an address book. A card whose uid is there already takes the place of the old one. */
  async import(account: AccountId, book: BookNumber, file: Uint8Array): Promise<ImportResult> {
    const skipped: { index: number; why: string }[] = [];
    const fresh: { index: number; card: Card }[] = [];
    const updated: CardNumber[] = [];
    const seen = new Set<string>();
    for (const [index, card] of cardsOfFile(file).entries()) {
      const wrong = checkCard(card as never);
      if (wrong.length > 0 || seen.has(card.uid!)) {
        skipped.push({ index, why: wrong.length > 0 ? `invalid: ${wrong.join(' ')}` : 'twice in the file' });
        continue;
      }
      seen.add(card.uid!);
      const known = await this.cardOfUid(account, card.uid!);
      if (known === undefined) fresh.push({ index, card });
      else
        await this.#replace(account, { known, card, book }).then(
          () => updated.push(known),
          (error: unknown) => skipped.push({ index, why: whyOf(error) }),
        );
    }
    const created: CardNumber[] = [];
    for (let at = 0; at < fresh.length; at += importPiece) {
      const piece = fresh.slice(at, at + importPiece);
      created.push(...(await this.#importPiece(account, book, { piece, skipped })));
    }
    return { created, updated, skipped };
  }

  /** All of an address book, or of the account, as one file. */
  async export(account: AccountId, version: '3.0' | '4.0', book?: BookNumber): Promise<string> {
    const criterion = book === undefined ? undefined : ({ is: 'book', book } as const);
    const found = await this.search(account, criterion);
    const cards = await this.cards(
      account,
      found.map(({ id }) => id),
    );
    return formatVcards(cards.map(({ card }) => cardToVcard(card, version)));
  }

  /** Calls back when contacts of an account changed, from whichever thread. */
  onChange(listener: (account: AccountId) => void): Disposable {
    return this.#store.onHint(contactTopic, (key) => listener(key as AccountId));
  }

  async #replace(
    account: AccountId,
    { known, card, book }: { readonly known: CardNumber; readonly card: Card; readonly book: BookNumber },
  ): Promise<void> {
    const [record] = await this.cards(account, [known]);
    if (record === undefined) throw new Refusal('notFound', 'gone meanwhile');
    const books = record.books.includes(book) ? record.books : [...record.books, book];
    await this.updateCard(account, record, { card, books });
  }

  /** Together, or when one of them cannot be taken, one by one. */
  async #importPiece(
    account: AccountId,
    book: BookNumber,
    of: { piece: readonly { index: number; card: Card }[]; skipped: { index: number; why: string }[] },
  ): Promise<readonly CardNumber[]> {
    const cards = of.piece.map(({ card }) => ({ facts: factsOf(card), books: [book] }));
    try {
      return await this.#store.write(createCards, { account, cards });
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason.startsWith('storage')) throw error;
    }
    const created: CardNumber[] = [];
    for (const { index, card } of of.piece)
      await this.createCard(account, card, [book]).then(
        (id) => created.push(id),
        (error: unknown) => of.skipped.push({ index, why: whyOf(error) }),
      );
    return created;
  }

  async #noteShares(
    owner: AccountId,
    before: readonly string[],
    shares: BookChange['shares'],
  ): Promise<void> {
    if (shares === undefined) return;
    const all = await this.books(owner, owner);
    const named = new Set(all.flatMap((book) => book.shares.map((share) => share.with)));
    for (const account of new Set([...before, ...shares.map((share) => share.with)]))
      await this.#store.write(noteSharedBook, { account, owner, shares: named.has(account) });
  }
}

/** Cards of a vCard file, each with a uid. */
export function cardsOfFile(file: Uint8Array): readonly Card[] {
  return parseVcards(file)
    .slice(0, cardsMax)
    .map((vcard) => cardFromVcard(vcard, `urn:uuid:${newUuid()}`));
}

/** A random UUID (RFC 9562, 5.4). */
export function newUuid(): string {
  const hex = Buffer.from(newSecret(16), 'base64url').toString('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A text that is looked for, as words; what stands in quotes is one (RFC 9610, 3.3.1). */
export function searchWords(text: string): readonly string[] {
  const found = text.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return found.map((word) => looked(word.replace(/^(["'])(.*)\1$/s, '$2'))).filter((word) => word !== '');
}

function checked(card: Card): ReturnType<typeof factsOf> {
  const wrong = checkCard(card as never);
  if (wrong.length > 0)
    throw new Refusal('invalid', `not as JSContact has it: ${wrong.join(', ')}`, { at: wrong.join(' ') });
  return factsOf(card);
}

function whyOf(error: unknown): string {
  if (!(error instanceof Refusal) || error.reason.startsWith('storage')) throw error;
  return error.message;
}

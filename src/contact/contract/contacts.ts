/** What every engine keeps of contacts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import { rows } from '../../store/transaction.ts';
import { dropContactsOf, emptiedTables } from '../care.ts';
import { type CardCriterion, Contacts, searchWords } from '../contacts.ts';
import { rightsIn } from '../rights.ts';
import { checkContacts } from '../rows/care.ts';
import { acme, alice, bob, cardOf } from '../testing.ts';

interface Engine {
  readonly open: () => Promise<Store>;
}

const refused =
  (reason: string, at?: string) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.reason === reason && (at === undefined || error.at === at);

const sound = async (store: Store): Promise<void> =>
  assert.deepEqual(await store.scan(checkContacts, { account: alice }), []);

export function contactsContract({ open }: Engine): void {
  test('an account begins with one address book, its default, whoever asks first and how often', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    await Promise.all([contacts.head(alice, 'ja'), contacts.head(alice, 'ja')]);
    const books = await contacts.books(alice, alice);
    assert.deepEqual(
      books.map(({ name, isDefault, isSubscribed }) => ({ name, isDefault, isSubscribed })),
      [{ name: '連絡先', isDefault: true, isSubscribed: true }],
    );
  });

  test('a write that knows another version of its type is refused', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    await contacts.head(alice);
    const versions = await contacts.versions(alice);
    const ofCards = contacts.ifAt({ type: 'card', version: versions.cards });
    const ofBooks = contacts.ifAt({ type: 'book', version: versions.books });
    const id = await ofCards.createCard(alice, cardOf('a'), [1]);
    // Cards are no books: what was known of those still holds.
    const book = await ofBooks.createBook(alice, alice, { name: 'x' });
    const other = refused('conflict', 'state');
    await assert.rejects(ofCards.createCard(alice, cardOf('b'), [1]), other);
    const [record] = await contacts.cards(alice, [id]);
    await assert.rejects(ofCards.updateCard(alice, record!, { card: cardOf('a'), books: [1] }), other);
    await assert.rejects(ofCards.destroyCards(alice, [id]), other);
    await assert.rejects(ofBooks.createBook(alice, alice, { name: 'y' }), other);
    await assert.rejects(ofBooks.updateBook(alice, alice, { id: book, book: { name: 'y' } }), other);
    await assert.rejects(ofBooks.setDefault(alice, book), other);
    await assert.rejects(ofBooks.destroyBook(alice, book, true), other);
  });

  test('every change has a version; since any version, each record is told once', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    const { version: start } = await contacts.head(alice);
    const a = await contacts.createCard(alice, cardOf('a'), [1]);
    const { cards_version: between } = await contacts.head(alice);
    const b = await contacts.createCard(alice, cardOf('b'), [1]);
    const [record] = await contacts.cards(alice, [a]);
    await contacts.updateCard(alice, record!, { card: cardOf('a', { kind: 'org' }), books: [1] });
    const gone = await contacts.createCard(alice, cardOf('gone'), [1]);
    await contacts.destroyCards(alice, [gone, 999]);
    const all = (await contacts.changes(alice, 'card', { since: start, max: 10 }))!;
    assert.deepEqual([all.created, all.updated, all.destroyed, all.hasMore], [[a, b], [], [], false]);
    const later = (await contacts.changes(alice, 'card', { since: between, max: 10 }))!;
    assert.deepEqual([later.created, later.updated, later.destroyed], [[b], [a], []]);
    assert.equal(later.version, (await contacts.head(alice)).cards_version);
    const books = (await contacts.changes(alice, 'book', { since: start, max: 10 }))!;
    assert.deepEqual([books.created, books.updated], [[], []]);
    const piece = (await contacts.changes(alice, 'card', { since: start, max: 1 }))!;
    assert.deepEqual([piece.created, piece.hasMore, piece.version], [[a], true, between]);
    assert.equal(await contacts.changes(alice, 'card', { since: 10_000, max: 1 }), undefined);
    await sound(store);
  });

  test('a uid is given once, a card is in a book that is there, and a change is made of what is there', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    await contacts.head(alice);
    const id = await contacts.createCard(alice, cardOf('a'), [1]);
    await assert.rejects(contacts.createCard(alice, cardOf('a'), [1]), refused('conflict'));
    await assert.rejects(contacts.createCard(alice, cardOf('b'), [7]), refused('notFound', 'addressBookIds'));
    await assert.rejects(contacts.createCard(alice, cardOf('b'), []), refused('invalid', 'addressBookIds'));
    await assert.rejects(
      contacts.createCard(alice, cardOf('b', { emails: { e: { address: '' } } }), [1]),
      refused('invalid', 'emails/e/address'),
    );
    const [seen] = await contacts.cards(alice, [id]);
    await contacts.updateCard(alice, seen!, { card: cardOf('a2'), books: [1] });
    await assert.rejects(
      contacts.updateCard(alice, seen!, { card: cardOf('a3'), books: [1] }),
      refused('conflict', 'card'),
    );
    assert.equal(await contacts.cardOfUid(alice, 'a2'), id);
    assert.equal(await contacts.cardOfUid(alice, 'a'), undefined);
    await sound(store);
  });

  test('a book with contacts goes only when they may go; those of another book too stay', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    await contacts.head(alice);
    const work = await contacts.createBook(alice, alice, { name: 'Work', sortOrder: 3 });
    const both = await contacts.createCard(alice, cardOf('both'), [1, work]);
    const alone = await contacts.createCard(alice, cardOf('alone'), [work]);
    await contacts.setDefault(alice, work);
    await assert.rejects(contacts.destroyBook(alice, work, false), refused('conflict', 'contents'));
    const { version } = await contacts.head(alice);
    await contacts.destroyBook(alice, work, true);
    const left = await contacts.cards(alice, [both, alone]);
    assert.deepEqual(
      left.map(({ id, books }) => [id, books]),
      [[both, [1]]],
    );
    const changed = (await contacts.changes(alice, 'card', { since: version, max: 10 }))!;
    assert.deepEqual([changed.updated, changed.destroyed], [[both], [alone]]);
    assert.equal((await contacts.books(alice, alice))[0]?.isDefault, true);
    await sound(store);
  });

  test('a book is shared by rights; whom it is shared with finds its owner, and orders it for itself', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    await contacts.head(alice);
    const shares = [{ with: bob, rights: ['mayRead', 'mayWrite'] as const }];
    await contacts.updateBook(alice, alice, { id: 1, book: { shares } });
    assert.deepEqual(await contacts.sharers(bob, acme), [alice]);
    await contacts.updateBook(alice, bob, { id: 1, book: { sortOrder: 9, isSubscribed: true } });
    const [mine] = await contacts.books(alice, alice);
    const [theirs] = await contacts.books(alice, bob);
    assert.deepEqual([mine?.sortOrder, theirs?.sortOrder, theirs?.isSubscribed], [0, 9, true]);
    const rights = rightsIn(theirs!.shares, { account: bob, org: acme, owner: alice });
    assert.deepEqual([...rights].sort(), ['mayRead', 'mayWrite']);
    await contacts.updateBook(alice, alice, {
      id: 1,
      book: { shares: [{ with: 'org:acme', rights: ['mayRead'] }] },
    });
    assert.deepEqual(await contacts.sharers(bob, acme), [alice]);
    await contacts.updateBook(alice, alice, { id: 1, book: { shares: [] } });
    assert.deepEqual(await contacts.sharers(bob, acme), []);
  });

  test('cards are found by their texts, in any width and by their readings, and sorted by those', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    await contacts.head(alice);
    const named = (uid: string, surname: string, given: string, phonetic?: string) =>
      cardOf(uid, {
        name: {
          components: [
            { kind: 'surname', value: surname, ...(phonetic && { phonetic }) },
            { kind: 'given', value: given },
          ],
        },
      });
    const takahashi = await contacts.createCard(alice, named('t', '髙橋', '一郎'), [1]);
    const abe = await contacts.createCard(alice, named('a', '安倍', '花子', 'アベ'), [1]);
    const rich = await contacts.createCard(
      alice,
      cardOf('r', {
        name: { full: 'Rémy 100%' },
        created: '2024-01-01T00:00:00Z',
        emails: { e: { address: 'remy@example.com' } },
        phones: { p: { number: '090-1234-5678' } },
        kind: 'group',
        members: { t: true },
      }),
      [1],
    );
    const find = async (criterion: CardCriterion) =>
      (await contacts.search(alice, criterion)).map(({ id }) => id);
    const text = (words: string, field?: 'name' | 'email' | 'phone' | 'surname'): CardCriterion => ({
      is: 'text',
      words: searchWords(words),
      ...(field && { field }),
    });
    assert.deepEqual(await find(text('たかはし')), [takahashi]);
    assert.deepEqual(await find(text('高橋', 'surname')), [takahashi]);
    assert.deepEqual(await find(text('ｱﾍﾞ 花子', 'name')), [abe]);
    assert.deepEqual(await find(text('REMY')), [rich]);
    assert.deepEqual(await find(text('"remy 100%"', 'name')), [rich]);
    assert.deepEqual(await find(text('0%00')), []);
    assert.deepEqual(await find(text('09012345678', 'phone')), [rich]);
    assert.deepEqual(await find({ is: 'member', value: 't' }), [rich]);
    assert.deepEqual(await find({ is: 'not', of: [{ is: 'kind', value: 'group' }] }), [takahashi, abe]);
    assert.deepEqual(await find({ is: 'createdFrom', atMs: Date.parse('2023-01-01T00:00:00Z') }), [rich]);
    assert.deepEqual(await find({ is: 'or', of: [] }), []);
    const sorted = (await contacts.search(alice, undefined)).toSorted((a, b) =>
      a.surname < b.surname ? -1 : 1,
    );
    assert.deepEqual(
      sorted.map(({ id }) => id),
      [rich, abe, takahashi],
    );
  });

  test('a file comes in and goes out again; a uid that is known takes the place of the old card', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    await contacts.head(alice);
    await contacts.createCard(alice, cardOf('known', { name: { full: 'Old' } }), [1]);
    const lines = ['known;New', 'b;B', 'b;again'].map((line) => {
      const [uid, name] = line.split(';');
      return `BEGIN:VCARD\r\nVERSION:4.0\r\nUID:${uid}\r\nFN:${name}\r\nEND:VCARD\r\n`;
    });
    const result = await contacts.import(alice, 1, Buffer.from(lines.join('')));
    assert.deepEqual([result.created.length, result.updated.length, result.skipped.length], [1, 1, 1]);
    const file = await contacts.export(alice, '4.0');
    assert.deepEqual(
      [...file.matchAll(/^FN:(.*?)\r$/gm)].map(([, name]) => name),
      ['New', 'B'],
    );
    await sound(store);
  });

  test('an account that is gone leaves nothing', async () => {
    await using store = await open();
    const contacts = new Contacts({ store });
    await contacts.head(alice);
    await contacts.createBook(alice, alice, { name: 'x', sortOrder: 1 });
    await contacts.createCard(alice, cardOf('a'), [1]);
    await dropContactsOf(store, alice);
    for (const table of emptiedTables)
      assert.deepEqual(await store.read(() => rows(`select account from ${table}`)), [], table);
  });
}

/** The head row of an account's contacts, and the change log. */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { type History, historyOf } from '../../store/history.ts';
import { operation } from '../../store/operation.ts';
import { hint, maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import { changesKept } from '../limits.ts';

/** Hints: the contacts of this account have changed. */
export const contactTopic = 'contacts';

export type ContactType = 'book' | 'card';
export type ChangeKind = 'created' | 'updated' | 'destroyed';

export interface Head {
  readonly version: number;
  readonly books_version: number;
  readonly cards_version: number;
  readonly change_floor: number;
  readonly default_book: number;
  readonly cards: number;
  readonly used: number;
}

export const readHead = (account: AccountId): Transaction<Head | undefined> =>
  maybe<Head>('select * from contact_head where account = ?', account);

export function* headOf(account: AccountId): Transaction<Head> {
  const head = yield* readHead(account);
  if (head === undefined) throw new Refusal('notFound', `account ${account} has no contacts`);
  return head;
}

/** What whoever asked for a change knew: a version of one of the types. */
export interface Expected {
  readonly type: ContactType;
  readonly version: number;
}

/** Refusal: `conflict` at `state` when it is another version. */
export function* mustBeAt(account: AccountId, expected: Expected | undefined): Transaction<void> {
  if (expected === undefined) return;
  const head = yield* headOf(account);
  if (expected.version !== (expected.type === 'book' ? head.books_version : head.cards_version))
    throw new Refusal('conflict', 'something has changed meanwhile', { at: 'state' });
}

export interface LoggedChange {
  readonly type: ContactType;
  readonly id: number;
  readonly kind: ChangeKind;
}

/** Bumps the version and writes what changed to the log. The head row is the lock: whoever changes it comes one after another. */
export function* logChanges(account: AccountId, changes: readonly LoggedChange[]): Transaction<number> {
  const ofBooks = changes.some(({ type }) => type === 'book') ? 1 : 0;
  const ofCards = changes.some(({ type }) => type === 'card') ? 1 : 0;
  const { version, floor } = yield* row<{ version: number; floor: number }>(
    `update contact_head set version = version + 1,
      books_version = case when ? = 1 then version + 1 else books_version end,
      cards_version = case when ? = 1 then version + 1 else cards_version end
      where account = ? returning version, change_floor as floor`,
    ofBooks,
    ofCards,
    account,
  );
  for (const [seq, { type, id, kind }] of changes.entries())
    yield* rows(
      'insert into contact_change (account, version, seq, type, id, kind) values (?, ?, ?, ?, ?, ?)',
      account,
      version,
      seq,
      type,
      id,
      kind,
    );
  if (version - floor > 2 * changesKept) yield* trim(account, version - changesKept);
  yield* hint(contactTopic, account);
  return version;
}

function* trim(account: AccountId, floor: number): Transaction<void> {
  yield* rows('delete from contact_change where account = ? and version <= ?', account, floor);
  yield* rows('update contact_head set change_floor = ? where account = ?', floor, account);
}

/** Numbers for new records: the first of `count`. */
export function* takeNumbers(account: AccountId, count: number): Transaction<number> {
  const { next } = yield* row<{ next: number }>(
    'update contact_head set id_next = id_next + ? where account = ? returning id_next as next',
    count,
    account,
  );
  return next - count;
}

/** Makes head and default address book unless they are there. */
export const ensureContacts = operation(
  'contact.ensure',
  function* ({ account, name }: { account: AccountId; name: string }): Transaction<boolean> {
    const made = yield* rows(
      `insert into contact_head (account, version, books_version, cards_version, change_floor, id_next, default_book, cards, used)
        values (?, 1, 1, 1, 1, 2, 1, 0, 0) on conflict (account) do nothing returning account`,
      account,
    );
    if (made.length === 0) return false;
    yield* rows(
      "insert into contact_book (account, id, name, description, acl) values (?, 1, ?, '', '')",
      account,
      name,
    );
    yield* hint(contactTopic, account);
    return true;
  },
);

/**
 * What became of records since a version, each told once (RFC 8620, 5.2). Undefined: it was too long ago, or never.
 * With more than `max` records, up to the version where there are so many.
 */
export function* changesSince(
  account: AccountId,
  type: ContactType,
  { since, max }: { readonly since: number; readonly max: number },
): Transaction<History | undefined> {
  const head = yield* headOf(account);
  const now = type === 'book' ? head.books_version : head.cards_version;
  if (since < head.change_floor || since > head.version) return undefined;
  const lines = yield* rows<{ version: number; id: number; kind: ChangeKind }>(
    'select version, id, kind from contact_change where account = ? and version > ? and type = ? order by version, seq',
    account,
    since,
    type,
  );
  return historyOf(lines, { since, now, max });
}

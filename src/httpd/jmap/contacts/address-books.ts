/** AddressBook (RFC 9610, 2). */
import type { AccountId } from '../../../base/ids.ts';
import type { BookChange } from '../../../contact/contacts.ts';
import { bookId, bookNumber } from '../../../contact/ids.ts';
import { bookDescriptionMaxBytes, bookNameMaxBytes } from '../../../contact/limits.ts';
import { type BookRight, bookRights, type Share } from '../../../contact/rights.ts';
import { invalidArguments, invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import { patched, touched } from '../../../proto/jmap/patch.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import type { Answer } from '../method.ts';
import {
  type Call,
  type JmapRecord,
  type Properties,
  type RecordChanges,
  type RecordChanging,
  type SetCall,
} from '../records.ts';
import { checkNames, notFound, setErrorOf } from '../set-error.ts';
import { notifyShare, type Rights } from '../sharing/notifications.ts';
import { isAllOf, principalOfShare, storedShare } from '../sharing/principal-id.ts';
import { versionOf } from '../kept-records.ts';
import type { ContactParts } from './capability.ts';
import { type SeenBook, seenBooks, stateOf, writingBooks } from './readable.ts';

const properties = [
  'name',
  'description',
  'sortOrder',
  'isDefault',
  'isSubscribed',
  'shareWith',
  'myRights',
] as const;
/** The server alone sets these. */
const fixed = ['id', 'isDefault', 'myRights'];

export function addressBooks(parts: ContactParts): RecordChanging {
  const { contacts } = parts;
  return {
    name: 'AddressBook',
    properties,
    state: (call) => stateOf(parts, call.account, 'book'),
    get: async (call, ids) =>
      (await seenBooks(parts, call))
        .map((book) => shown(book))
        .filter(({ id }) => ids === undefined || ids.includes(id)),
    async create(call, given) {
      if (!call.account.isPersonal) throw new SetError('forbidden', 'not in the account of another');
      checkNames(Object.keys(given), { known: properties, fixed });
      const { name } = given;
      if (typeof name !== 'string') throw invalidProperties(['name']);
      const change = await changeOf(parts, call, given);
      await seenBooks(parts, call);
      const id = await writingBooks(contacts, call, (own) =>
        own.createBook(call.account.id, call.context.user.account, { ...change, name }),
      );
      await tellShares(parts, call, { id: bookId(id), name, before: [], after: change.shares ?? [] });
      const made = (await seenBooks(parts, call)).find((book) => book.id === id)!;
      return serverSet(shown(made), given);
    },
    async update(call, id, patch) {
      const book = await bookOf(parts, call, id);
      const names = touched(patch);
      const now = shown(book);
      const next = patched(now, patch);
      // What the server sets may be said as it is.
      const changed = names.filter((name) => JSON.stringify(next[name]) !== JSON.stringify(now[name]));
      checkNames(changed, { known: properties, fixed });
      if (changed.includes('shareWith') && !book.rights.has('mayShare'))
        throw new SetError('forbidden', 'you may not share it');
      // Subscription and order are everybody's own; the rest is that of whoever may write.
      const ofBook = changed.filter((name) => name === 'name' || name === 'description');
      if (ofBook.length > 0 && !call.account.isPersonal && !book.rights.has('mayDelete'))
        throw new SetError('forbidden', 'you may not change it');
      const wanted = Object.fromEntries(changed.map((name) => [name, next[name] ?? null]));
      const change = await changeOf(parts, call, wanted);
      if (changed.length > 0)
        await writingBooks(contacts, call, (own) =>
          own.updateBook(call.account.id, call.context.user.account, { id: book.id, book: change }),
        );
      if (change.shares !== undefined)
        await tellShares(parts, call, { id, name: book.name, before: book.shares, after: change.shares });
      return null;
    },
    async destroy(call, id) {
      const book = await bookOf(parts, call, id);
      if (!book.rights.has('mayDelete')) throw new SetError('forbidden');
      const { onDestroyRemoveContents = false } = call.args;
      if (typeof onDestroyRemoveContents !== 'boolean')
        throw invalidArguments('onDestroyRemoveContents is a Boolean');
      try {
        await writingBooks(contacts, call, (own) =>
          own.destroyBook(call.account.id, book.id, onDestroyRemoveContents),
        );
      } catch (error) {
        const known = setErrorOf(error);
        throw known.more['properties'] ? new SetError('addressBookHasContents') : known;
      }
    },
  };
}

interface Reshared {
  readonly id: string;
  readonly name: string;
  readonly before: readonly Share[];
  readonly after: readonly Share[];
}

/** Tells those whose rights have changed (RFC 9670, 3); who has them as one of an organisation hears nothing. */
async function tellShares(
  parts: ContactParts,
  call: Call,
  { id, name, before, after }: Reshared,
): Promise<void> {
  const { user } = call.context;
  const by = await parts.directory.account(user.account);
  const rightsFor = (shares: readonly Share[], who: string): Rights | null => {
    const share = shares.find((each) => each.with === who);
    return share === undefined ? null : rightsShown(share);
  };
  for (const who of new Set([...before, ...after].map((share) => share.with))) {
    const [oldRights, newRights] = [rightsFor(before, who), rightsFor(after, who)];
    const isAccount = (await parts.directory.account(who as AccountId)) !== undefined;
    if (!isAccount || who === user.account || JSON.stringify(oldRights) === JSON.stringify(newRights))
      continue;
    await notifyShare(parts.profiles, who as AccountId, {
      created: new Date(Math.floor(parts.clock.nowMs() / 1000) * 1000).toISOString().replace('.000Z', 'Z'),
      changedBy: { name: by?.displayName || user.address, email: user.address, principalId: user.account },
      objectType: 'AddressBook',
      objectAccountId: call.account.id,
      objectId: id,
      name,
      oldRights,
      newRights,
    });
  }
}

const rightsShown = ({ rights }: Share): Rights =>
  Object.fromEntries(bookRights.map((right) => [right, rights.includes(right)]));

/** `onSuccessSetIsDefault` (RFC 9610, 2.3): only when everything else succeeded. */
export const afterBooks =
  (parts: ContactParts) =>
  async (call: SetCall): Promise<Answer | void> => {
    const { onSuccessSetIsDefault = null } = call.args;
    if (onSuccessSetIsDefault === null) return undefined;
    if (typeof onSuccessSetIsDefault !== 'string') throw invalidArguments('onSuccessSetIsDefault is an Id');
    const { notCreated, notUpdated, notDestroyed, created, updated } = call.done;
    if ([notCreated, notUpdated, notDestroyed].some((failed) => Object.keys(failed).length > 0))
      return undefined;
    const { createdIds } = call.context;
    const id = onSuccessSetIsDefault.startsWith('#')
      ? createdIds.get(onSuccessSetIsDefault.slice(1))
      : onSuccessSetIsDefault;
    if (id === undefined || !call.account.isPersonal) return undefined;
    const before = await seenBooks(parts, call);
    const book = before.find((each) => bookId(each.id) === id);
    if (book === undefined || book.isDefault) return undefined;
    await writingBooks(parts.contacts, call, (own) => own.setDefault(call.account.id, book.id));
    const was = before.find((each) => each.isDefault);
    if (was !== undefined) updated[bookId(was.id)] = { ...updated[bookId(was.id)], isDefault: false };
    const creation = Object.entries(created).find(([, made]) => made['id'] === id);
    if (creation === undefined) updated[id] = { ...updated[id], isDefault: true };
    else created[creation[0]] = { ...creation[1], isDefault: true };
    return undefined;
  };

export const bookChanges =
  (parts: ContactParts) =>
  async (call: Call, since: string, max: number): Promise<RecordChanges | undefined> => {
    const seen = await seenBooks(parts, call);
    const found = await parts.contacts.changes(call.account.id, 'book', { since: versionOf(since), max });
    if (found === undefined) return undefined;
    const visible = new Set(seen.map(({ id }) => id));
    // A book that is no longer shared is gone for whom it was shared with.
    const hidden = found.updated.filter((id) => !visible.has(id));
    return {
      created: found.created.filter((id) => visible.has(id)).map(bookId),
      updated: found.updated.filter((id) => visible.has(id)).map(bookId),
      destroyed: [...found.destroyed, ...hidden].map(bookId),
      newState: String(found.version),
      hasMoreChanges: found.hasMore,
    };
  };

export function shown(book: SeenBook): JmapRecord {
  const { rights, shares } = book;
  const shareWith = shares.map((share) => [principalOfShare(share.with), rightsShown(share)]);
  return {
    id: bookId(book.id),
    name: book.name,
    description: book.description === '' ? null : book.description,
    sortOrder: book.sortOrder,
    isDefault: book.isDefault,
    isSubscribed: book.isSubscribed,
    // Whom else it is shared with, only those hear who may share it (RFC 9670, 4.2).
    shareWith: rights.has('mayShare') && shareWith.length > 0 ? Object.fromEntries(shareWith) : null,
    myRights: Object.fromEntries(bookRights.map((right) => [right, rights.has(right)])),
  };
}

function serverSet(record: JmapRecord, given: Properties): JmapRecord {
  const entries = Object.entries(record).filter(([name]) => name === 'id' || !Object.hasOwn(given, name));
  return Object.fromEntries(entries) as unknown as JmapRecord;
}

async function bookOf(parts: ContactParts, call: Call, id: string): Promise<SeenBook> {
  const number = bookNumber(id);
  const book = (await seenBooks(parts, call)).find((each) => each.id === number);
  if (book === undefined) throw notFound();
  return book;
}

async function changeOf(parts: ContactParts, call: Call, given: Properties): Promise<BookChange> {
  const { name, description, sortOrder, isSubscribed, shareWith } = given;
  const wrong: string[] = [];
  const fits = (text: unknown, maxBytes: number): boolean =>
    typeof text === 'string' && Buffer.byteLength(text) <= maxBytes;
  if (name !== undefined && (!fits(name, bookNameMaxBytes) || name === '')) wrong.push('name');
  if (description !== undefined && description !== null && !fits(description, bookDescriptionMaxBytes))
    wrong.push('description');
  if (sortOrder !== undefined && !isUnsigned(sortOrder ?? 0)) wrong.push('sortOrder');
  if (isSubscribed !== undefined && typeof isSubscribed !== 'boolean') wrong.push('isSubscribed');
  const shares = shareWith === undefined ? undefined : await sharesOf(parts, call, shareWith);
  if (shares === 'wrong') wrong.push('shareWith');
  if (wrong.length > 0) throw invalidProperties(wrong);
  return {
    ...(name !== undefined && { name: name as string }),
    ...(description !== undefined && { description: (description as string | null) ?? '' }),
    ...(sortOrder !== undefined && { sortOrder: (sortOrder as number | null) ?? 0 }),
    ...(isSubscribed !== undefined && { isSubscribed: isSubscribed as boolean }),
    ...(Array.isArray(shares) && { shares: shares as readonly Share[] }),
  };
}

const isUnsigned = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;

/** With accounts of the own organisation, or all of it; nobody shares with strangers. */
async function sharesOf(
  { directory }: ContactParts,
  { context: { user }, account }: Call,
  given: unknown,
): Promise<readonly Share[] | 'wrong'> {
  if (given === null) return [];
  if (!isObject(given)) return 'wrong';
  const shares: Share[] = [];
  for (const [who, rights] of Object.entries(given)) {
    if (!isObject(rights)) return 'wrong';
    const names = Object.keys(rights);
    if (names.some((name) => !bookRights.includes(name as BookRight) || typeof rights[name] !== 'boolean'))
      return 'wrong';
    const isAll = isAllOf(user.org, who);
    const known =
      isAll || (who !== account.id && (await directory.account(who as AccountId))?.org === user.org);
    if (!known) return 'wrong';
    shares.push({
      with: storedShare(user.org, who),
      rights: bookRights.filter((right) => rights[right] === true),
    });
  }
  return shares.filter(({ rights }) => rights.length > 0);
}

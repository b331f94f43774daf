/** Contacts over JMAP (RFC 9610): lists by pages, groups, changes, files of vCards. */
import {
  keepPreviousData,
  queryOptions,
  useQueries,
  useQuery,
  useSuspenseQuery,
} from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { checked, jmap, jmapSession } from '../mail/jmap/client.ts';
import type { Id } from '../mail/jmap/types.ts';
import type { Card } from './card.ts';

export const contacts = 'urn:ietf:params:jmap:contacts';
const using = [contacts];
export const pageSize = 100;

export interface AddressBook {
  readonly id: Id;
  readonly name: string;
  readonly isDefault: boolean;
  readonly myRights: Readonly<Record<string, boolean>>;
}

export function useContactAccount(): Id {
  const { data } = useSuspenseQuery(jmapSession);
  const account = data.primaryAccounts[contacts];
  if (account === undefined) throw new Error('no contacts');
  return account;
}

const key = (account: Id) => ['contacts', account] as const;
export const contactsChanged = (account: Id): Promise<void> =>
  queries.invalidateQueries({ queryKey: key(account) });

export const booksQuery = (account: Id) =>
  queryOptions({
    queryKey: [...key(account), 'books'],
    queryFn: async ({ signal }) => {
      const { b } = await jmap([['AddressBook/get', { accountId: account, ids: null }, 'b']], {
        using,
        signal,
      });
      return b!['list'] as readonly AddressBook[];
    },
  });

export const groupsQuery = (account: Id) =>
  queryOptions({
    queryKey: [...key(account), 'groups'],
    queryFn: async ({ signal }) => {
      const { g } = await jmap(
        [
          ['ContactCard/query', { accountId: account, filter: { kind: 'group' }, limit: 500 }, 'q'],
          [
            'ContactCard/get',
            { accountId: account, '#ids': { resultOf: 'q', name: 'ContactCard/query', path: '/ids' } },
            'g',
          ],
        ],
        { using, signal },
      );
      return g!['list'] as readonly Card[];
    },
  });

export interface Shown {
  readonly account: Id;
  readonly search: string;
  /** Of the members of this group alone: their uids. */
  readonly group: Card | undefined;
}

interface Page {
  readonly total: number;
  readonly cards: readonly Card[];
}

const notGroups = { operator: 'NOT', conditions: [{ kind: 'group' }] };

const pageQuery = ({ account, search, group }: Shown, page: number) =>
  queryOptions({
    queryKey: [
      ...key(account),
      'list',
      search,
      group?.id ?? '',
      Object.keys(group?.members ?? {}).join(),
      page,
    ],
    queryFn: async ({ signal }): Promise<Page> => {
      const members = group === undefined ? undefined : Object.keys(group.members ?? {});
      if (members?.length === 0) return { total: 0, cards: [] };
      const conditions = [
        notGroups,
        ...(search.trim() === '' ? [] : [{ text: search.trim() }]),
        ...(members === undefined ? [] : [{ operator: 'OR', conditions: members.map((uid) => ({ uid })) }]),
      ];
      const { q, c } = await jmap(
        [
          [
            'ContactCard/query',
            {
              accountId: account,
              filter: { operator: 'AND', conditions },
              sort: [
                { property: 'name/surname', isAscending: true },
                { property: 'name/given', isAscending: true },
              ],
              position: page * pageSize,
              limit: pageSize,
              calculateTotal: true,
            },
            'q',
          ],
          [
            'ContactCard/get',
            { accountId: account, '#ids': { resultOf: 'q', name: 'ContactCard/query', path: '/ids' } },
            'c',
          ],
        ],
        { using, signal },
      );
      const byId = new Map((c!['list'] as readonly Card[]).map((card) => [card.id, card]));
      return {
        total: Number(q!['total']),
        cards: (q!['ids'] as readonly Id[]).flatMap((id) => byId.get(id) ?? []),
      };
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

export interface ContactList {
  readonly total: number;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly cardAt: (index: number) => Card | undefined;
}

export function useContacts(shown: Shown, inView: readonly number[]): ContactList {
  const pages = [...new Set([0, ...inView])];
  const results = useQueries({ queries: pages.map((page) => pageQuery(shown, page)) });
  const byPage = new Map(pages.map((page, i) => [page, results[i]?.data]));
  const [start] = results;
  return {
    total: start?.data?.total ?? 0,
    isLoading: start?.isPending ?? true,
    error: start?.error ?? null,
    cardAt: (index) => byPage.get(Math.floor(index / pageSize))?.cards[index % pageSize],
  };
}

export const useCard = (account: Id, id: Id) =>
  useQuery({
    queryKey: [...key(account), 'card', id],
    queryFn: async ({ signal }) => {
      const { c } = await jmap([['ContactCard/get', { accountId: account, ids: [id] }, 'c']], {
        using,
        signal,
      });
      return (c!['list'] as readonly Card[])[0] ?? null;
    },
  });

async function set(account: Id, change: object): Promise<ReturnType<typeof checked>> {
  const { s } = await jmap([['ContactCard/set', { accountId: account, ...change }, 's']], { using });
  const done = checked(s);
  await contactsChanged(account);
  return done;
}

export async function createCard(account: Id, card: object): Promise<Id> {
  const { created } = await set(account, { create: { new: card } });
  return created!['new']!.id;
}

export const updateCard = (account: Id, id: Id, patch: object): Promise<unknown> =>
  set(account, { update: { [id]: patch } });

/** Gives how to take it back: the same card, under another id. */
export async function destroyCards(account: Id, cards: readonly Card[]): Promise<() => Promise<void>> {
  await set(account, { destroy: cards.map(({ id }) => id) });
  return async () => {
    const create = Object.fromEntries(cards.map((card, i) => [`c${i}`, { ...card, id: undefined }]));
    await set(account, { create });
  };
}

export interface ImportedCards {
  readonly created: readonly Id[];
  readonly updated: readonly Id[];
  readonly skipped: readonly unknown[];
}

const filePath = (account: Id, book: Id): string => `/jmap/contacts/${account}/${book}`;

export const exportUrl = (account: Id, book: Id, version: '3.0' | '4.0'): string =>
  `${filePath(account, book)}?version=${version}`;

export async function importVcards(account: Id, book: Id, file: File): Promise<ImportedCards> {
  const response = await fetch(filePath(account, book), {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'x-hikyaku-page': '1', 'content-type': 'text/vcard' },
    body: file,
  });
  const answer = (await response.json()) as ImportedCards & { readonly detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? `HTTP ${response.status}`);
  await contactsChanged(account);
  return answer;
}

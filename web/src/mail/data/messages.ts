/** Lists of messages by pages, and whole threads. What changes on the server makes them be read again (push.ts). */
import { keepPreviousData, queryOptions, useQueries, useQuery } from '@tanstack/react-query';
import { jmap } from '../jmap/client.ts';
import type { Email, EmailRow, Id } from '../jmap/types.ts';
import { filterOf } from './search.ts';

export const pageSize = 50;

export interface ListOf {
  readonly account: Id;
  /** Undefined: everywhere. */
  readonly mailbox: Id | undefined;
  /** As typed into the search field. */
  readonly search: string;
  readonly threads: boolean;
  /** What has just come back from sleep stands on top. */
  readonly awakenedFirst: boolean;
}

export interface ListPage {
  readonly total: number;
  readonly rows: readonly EmailRow[];
  /** Messages of each thread. */
  readonly counts: Readonly<Record<Id, number>>;
}

const rowProperties = [
  'id',
  'threadId',
  'mailboxIds',
  'keywords',
  'from',
  'to',
  'subject',
  'receivedAt',
  'preview',
  'hasAttachment',
  'size',
];

export const listKey = (account: Id) => ['mail', account, 'list'] as const;

const pageQuery = (list: ListOf, page: number) =>
  queryOptions({
    queryKey: [...listKey(list.account), list, page],
    queryFn: async ({ signal }): Promise<ListPage> => {
      const { account: accountId, threads } = list;
      const { q, e, t } = await jmap(
        [
          [
            'Email/query',
            {
              accountId,
              filter: filterOf(list),
              sort: [
                ...(list.awakenedFirst
                  ? [{ property: 'hasKeyword', keyword: '$awakened', isAscending: false }]
                  : []),
                { property: 'receivedAt', isAscending: false },
              ],
              collapseThreads: threads,
              position: page * pageSize,
              limit: pageSize,
              calculateTotal: true,
            },
            'q',
          ],
          [
            'Email/get',
            {
              accountId,
              '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' },
              properties: rowProperties,
            },
            'e',
          ],
          ...(threads
            ? ([
                [
                  'Thread/get',
                  { accountId, '#ids': { resultOf: 'e', name: 'Email/get', path: '/list/*/threadId' } },
                  't',
                ],
              ] as const)
            : []),
        ],
        { signal },
      );
      const found = (t?.['list'] ?? []) as readonly { id: Id; emailIds: readonly Id[] }[];
      const rows = new Map((e!['list'] as readonly EmailRow[]).map((row) => [row.id, row]));
      return {
        total: Number(q!['total']),
        // In the order of the query.
        rows: (q!['ids'] as readonly Id[]).flatMap((id) => rows.get(id) ?? []),
        counts: Object.fromEntries(found.map(({ id, emailIds }) => [id, emailIds.length])),
      };
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

export interface MessageList {
  readonly total: number;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly rowAt: (index: number) => EmailRow | undefined;
  readonly countOf: (row: EmailRow) => number;
}

/** The first page, and those that are in view. */
export function useMessageList(list: ListOf, inView: readonly number[]): MessageList {
  const pages = [...new Set([0, ...inView])];
  const results = useQueries({ queries: pages.map((page) => pageQuery(list, page)) });
  const byPage = new Map(pages.map((page, i) => [page, results[i]?.data]));
  const first = results[0];
  return {
    total: first?.data?.total ?? 0,
    isLoading: first?.isPending ?? true,
    error: first?.error ?? null,
    rowAt: (index) => byPage.get(Math.floor(index / pageSize))?.rows[index % pageSize],
    countOf: ({ threadId }) => {
      for (const page of byPage.values())
        if (page?.counts[threadId] !== undefined) return page.counts[threadId];
      return 1;
    },
  };
}

const emailProperties = [
  ...rowProperties,
  'blobId',
  'cc',
  'bcc',
  'replyTo',
  'sentAt',
  'messageId',
  'inReplyTo',
  'references',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyValues',
  'header:Authentication-Results:asText:all',
  'header:List-Unsubscribe:asURLs',
  'header:List-Unsubscribe-Post:asText',
];
/** Longer bodies are cut, and offered as a file. */
const bodyMaxBytes = 1_000_000;

export const threadQuery = (account: Id, thread: Id) =>
  queryOptions({
    queryKey: ['mail', account, 'thread', thread],
    queryFn: async ({ signal }) => {
      const { e } = await jmap(
        [
          ['Thread/get', { accountId: account, ids: [thread] }, 't'],
          [
            'Email/get',
            {
              accountId: account,
              '#ids': { resultOf: 't', name: 'Thread/get', path: '/list/*/emailIds' },
              properties: emailProperties,
              fetchTextBodyValues: true,
              fetchHTMLBodyValues: true,
              maxBodyValueBytes: bodyMaxBytes,
            },
            'e',
          ],
        ],
        { signal },
      );
      return (e!['list'] as readonly Email[]).toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
    },
    staleTime: 60_000,
  });

export const useThread = (account: Id, thread: Id) => useQuery(threadQuery(account, thread));

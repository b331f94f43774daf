/** The mail log: a row for each recipient, found by any text and by conditions that stand in the address; searches are kept under a name. */
import { Button, Menu, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { IconBookmark, IconListSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { TraceItem } from '../../../../src/httpd/admin-api/contract-traces.ts';
import { admin, adminBase, queryText, type PageOf } from '../../api/client.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark, type Mood } from '../../parts/Mark.tsx';
import { Page } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { When } from '../../parts/When.tsx';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';

export const statusMood: Readonly<Record<TraceItem['status'], Mood>> = {
  queued: 'neutral',
  deferred: 'waiting',
  held: 'waiting',
  delivered: 'good',
  redirected: 'good',
  bounced: 'bad',
  complained: 'bad',
  refused: 'bad',
  deleted: 'neutral',
};
const statuses = Object.keys(statusMood) as TraceItem['status'][];
const dayMs = 86_400_000;
const spans: Readonly<Record<string, number>> = { day: dayMs, week: 7 * dayMs, month: 30 * dayMs };
const pageItems = 200;
const refreshMs = 5000;

/** An address, `@domain` or an id is looked for as such; anything else is words. */
export function conditionsOf(q: string): Readonly<Record<string, string>> {
  const text = q.trim();
  if (text === '') return {};
  if (/^[0-9a-hjkmnp-tv-z]{20}$/.test(text) || /^<.+@.+>$/.test(text)) return { messageId: text };
  const named = /^(to|from|subject|reply|tag|stream):(.+)$/.exec(text);
  if (named) {
    const names: Readonly<Record<string, string>> = { to: 'recipient', from: 'sender' };
    return { [names[named[1]!] ?? named[1]!]: named[2]!.trim() };
  }
  return { text };
}

export function Log() {
  const { t } = useWords('console/log');
  const [filters, setFilters] = useFilters();
  const navigate = useNavigate();
  const { q = '', status, span } = filters;
  const fromMs = span !== undefined && span in spans ? Date.now() - spans[span]! : undefined;
  const query = { ...conditionsOf(q), status };
  const found = useInfiniteQuery({
    queryKey: ['log', query, span],
    queryFn: ({ pageParam, signal }) =>
      admin.get<PageOf<TraceItem>>(
        '/log/search',
        { ...query, fromMs, limit: pageItems, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchInterval: (state) => (state.state.data?.pages.length === 1 ? refreshMs : false),
  });
  const rows = found.data?.pages.flatMap(({ items }) => items) ?? [];
  const columns = useColumns();
  const open = (row: TraceItem): void =>
    void navigate({ to: `/console/journey/${row.message}`, search: { to: row.recipient } });
  return (
    <Page title={t('title')} text={t('lead')} actions={<Exports query={{ ...query, fromMs }} />}>
      {found.error ? (
        <ProblemBox error={found.error} retry={() => void found.refetch()} />
      ) : (
        <DataTable
          name="mail-log"
          rows={rows}
          columns={columns}
          keyOf={({ message, recipient, acceptedAtMs }) => `${message} ${recipient} ${acceptedAtMs}`}
          onOpen={(row) => row.message !== '' && open(row)}
          tools={
            <>
              <SearchField
                value={q}
                onChange={(text) => setFilters({ q: text })}
                label={t('search')}
                width={340}
              />
              <Select
                w={150}
                aria-label={t('status')}
                placeholder={t('anyStatus')}
                clearable
                data={statuses.map((value) => ({ value, label: t(`statuses.${value}`) }))}
                value={status ?? null}
                onChange={(value) => setFilters({ status: value ?? '' })}
              />
              <Select
                w={140}
                aria-label={t('span')}
                placeholder={t('anyTime')}
                clearable
                data={Object.keys(spans).map((value) => ({ value, label: t(`spans.${value}`) }))}
                value={span ?? null}
                onChange={(value) => setFilters({ span: value ?? '' })}
              />
              <Views filters={filters} onChoose={setFilters} />
            </>
          }
        />
      )}
      {found.isPending && <Lines />}
      {found.isSuccess && rows.length === 0 && (
        <Empty
          icon={IconListSearch}
          title={q === '' && status === undefined ? t('none') : t('noMatch')}
          text={q === '' && status === undefined ? t('noneText') : t('noMatchText')}
        />
      )}
      {found.hasNextPage && (
        <Button
          variant="default"
          mt={12}
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t('older')}
        </Button>
      )}
    </Page>
  );
}

function useColumns(): readonly Column<TraceItem>[] {
  const { t } = useWords('console/log');
  return [
    {
      id: 'status',
      head: t('status'),
      width: '132px',
      cell: ({ status }) => <Mark mood={statusMood[status]}>{t(`statuses.${status}`)}</Mark>,
      value: ({ status }) => status,
    },
    {
      id: 'subject',
      head: t('subject'),
      width: 'minmax(200px, 1.6fr)',
      cell: ({ subject }) => subject || t('noSubject'),
      value: ({ subject }) => subject,
    },
    {
      id: 'sender',
      head: t('from'),
      width: 'minmax(170px, 1fr)',
      cell: ({ sender }) => sender || '<>',
      value: ({ sender }) => sender,
    },
    {
      id: 'recipient',
      head: t('to'),
      width: 'minmax(170px, 1fr)',
      cell: ({ recipient }) => recipient,
      value: ({ recipient }) => recipient,
    },
    {
      id: 'reply',
      head: t('reply'),
      width: 'minmax(180px, 1.2fr)',
      hidden: true,
      cell: ({ reply }) => reply,
      value: ({ reply }) => reply,
    },
    { id: 'host', head: t('host'), hidden: true, cell: ({ host }) => host, value: ({ host }) => host },
    {
      id: 'stream',
      head: t('stream'),
      hidden: true,
      width: '110px',
      cell: ({ stream }) => stream,
      value: ({ stream }) => stream,
    },
    {
      id: 'message',
      head: t('id'),
      hidden: true,
      width: '190px',
      cell: ({ message }) => <code>{message}</code>,
      value: ({ message }) => message,
    },
    {
      id: 'time',
      head: t('time'),
      width: '110px',
      align: 'end',
      cell: ({ acceptedAtMs }) => <When atMs={acceptedAtMs} />,
      value: ({ acceptedAtMs }) => acceptedAtMs,
    },
  ];
}

function Exports({ query }: { readonly query: Parameters<typeof queryText>[0] }) {
  const { t } = useWords('console/log');
  const link = (format: string): string => `${adminBase}/log/export${queryText({ ...query, format })}`;
  return (
    <Menu withinPortal position="bottom-end">
      <Menu.Target>
        <Button variant="default">{t('export')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={link('csv')} download>
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={link('jsonl')} download>
          JSON Lines
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface View {
  readonly name: string;
  readonly by: string;
  readonly query: Readonly<Record<string, string>>;
}

interface ViewsProps {
  readonly filters: Readonly<Record<string, string | undefined>>;
  readonly onChoose: (filters: Readonly<Record<string, string | undefined>>) => void;
}

/** Searches that the organisation keeps. */
function Views({ filters, onChoose }: ViewsProps) {
  const { t } = useWords('console/log');
  const org = useOrg();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const path = `/orgs/${org}/log-views`;
  const { data } = useQuery({ queryKey: ['views', org], queryFn: () => admin.get<PageOf<View>>(path) });
  const changed = () => void client.invalidateQueries({ queryKey: ['views', org] });
  const keep = useMutation({
    mutationFn: () =>
      admin.put(`${path}/${encodeURIComponent(name)}`, {
        query: {
          ...conditionsOf(filters['q'] ?? ''),
          ...(filters['status'] && { status: filters['status'] }),
        },
      }),
    onSuccess() {
      toast({ text: t('kept', { name }), mood: 'good' });
      setName('');
      changed();
    },
    onError: toastError,
  });
  const drop = useMutation({
    mutationFn: (view: View) => admin.delete(`${path}/${encodeURIComponent(view.name)}`),
    onSuccess(_, view) {
      toast({
        text: t('dropped', { name: view.name }),
        undo: () =>
          void admin
            .put(`${path}/${encodeURIComponent(view.name)}`, { query: view.query })
            .then(changed, toastError),
      });
      changed();
    },
    onError: toastError,
  });
  return (
    <Menu withinPortal closeOnItemClick={false} width={280} position="bottom-start">
      <Menu.Target>
        <Button variant="subtle" leftSection={<IconBookmark size={16} stroke={1.5} />}>
          {t('views')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {data?.items.length === 0 && <Menu.Label>{t('noViews')}</Menu.Label>}
        {data?.items.map((view) => (
          <Menu.Item
            key={view.name}
            onClick={() => onChoose(filtersOf(view.query))}
            rightSection={
              <Button
                component="span"
                size="compact-xs"
                variant="subtle"
                color="gray"
                onClick={(event) => {
                  event.stopPropagation();
                  drop.mutate(view);
                }}
              >
                {t('drop')}
              </Button>
            }
          >
            {view.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') keep.mutate();
          }}
        >
          <TextInput
            m={8}
            size="xs"
            aria-label={t('viewName')}
            placeholder={t('viewName')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            rightSectionWidth={64}
            rightSection={
              <Button type="submit" size="compact-xs" disabled={name.trim() === ''}>
                {t('keep')}
              </Button>
            }
          />
        </form>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A kept search as filters of the page. */
function filtersOf(query: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { status = '', text, messageId, recipient, sender, ...others } = query;
  const [named] = Object.entries(others).filter(([name]) => name !== 'fromMs' && name !== 'untilMs');
  const q =
    text ??
    messageId ??
    (recipient === undefined ? undefined : `to:${recipient}`) ??
    (sender === undefined ? undefined : `from:${sender}`) ??
    (named === undefined ? '' : `${named[0]}:${named[1]}`);
  return { q, status, span: '' };
}

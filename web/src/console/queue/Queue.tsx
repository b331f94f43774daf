/** The queue, live: a row for each destination with a small bar; a click opens it with its mail, last answer and controls. Nothing jumps. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconStack2 } from '@tabler/icons-react';
import type { QueueDestination } from '../../../../src/httpd/admin-api/contract-mail.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useLiveEvents } from '../../api/live.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Page } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { DestinationDrawer } from './DestinationDrawer.tsx';
import { useQueueDeed } from './deeds.ts';
import css from './Queue.module.css';

const refreshMs = 5000;

export function Queue() {
  const { t } = useWords('console/queue');
  const [filters, setFilters] = useFilters();
  const may = useMay();
  const deed = useQueueDeed();
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ['queue'],
    queryFn: () => admin.get<PageOf<QueueDestination>>('/queue'),
    refetchInterval: refreshMs,
  });
  const live = useLiveEvents(() => void refetch());
  const { q = '', open } = filters;
  const rows = (data?.items ?? []).filter(({ destination }) => destination.includes(q.toLowerCase()));
  const columns = useColumns(rows);
  const chosen =
    open === undefined ? undefined : (data?.items.find((one) => one.destination === open) ?? gone(open));
  return (
    <Page
      title={t('title')}
      text={
        <span className={css['live']} data-live={live || undefined}>
          {t(live ? 'live' : 'polled')}
        </span>
      }
      actions={
        may('queue:write') &&
        rows.length > 0 && (
          <>
            <Button variant="default" onClick={() => deed.mutate({ action: 'hold', filter: {} })}>
              {t('holdAll')}
            </Button>
            <Button variant="default" onClick={() => deed.mutate({ action: 'retry', filter: {} })}>
              {t('retryAll')}
            </Button>
          </>
        )
      }
      drawer={
        chosen && (
          <DestinationDrawer
            key={chosen.destination}
            destination={chosen}
            onClose={() => setFilters({ open: '' })}
          />
        )
      }
    >
      {error && <ProblemBox error={error} retry={() => void refetch()} />}
      {isPending && <Lines />}
      {data && data.items.length === 0 && <Empty icon={IconStack2} title={t('none')} text={t('noneText')} />}
      {data && data.items.length > 0 && (
        <DataTable
          name="queue"
          rows={rows}
          columns={columns}
          keyOf={({ destination }) => destination}
          selected={open}
          onOpen={({ destination }) => setFilters({ open: destination })}
          tools={<SearchField value={q} onChange={(text) => setFilters({ q: text })} label={t('search')} />}
        />
      )}
    </Page>
  );
}

/** It has left the queue while one was looking. */
function gone(destination: string): QueueDestination {
  return { destination, waiting: 0, held: 0, oldestAtMs: 0, nextTryAtMs: 0 };
}

function useColumns(rows: readonly QueueDestination[]): readonly Column<QueueDestination>[] {
  const { t } = useWords('console/queue');
  const most = Math.max(1, ...rows.map(({ waiting, held }) => waiting + held));
  return [
    {
      id: 'destination',
      head: t('destination'),
      width: 'minmax(170px, 1.2fr)',
      cell: ({ destination }) => destination,
      value: ({ destination }) => destination,
    },
    {
      id: 'bar',
      head: t('share'),
      width: 'minmax(110px, 0.8fr)',
      cell: ({ waiting, held }) => (
        <span className={css['bar']} title={t('barText', { waiting, held })}>
          <span data-mood="waiting" style={{ width: `${(waiting / most) * 100}%` }} />
          <span data-mood="held" style={{ width: `${(held / most) * 100}%` }} />
        </span>
      ),
    },
    {
      id: 'waiting',
      head: t('waiting'),
      width: '76px',
      align: 'end',
      cell: ({ waiting }) => waiting,
      value: ({ waiting }) => waiting,
    },
    {
      id: 'held',
      head: t('held'),
      width: '64px',
      align: 'end',
      cell: ({ held }) => held,
      value: ({ held }) => held,
    },
    {
      id: 'oldest',
      head: t('oldest'),
      width: '104px',
      align: 'end',
      cell: ({ oldestAtMs }) => <When atMs={oldestAtMs} />,
      value: ({ oldestAtMs }) => oldestAtMs,
    },
    {
      id: 'next',
      head: t('next'),
      width: '104px',
      align: 'end',
      cell: ({ nextTryAtMs }) => <When atMs={nextTryAtMs} />,
      value: ({ nextTryAtMs }) => nextTryAtMs,
    },
    {
      id: 'last',
      head: t('last'),
      width: 'minmax(200px, 1.6fr)',
      cell: ({ last }) => last?.reply ?? '',
      value: ({ last }) => last?.reply ?? '',
    },
  ];
}

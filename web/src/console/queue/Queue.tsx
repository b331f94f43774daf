/**
 * The queue, live: a row for each provider, or each destination, with a small bar; a click opens it with why it waits, its mail, its last answer and controls.
 * Nothing jumps. Orders that hold mail back or slow it stand above.
 */
import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconStack2 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { QueueDestination } from '../../../../src/httpd/admin-api/contract-mail.ts';
import type { QueueRow } from '../../../../src/httpd/admin-api/contract-operator.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useLiveEvents, useQueueRows } from '../../api/live.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Page, Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useDestinationColumns, useProviderColumns } from './columns.tsx';
import { DestinationDrawer } from './DestinationDrawer.tsx';
import { useQueueDeed } from './deeds.ts';
import { OrderList, useOrders } from './Orders.tsx';
import { ProviderDrawer } from './ProviderDrawer.tsx';
import { providersOf } from './providers.ts';
import css from './Queue.module.css';

const refreshMs = 5000;

export function Queue() {
  const { t, language } = useWords('console/queue');
  const [filters, setFilters] = useFilters();
  const may = useMay();
  const deed = useQueueDeed();
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ['queue'],
    queryFn: () => admin.get<PageOf<QueueDestination>>('/queue'),
    refetchInterval: refreshMs,
  });
  useLiveEvents(() => void refetch());
  const { items: rows, live } = useQueueRows(language);
  const orders = useOrders();
  const chosen = useChosen({ destinations: data?.items, rows: rows ?? [], orders });
  const isFull = data !== undefined && data.items.length > 0;
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
        isFull && (
          <>
            <Button variant="default" onClick={() => deed.mutate({ action: 'hold', filters: [{}] })}>
              {t('holdAll')}
            </Button>
            <Button variant="default" onClick={() => deed.mutate({ action: 'retry', filters: [{}] })}>
              {t('retryAll')}
            </Button>
          </>
        )
      }
      drawer={chosen}
    >
      {error && <ProblemBox error={error} retry={() => void refetch()} />}
      {orders.length > 0 && (
        <Section title={t('orders.title')} text={t('orders.lead')}>
          <OrderList orders={orders} />
        </Section>
      )}
      {isPending && <Lines />}
      {data && !isFull && <Empty icon={IconStack2} title={t('none')} text={t('noneText')} />}
      {isFull && (
        <>
          <SegmentedControl
            className={css['views']!}
            aria-label={t('view')}
            data={(['providers', 'destinations'] as const).map((value) => ({ value, label: t(value) }))}
            value={filters['view'] ?? 'providers'}
            onChange={(view) =>
              setFilters({ view: view === 'providers' ? '' : view, open: '', provider: '' })
            }
          />
          {filters['view'] === 'destinations' ? (
            <Destinations items={data.items} />
          ) : (
            <Providers rows={rows} />
          )}
        </>
      )}
    </Page>
  );
}

interface ChosenProps {
  readonly destinations: readonly QueueDestination[] | undefined;
  readonly rows: readonly QueueRow[];
  readonly orders: ReturnType<typeof useOrders>;
}

/** The drawer of what the address names: a destination (`open`) or a provider (`provider`; `-`: those of none). */
function useChosen({ destinations, rows, orders }: ChosenProps): ReactNode {
  const { t } = useWords('console/queue');
  const [{ open, provider }, setFilters] = useFilters();
  if (open !== undefined)
    return (
      <DestinationDrawer
        key={open}
        destination={destinations?.find((one) => one.destination === open) ?? gone(open)}
        provider={rows.find(({ destination }) => destination === open)?.provider}
        orders={orders}
        onClose={() => setFilters({ open: '' })}
      />
    );
  const row = providersOf(rows).find((one) => (one.provider || '-') === provider);
  if (!row) return undefined;
  return (
    <ProviderDrawer
      key={row.provider}
      row={row}
      title={row.title || t('noProvider')}
      orders={orders}
      onClose={() => setFilters({ provider: '' })}
      onDestination={(destination) => setFilters({ open: destination })}
    />
  );
}

/** It has left the queue while one was looking. */
function gone(destination: string): QueueDestination {
  return { destination, waiting: 0, held: 0, oldestAtMs: 0, nextTryAtMs: 0 };
}

function Providers({ rows }: { readonly rows: readonly QueueRow[] | undefined }) {
  const { t } = useWords('console/queue');
  const [{ q = '', provider }, setFilters] = useFilters();
  const wanted = q.toLowerCase();
  const found = providersOf(
    (rows ?? []).filter((row) =>
      `${row.destination} ${row.provider} ${row.providerTitle}`.toLowerCase().includes(wanted),
    ),
  );
  const columns = useProviderColumns(found);
  if (!rows) return <Lines />;
  return (
    <DataTable
      name="queue-providers"
      rows={found}
      columns={columns}
      keyOf={(row) => row.provider || '-'}
      selected={provider}
      onOpen={(row) => setFilters({ provider: row.provider || '-', open: '' })}
      tools={<SearchField value={q} onChange={(text) => setFilters({ q: text })} label={t('search')} />}
    />
  );
}

function Destinations({ items }: { readonly items: readonly QueueDestination[] }) {
  const { t } = useWords('console/queue');
  const [{ q = '', open }, setFilters] = useFilters();
  const found = items.filter(({ destination }) => destination.includes(q.toLowerCase()));
  const columns = useDestinationColumns(found);
  return (
    <DataTable
      name="queue"
      rows={found}
      columns={columns}
      keyOf={({ destination }) => destination}
      selected={open}
      onOpen={({ destination }) => setFilters({ open: destination })}
      tools={<SearchField value={q} onChange={(text) => setFilters({ q: text })} label={t('search')} />}
    />
  );
}

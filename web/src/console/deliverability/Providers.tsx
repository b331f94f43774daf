/** All providers: the map, and a table with what became of mail and how long it took. */
import { IconSend } from '@tabler/icons-react';
import type { ProviderOutcomes } from '../../../../src/httpd/admin-api/contract-deliverability.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { lengthOfTime } from '../../parts/When.tsx';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { HeatMap } from './HeatMap.tsx';
import { complaintRate, tried, useOutcomes } from './outcomes.ts';

export function Providers({ days }: { readonly days: number }) {
  const { t } = useWords('console/deliverability');
  const [filters, setFilters] = useFilters();
  const { data, error, refetch } = useOutcomes(days);
  const columns = useColumns();
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines />;
  if (data.items.length === 0) return <Empty icon={IconSend} title={t('none')} text={t('noneText')} />;
  const open = (provider: string) => setFilters({ provider });
  return (
    <>
      <Section title={t('map')} text={t('mapText')}>
        <HeatMap answer={data} onOpen={open} />
      </Section>
      <DataTable
        name="deliverability"
        rows={data.items}
        columns={columns}
        keyOf={({ provider }) => provider || '-'}
        selected={filters['provider']}
        onOpen={({ provider }) => open(provider || '-')}
      />
    </>
  );
}

function useColumns(): readonly Column<ProviderOutcomes>[] {
  const { t, language } = useWords('console/deliverability');
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const share = (field: 'deferred' | 'bounced') => (one: ProviderOutcomes) =>
    one[field] / Math.max(1, tried(one));
  const time = (ms: number): string => (ms === 0 ? '' : lengthOfTime(ms, language));
  return [
    {
      id: 'provider',
      head: t('provider'),
      width: 'minmax(150px, 1.4fr)',
      cell: ({ title }) => title || t('others'),
      value: ({ title }) => title,
    },
    {
      id: 'tried',
      head: t('tried'),
      width: '90px',
      align: 'end',
      cell: (one) => tried(one).toLocaleString(language),
      value: tried,
    },
    {
      id: 'delivered',
      head: t('delivered'),
      width: '90px',
      align: 'end',
      cell: ({ delivered }) => delivered.toLocaleString(language),
      value: ({ delivered }) => delivered,
    },
    {
      id: 'deferred',
      head: t('deferred'),
      width: '90px',
      align: 'end',
      cell: (one) => percent.format(share('deferred')(one)),
      value: share('deferred'),
    },
    {
      id: 'bounced',
      head: t('bounced'),
      width: '90px',
      align: 'end',
      cell: (one) => percent.format(share('bounced')(one)),
      value: share('bounced'),
    },
    {
      id: 'complained',
      head: t('complained'),
      width: '100px',
      align: 'end',
      cell: (one) => percent.format(complaintRate([one])),
      value: (one) => complaintRate([one]),
    },
    {
      id: 'p50',
      head: t('p50'),
      width: '100px',
      align: 'end',
      cell: ({ p50Ms }) => time(p50Ms),
      value: ({ p50Ms }) => p50Ms,
    },
    {
      id: 'p99',
      head: t('p99'),
      width: '100px',
      align: 'end',
      cell: ({ p99Ms }) => time(p99Ms),
      value: ({ p99Ms }) => p99Ms,
    },
  ];
}

/** What others report about the mail of a domain: DMARC by source and day, the way to a stricter policy, and encryption that failed. */
import { Select, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconChartHistogram } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import type { Domain } from '../../../../src/httpd/admin-api/contract-org.ts';
import type {
  DmarcPath,
  DmarcReportItem,
  DmarcSource,
  TlsReportItem,
} from '../../../../src/httpd/admin-api/contract-reports.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useList } from '../../api/lists.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark, type Mood } from '../../parts/Mark.tsx';
import { Page, Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { When } from '../../parts/When.tsx';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import { byDay } from './days.ts';

const Bars = lazy(() => import('../../parts/Bars.tsx'));
const days = 30;

export function Reports() {
  const { t } = useWords('console/reports');
  const org = useOrg();
  const [filters, setFilters] = useFilters();
  const domains = useList<Domain>(`/orgs/${org}/domains`);
  const names = domains.rows.filter(({ aliasOf }) => aliasOf === '').map(({ name }) => name);
  const domain = names.find((name) => name === filters['domain']) ?? names[0];
  if (domains.error) return <ProblemBox error={domains.error} />;
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={
        names.length > 0 && (
          <Select
            w={240}
            aria-label={t('domain')}
            data={names}
            value={domain ?? null}
            allowDeselect={false}
            onChange={(next) => setFilters({ domain: next ?? '' })}
          />
        )
      }
    >
      {domain === undefined ? (
        <Empty icon={IconChartHistogram} title={t('none')} text={t('noneText')} />
      ) : (
        <Tabs
          value={filters['tab'] ?? 'dmarc'}
          onChange={(tab) => setFilters({ tab: tab === 'dmarc' ? '' : (tab ?? '') })}
          keepMounted={false}
        >
          <Tabs.List mb={16}>
            <Tabs.Tab value="dmarc">DMARC</Tabs.Tab>
            <Tabs.Tab value="tls">{t('tls')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="dmarc">
            <Dmarc path={`/orgs/${org}/domains/${domain}`} />
          </Tabs.Panel>
          <Tabs.Panel value="tls">
            <Tls path={`/orgs/${org}/domains/${domain}`} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Page>
  );
}

const kindMood: Readonly<Record<DmarcSource['kind'], Mood>> = {
  own: 'good',
  aligned: 'good',
  partly: 'waiting',
  service: 'waiting',
  forwarder: 'neutral',
  unknown: 'bad',
};

function Dmarc({ path }: { readonly path: string }) {
  const { t, language } = useWords('console/reports');
  const ask = { days };
  const reports = useQuery({
    queryKey: ['dmarc', path],
    queryFn: () => admin.get<PageOf<DmarcReportItem>>(`${path}/dmarc/reports`, { ...ask, limit: 1000 }),
  });
  const sources = useQuery({
    queryKey: ['sources', path],
    queryFn: () => admin.get<PageOf<DmarcSource>>(`${path}/dmarc/sources`, ask),
  });
  const way = useQuery({
    queryKey: ['path', path],
    queryFn: () => admin.get<DmarcPath>(`${path}/dmarc/path`, { days }),
  });
  const error = reports.error ?? sources.error;
  if (error) return <ProblemBox error={error} retry={() => void reports.refetch()} />;
  if (!reports.data || !sources.data) return <Lines />;
  return (
    <>
      {way.data && <Way way={way.data} />}
      {reports.data.items.length === 0 ? (
        <Empty icon={IconChartHistogram} title={t('noReports')} text={t('noReportsText')} />
      ) : (
        <>
          <Section title={t('byDay')} text={t('byDayText')}>
            <Suspense fallback={<Lines count={5} />}>
              <Bars
                {...byDay(reports.data.items, language)}
                series={seriesOf(reports.data.items, t)}
                unit={t('mails')}
                label={t('byDay')}
              />
            </Suspense>
          </Section>
          <Section title={t('sources')} text={t('sourcesText')}>
            <DataTable
              name="dmarc-sources"
              rows={sources.data.items}
              keyOf={({ sourceIp }) => sourceIp}
              columns={[
                {
                  id: 'kind',
                  head: t('kind'),
                  width: '150px',
                  cell: ({ kind }) => <Mark mood={kindMood[kind]}>{t(`kinds.${kind}`)}</Mark>,
                  value: ({ kind }) => kind,
                },
                {
                  id: 'who',
                  head: t('who'),
                  width: 'minmax(200px, 1.4fr)',
                  cell: ({ host, organisation, sourceIp }) => organisation || host || sourceIp,
                  value: ({ host, sourceIp }) => host || sourceIp,
                },
                {
                  id: 'ip',
                  head: t('ip'),
                  width: '150px',
                  cell: ({ sourceIp }) => sourceIp,
                  value: ({ sourceIp }) => sourceIp,
                },
                {
                  id: 'messages',
                  head: t('mails'),
                  width: '84px',
                  align: 'end',
                  cell: ({ messages }) => messages.toLocaleString(language),
                  value: ({ messages }) => messages,
                },
                {
                  id: 'passed',
                  head: t('passed'),
                  width: '84px',
                  align: 'end',
                  cell: ({ messages, passed }) => `${Math.round((passed / Math.max(1, messages)) * 100)} %`,
                  value: ({ messages, passed }) => passed / Math.max(1, messages),
                },
                {
                  id: 'last',
                  head: t('last'),
                  width: '110px',
                  align: 'end',
                  cell: ({ lastAtMs }) => <When atMs={lastAtMs} />,
                  value: ({ lastAtMs }) => lastAtMs,
                },
              ]}
            />
          </Section>
        </>
      )}
    </>
  );
}

function seriesOf(items: readonly DmarcReportItem[], t: (key: string) => string) {
  const { passed, failed } = byDay(items, 'en');
  return [
    { name: t('passed'), mood: 'good' as const, values: passed },
    { name: t('failed'), mood: 'bad' as const, values: failed },
  ];
}

/** How far the domain is on its way to `p=reject`, and what stands in it. */
function Way({ way }: { readonly way: DmarcPath }) {
  const { t } = useWords('console/reports');
  return (
    <Section title={t('way')}>
      <p>
        <Mark mood={way.safe ? 'good' : 'waiting'}>{t(way.safe ? 'safe' : 'notYet')}</Mark>{' '}
        {way.policy === undefined ? t('noPolicy') : t('policyNow', { policy: way.policy })}
      </p>
      {way.next !== undefined && (
        <p>
          {t('publish')} <code>{way.next}</code>
        </p>
      )}
      <ul>
        {way.obstacles.map((each) => (
          <li key={`${each.is} ${each.sourceIp ?? ''}`}>
            {t(`obstacles.${each.is}`, {
              days: each.days ?? 0,
              wanted: each.wanted ?? 0,
              source: each.sourceIp ?? '',
              failed: each.failed ?? 0,
            })}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Tls({ path }: { readonly path: string }) {
  const { t } = useWords('console/reports');
  const { data, error, refetch } = useQuery({
    queryKey: ['tls', path],
    queryFn: () => admin.get<PageOf<TlsReportItem>>(`${path}/tls-reports`, { days, limit: 500 }),
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines />;
  if (data.items.length === 0)
    return <Empty icon={IconChartHistogram} title={t('noReports')} text={t('noTlsText')} />;
  return (
    <DataTable
      name="tls-reports"
      rows={data.items}
      keyOf={({ id }) => id}
      columns={[
        {
          id: 'state',
          head: t('state'),
          width: '130px',
          cell: ({ failures }) => (
            <Mark mood={failures > 0 ? 'bad' : 'good'}>{t(failures > 0 ? 'failures' : 'allGood')}</Mark>
          ),
          value: ({ failures }) => failures,
        },
        {
          id: 'reporter',
          head: t('reporter'),
          width: 'minmax(180px, 1fr)',
          cell: ({ reporter }) => reporter,
          value: ({ reporter }) => reporter,
        },
        {
          id: 'ok',
          head: t('encrypted'),
          width: '110px',
          align: 'end',
          cell: ({ successes }) => successes,
          value: ({ successes }) => successes,
        },
        {
          id: 'failed',
          head: t('failed'),
          width: '90px',
          align: 'end',
          cell: ({ failures }) => failures,
          value: ({ failures }) => failures,
        },
        {
          id: 'why',
          head: t('why'),
          width: 'minmax(200px, 1.4fr)',
          cell: (report) => reasons(report),
          value: (report) => reasons(report),
        },
        {
          id: 'at',
          head: t('day'),
          width: '120px',
          align: 'end',
          cell: ({ endedAtMs }) => <When atMs={endedAtMs} />,
          value: ({ endedAtMs }) => endedAtMs,
        },
      ]}
    />
  );
}

function reasons({ policies }: TlsReportItem): string {
  return [...new Set(policies.flatMap(({ details }) => details.map(({ result }) => result)))].join(', ');
}

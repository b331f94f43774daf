/** One domain: its DNS records as rows that turn pine when they are seen, with the difference when they are not. One may leave and come back at any time. */
import { Button, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { IconDownload, IconRefresh } from '@tabler/icons-react';
import type { DnsAnswer } from '../../../../src/httpd/admin-api/contract-dns.ts';
import type { Domain } from '../../../../src/httpd/admin-api/contract-org.ts';
import { admin } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Copy } from '../../parts/Copy.tsx';
import { saveText } from '../../parts/csv.ts';
import { Lines } from '../../parts/Lines.tsx';
import { Page } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { Typed } from '../../parts/Typed.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import { DkimKeys } from './DkimKeys.tsx';
import { DomainSettings } from './DomainSettings.tsx';
import { RecordRow } from './RecordRow.tsx';
import css from './Domains.module.css';

/** While records are missing, the name servers are asked again this often. */
const pollMs = 8000;
const needs = ['required', 'recommended', 'optional'] as const;

export function DomainPage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const { t } = useWords('console/domains');
  const org = useOrg();
  const may = useMay();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const path = `/orgs/${org}/domains/${name}`;
  const domain = useQuery({ queryKey: ['domain', org, name], queryFn: () => admin.get<Domain>(path) });
  const remove = useDeed({
    run: () => admin.delete(path),
    said: () => t('deleted', { name }),
    done: () => void navigate({ to: '/console/domains' }),
  });
  if (domain.error) return <ProblemBox error={domain.error} retry={() => void domain.refetch()} />;
  return (
    <Page
      title={domain.data?.unicodeName ?? name}
      text={t('wizardLead')}
      actions={
        may('domains:write') && (
          <Typed
            label={t('delete')}
            what={t('deleteWhat', { name })}
            text={name}
            onConfirm={() => remove.mutate(undefined)}
          />
        )
      }
    >
      <Tabs
        value={filters['tab'] ?? 'records'}
        onChange={(tab) => setFilters({ tab: tab === 'records' ? '' : (tab ?? '') })}
        keepMounted={false}
      >
        <Tabs.List mb={16}>
          <Tabs.Tab value="records">{t('tabs.records')}</Tabs.Tab>
          <Tabs.Tab value="keys">{t('tabs.keys')}</Tabs.Tab>
          <Tabs.Tab value="settings">{t('tabs.settings')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="records">
          <Records org={org} name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <DkimKeys path={`${path}/dkim`} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          {domain.data && <DomainSettings path={path} domain={domain.data} />}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Records({ org, name }: { readonly org: string; readonly name: string }) {
  const { t } = useWords('console/domains');
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['dns', org, name],
    queryFn: () => admin.get<DnsAnswer>(`/orgs/${org}/domains/${name}/dns`),
    refetchInterval: ({ state }) => (state.data && isComplete(state.data) ? false : pollMs),
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines count={10} />;
  const seen = data.records.filter(({ status }) => status === 'ok').length;
  return (
    <>
      <div className={css['bar']}>
        <p role="status">
          <strong>{t('seen', { seen, all: data.records.length })}</strong>{' '}
          {isComplete(data) ? t('complete') : t('watching')}
        </p>
        <Button
          variant="subtle"
          loading={isFetching}
          leftSection={<IconRefresh size={16} stroke={1.5} />}
          onClick={() => void refetch()}
        >
          {t('checkNow')}
        </Button>
        <Copy text={data.zone} label={t('copyAll')} />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.5} />}
          onClick={() => saveText(`${name}.zone`, 'text/plain', data.zone)}
        >
          {t('zoneFile')}
        </Button>
      </div>
      {needs.map((need) => {
        const rows = data.records.filter(({ record }) => record.need === need);
        return (
          rows.length > 0 && (
            <section key={need} className={css['records']} aria-label={t(`needs.${need}`)}>
              <h2>{t(`needs.${need}`)}</h2>
              {rows.map((row) => (
                <RecordRow
                  key={`${row.record.type} ${row.record.name} ${row.record.data}`}
                  row={row}
                  domain={name}
                />
              ))}
            </section>
          )
        );
      })}
    </>
  );
}

function isComplete({ records }: DnsAnswer): boolean {
  return records.every(({ record, status }) => record.need === 'optional' || status === 'ok');
}

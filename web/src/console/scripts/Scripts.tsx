/** Scripts (Sieve) of the administrator, of the organisation or of one of its domains: what runs before and after those of people. */
import { Button, Select } from '@mantine/core';
import { IconFilter, IconPlus } from '@tabler/icons-react';
import type { Domain } from '../../../../src/httpd/admin-api/contract-org.ts';
import type { ScriptInfoAnswer } from '../../../../src/httpd/admin-api/contract-scripts.ts';
import { useList } from '../../api/lists.ts';
import { ListBody } from '../../parts/ListPage.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Page } from '../../parts/Page.tsx';
import { bytesText, When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import { ScriptDrawer } from './ScriptDrawer.tsx';

export function Scripts() {
  const { t, language } = useWords('console/scripts');
  const org = useOrg();
  const may = useMay();
  const [filters, setFilters] = useFilters();
  const { open, make, domain = '' } = filters;
  const domains = useList<Domain>(`/orgs/${org}/domains`);
  const path = domain === '' ? `/orgs/${org}` : `/orgs/${org}/domains/${domain}`;
  const list = useList<ScriptInfoAnswer>(`${path}/scripts`);
  const writes = may('domains:write');
  const button = writes && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setFilters({ make: '1', open: '' })}>
      {t('add')}
    </Button>
  );
  const chosen = list.rows.find(({ name }) => name === open);
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={button}
      drawer={
        (chosen || make !== undefined) && (
          <ScriptDrawer
            key={`${path} ${chosen?.name ?? ''}`}
            path={path}
            script={chosen}
            writes={writes}
            onClose={() => setFilters({ open: '', make: '' })}
            onSaved={(name) => setFilters({ open: name, make: '' })}
          />
        )
      }
    >
      <Select
        w={280}
        mb={12}
        aria-label={t('of')}
        allowDeselect={false}
        data={[{ value: 'org', label: t('ofOrg') }, ...domains.rows.map(({ name }) => name)]}
        value={domain === '' ? 'org' : domain}
        onChange={(next) => setFilters({ domain: next === 'org' ? '' : (next ?? ''), open: '', make: '' })}
      />
      <ListBody
        name="scripts"
        list={list}
        keyOf={({ name }) => name}
        selected={open}
        onOpen={({ name }) => setFilters({ open: name, make: '' })}
        empty={{ icon: IconFilter, title: t('none'), text: t('noneText'), action: button }}
        columns={[
          {
            id: 'name',
            head: t('name'),
            width: 'minmax(180px, 1fr)',
            cell: ({ name }) => name,
            value: ({ name }) => name,
          },
          {
            id: 'stage',
            head: t('stage'),
            width: 'minmax(200px, 1fr)',
            cell: ({ stage }) => (
              <Mark mood={stage === '' ? 'neutral' : 'good'}>{t(`stages.${stage || 'none'}`)}</Mark>
            ),
            value: ({ stage }) => stage,
          },
          {
            id: 'size',
            head: t('size'),
            width: '100px',
            align: 'end',
            cell: ({ sizeBytes }) => bytesText(sizeBytes, language),
            value: ({ sizeBytes }) => sizeBytes,
          },
          {
            id: 'changed',
            head: t('changed'),
            width: '120px',
            align: 'end',
            cell: ({ changedAtMs }) => <When atMs={changedAtMs} />,
            value: ({ changedAtMs }) => changedAtMs,
          },
        ]}
      />
    </Page>
  );
}

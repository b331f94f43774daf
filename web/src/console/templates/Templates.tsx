/** Templates of mail that programs send: kept in versions, tried with data before they are used. */
import { Button } from '@mantine/core';
import { IconPlus, IconTemplate } from '@tabler/icons-react';
import type { TemplateItem } from '../../../../src/httpd/admin-api/contract-programs.ts';
import { useList } from '../../api/lists.ts';
import { ListBody } from '../../parts/ListPage.tsx';
import { Page } from '../../parts/Page.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import { TemplateDrawer } from './TemplateDrawer.tsx';

const newName = 'new';

export function Templates() {
  const { t } = useWords('console/templates');
  const org = useOrg();
  const may = useMay();
  const [filters, setFilters] = useFilters();
  const path = `/orgs/${org}/templates`;
  const list = useList<TemplateItem>(path);
  const { open, make } = filters;
  const chosen = list.rows.find(({ name }) => name === open);
  const button = may('messages:manage') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setFilters({ make: newName, open: '' })}>
      {t('add')}
    </Button>
  );
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={button}
      drawer={
        (chosen || make !== undefined) && (
          <TemplateDrawer
            key={chosen ? `${chosen.name} ${chosen.version}` : newName}
            org={org}
            template={chosen}
            onClose={() => setFilters({ open: '', make: '' })}
            onSaved={(name) => setFilters({ open: name, make: '' })}
          />
        )
      }
    >
      <ListBody
        name="templates"
        list={list}
        keyOf={({ name }) => name}
        selected={open}
        onOpen={({ name }) => setFilters({ open: name, make: '' })}
        empty={{ icon: IconTemplate, title: t('none'), text: t('noneText'), action: button }}
        columns={[
          {
            id: 'name',
            head: t('name'),
            width: 'minmax(160px, 1fr)',
            cell: ({ name }) => name,
            value: ({ name }) => name,
          },
          {
            id: 'subject',
            head: t('subject'),
            width: 'minmax(220px, 1.6fr)',
            cell: ({ subject }) => subject ?? '',
            value: ({ subject }) => subject ?? '',
          },
          {
            id: 'version',
            head: t('version'),
            width: '90px',
            align: 'end',
            cell: ({ version }) => version,
            value: ({ version }) => version,
          },
          {
            id: 'by',
            head: t('by'),
            hidden: true,
            width: '160px',
            cell: ({ createdBy }) => createdBy,
            value: ({ createdBy }) => createdBy,
          },
          {
            id: 'at',
            head: t('changed'),
            width: '120px',
            align: 'end',
            cell: ({ createdAt }) => <When atMs={Date.parse(createdAt)} />,
            value: ({ createdAt }) => createdAt,
          },
        ]}
      />
    </Page>
  );
}

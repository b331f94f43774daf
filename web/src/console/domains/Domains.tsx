/** The domains of the organisation. */
import { Button, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { IconPlus, IconWorldWww } from '@tabler/icons-react';
import { useState } from 'react';
import type { Domain } from '../../../../src/httpd/admin-api/contract-org.ts';
import { admin } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { Page } from '../../parts/Page.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useOfferedActions } from '../../shell/actions.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';

export function Domains() {
  const { t } = useWords('console/domains');
  const org = useOrg();
  const may = useMay();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const [adding, setAdding] = useState(false);
  const { q = '' } = filters;
  const list = useList<Domain>(`/orgs/${org}/domains`, { q });
  const open = (name: string): void => void navigate({ to: `/console/domains/${name}` });
  const add = useDeed({
    run: (name: string) => admin.post<Domain>(`/orgs/${org}/domains`, { name }),
    done: ({ name }) => open(name),
  });
  useOfferedActions(
    may('domains:write')
      ? [{ id: 'add-domain', label: t('add'), icon: IconPlus, run: () => setAdding(true) }]
      : [],
  );
  const button = may('domains:write') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <Page title={t('title')} text={t('lead')} actions={button}>
      <ListBody
        name="domains"
        list={list}
        searching={q !== ''}
        keyOf={({ name }) => name}
        onOpen={({ name }) => open(name)}
        tools={<SearchField value={q} onChange={(text) => setFilters({ q: text })} />}
        empty={{ icon: IconWorldWww, title: t('none'), text: t('noneText'), action: button }}
        columns={[
          {
            id: 'name',
            head: t('name'),
            width: 'minmax(200px, 1.4fr)',
            cell: ({ unicodeName }) => unicodeName,
            value: ({ unicodeName }) => unicodeName,
          },
          {
            id: 'aliasOf',
            head: t('aliasOf'),
            cell: ({ aliasOf }) => aliasOf || '—',
            value: ({ aliasOf }) => aliasOf,
          },
          {
            id: 'catchAll',
            head: t('catchAll'),
            cell: ({ catchAll }) => catchAll || '—',
            value: ({ catchAll }) => catchAll,
          },
          {
            id: 'made',
            head: t('made'),
            width: '120px',
            align: 'end',
            cell: ({ createdAtMs }) => <When atMs={createdAtMs} />,
            value: ({ createdAtMs }) => createdAtMs,
          },
        ]}
      />
      {adding && (
        <FormModal
          title={t('add')}
          submit={t('next')}
          onClose={() => setAdding(false)}
          onSubmit={(form) => add.mutateAsync(textOf(form, 'name'))}
        >
          {(problemAt) => (
            <TextInput
              name="name"
              data-autofocus
              required
              label={t('name')}
              description={t('nameText')}
              placeholder="example.jp"
              spellCheck={false}
              error={problemAt('name')}
            />
          )}
        </FormModal>
      )}
    </Page>
  );
}

/** The organisations of this server, for whoever runs it. */
import { Button, Select, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { IconBuilding, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Org } from '../../../../src/httpd/admin-api/contract-org.ts';
import { admin } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Page } from '../../parts/Page.tsx';
import { When } from '../../parts/When.tsx';
import { languageNames, languages, useWords } from '../../words.ts';
import { chooseOrg, useOrg } from '../org.ts';

export function Organisations() {
  const { t, language } = useWords('console/organisations');
  const navigate = useNavigate();
  const current = useOrg();
  const [adding, setAdding] = useState(false);
  const [spoken, setSpoken] = useState<string>(language);
  const list = useList<Org>('/orgs');
  const add = useDeed({
    run: (name: string) => admin.post<Org>('/orgs', { name, language: spoken }),
    said: ({ name }) => t('made', { name }),
    done: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ['orgs'] });
      chooseOrg(id);
    },
  });
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <Page title={t('title')} text={t('lead')} actions={button}>
      <ListBody
        name="organisations"
        list={list}
        keyOf={({ id }) => id}
        selected={current}
        onOpen={({ id }) => {
          chooseOrg(id);
          void navigate({ to: '/console' });
        }}
        empty={{ icon: IconBuilding, title: t('none'), text: t('lead'), action: button }}
        columns={[
          {
            id: 'name',
            head: t('name'),
            width: 'minmax(200px, 1.4fr)',
            cell: ({ name }) => name,
            value: ({ name }) => name,
          },
          {
            id: 'operator',
            head: t('kind'),
            width: '170px',
            cell: ({ operator }) => (operator ? <Mark mood="good">{t('operator')}</Mark> : t('tenant')),
            value: ({ operator }) => String(operator),
          },
          {
            id: 'language',
            head: t('language'),
            width: '120px',
            cell: ({ language: spoken }) => languageNames[spoken],
            value: ({ language: spoken }) => spoken,
          },
          {
            id: 'made',
            head: t('since'),
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
          submit={t('make')}
          onClose={() => setAdding(false)}
          onSubmit={(form) => add.mutateAsync(textOf(form, 'name'))}
        >
          {(problemAt) => (
            <>
              <TextInput name="name" data-autofocus required label={t('name')} error={problemAt('name')} />
              <Select
                label={t('language')}
                allowDeselect={false}
                data={languages.map((value) => ({ value, label: languageNames[value] }))}
                value={spoken}
                onChange={(value) => value !== null && setSpoken(value)}
              />
            </>
          )}
        </FormModal>
      )}
    </Page>
  );
}

/** The names under which bounces come back and links lead, held against DNS. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SendingDomainItem } from '../../../../src/httpd/admin-api/contract-programs.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Copy } from '../../parts/Copy.tsx';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark, type Mood } from '../../parts/Mark.tsx';
import { Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import css from './Programs.module.css';

const purposes = ['returnPath', 'tracking'] as const;
type Purpose = (typeof purposes)[number];
const moods: Readonly<Record<SendingDomainItem['records'][number]['state'], Mood>> = {
  right: 'good',
  missing: 'bad',
  wrong: 'bad',
  unknown: 'waiting',
};
const refreshMs = 8000;

export function SendingDomains() {
  const { t } = useWords('console/programs');
  const org = useOrg();
  const may = useMay();
  const [editing, setEditing] = useState<Purpose | undefined>();
  const path = `/orgs/${org}/sending-domains`;
  const { data, error, refetch } = useQuery({
    queryKey: ['sendingDomains', path],
    queryFn: () => admin.get<PageOf<SendingDomainItem>>(path),
    refetchInterval: refreshMs,
  });
  const put = useDeed({
    run: ({ purpose, name }: { purpose: Purpose; name: string }) => admin.put(`${path}/${purpose}`, { name }),
    said: (_, { name }) => t('domains.saved', { name }),
    changes: ['sendingDomains'],
  });
  const remove = useDeed({
    run: ({ purpose }: SendingDomainItem) => admin.delete(`${path}/${purpose}`),
    said: (_, { name }) => t('deleted', { name }),
    undo:
      (_, { purpose, name }) =>
      () =>
        admin.put(`${path}/${purpose}`, { name }),
    changes: ['sendingDomains'],
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines />;
  const writes = may('messages:manage');
  return (
    <>
      {purposes.map((purpose) => {
        const found = data.items.find((one) => one.purpose === purpose);
        return (
          <Section
            key={purpose}
            title={t(`domains.${purpose}`)}
            text={t(`domains.${purpose}Text`)}
            action={
              writes && (
                <>
                  <Button variant="default" size="compact-sm" onClick={() => setEditing(purpose)}>
                    {t(found ? 'change' : 'domains.set')}
                  </Button>
                  {found && (
                    <Button variant="subtle" size="compact-sm" onClick={() => remove.mutate(found)}>
                      {t('domains.usual')}
                    </Button>
                  )}
                </>
              )
            }
          >
            {found ? <Records domain={found} /> : <p className={css['soft']}>{t('domains.none')}</p>}
          </Section>
        );
      })}
      {editing && (
        <FormModal
          title={t(`domains.${editing}`)}
          submit={t('save')}
          onClose={() => setEditing(undefined)}
          onSubmit={(form) => put.mutateAsync({ purpose: editing, name: textOf(form, 'name') })}
        >
          {(problemAt) => (
            <TextInput
              name="name"
              data-autofocus
              required
              label={t('domains.name')}
              description={t('domains.nameText')}
              defaultValue={data.items.find(({ purpose }) => purpose === editing)?.name ?? ''}
              placeholder={editing === 'tracking' ? 'links.example.jp' : 'bounce.example.jp'}
              error={problemAt('name')}
            />
          )}
        </FormModal>
      )}
    </>
  );
}

function Records({ domain: { name, records } }: { readonly domain: SendingDomainItem }) {
  const { t } = useWords('console/programs');
  return (
    <>
      <p>
        <strong>{name}</strong>
      </p>
      <ul className={css['records']}>
        {records.map((one) => (
          <li key={`${one.type} ${one.name} ${one.value}`}>
            <Mark mood={moods[one.state]}>{t(`domains.states.${one.state}`)}</Mark>
            <code>
              {one.name} {one.type} {one.value}
            </code>
            <Copy text={one.value} label={t('domains.copy', { name: one.name })} />
            {one.state === 'wrong' && <p>{t('domains.found', { value: one.found.join(', ') })}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}

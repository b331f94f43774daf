/** Streams: kinds of mail that are kept apart, so that the one does not wait for the other. */
import { Button, Select, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { IconArrowsSplit2, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { StreamItem } from '../../../../src/httpd/admin-api/contract-programs.ts';
import { admin } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';

const kinds = ['transactional', 'bulk'] as const;
const unsubscribes = ['none', 'stream', 'topic'] as const;

export function Streams() {
  const { t } = useWords('console/programs');
  const org = useOrg();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const [kind, setKind] = useState<string>('transactional');
  const [unsubscribe, setUnsubscribe] = useState<StreamItem['unsubscribe']>('none');
  const path = `/orgs/${org}/streams`;
  const list = useList<StreamItem>(path);
  const put = useDeed({
    run: ({ name, ...stream }: StreamItem) =>
      admin.put<StreamItem>(`${path}/${encodeURIComponent(name)}`, stream),
    said: ({ name }) => t('streams.made', { name }),
  });
  const remove = useDeed({
    run: ({ name }: StreamItem) => admin.delete(`${path}/${name}`),
    said: (_, { name }) => t('deleted', { name }),
    undo:
      (_, { name, ...was }) =>
      () =>
        admin.put(`${path}/${name}`, was),
  });
  const button = may('messages:manage') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('streams.add')}
    </Button>
  );
  return (
    <>
      <p>{t('streams.lead')}</p>
      <ListBody
        name="streams"
        list={list}
        keyOf={({ name }) => name}
        empty={{ icon: IconArrowsSplit2, title: t('streams.none'), text: t('streams.lead'), action: button }}
        tools={button}
        columns={[
          {
            id: 'name',
            head: t('name'),
            width: 'minmax(160px, 1fr)',
            cell: ({ name }) => name,
            value: ({ name }) => name,
          },
          {
            id: 'kind',
            head: t('streams.kind'),
            width: 'minmax(220px, 1.4fr)',
            cell: (one) => t(`streams.kinds.${one.kind}`),
            value: (one) => one.kind,
          },
          {
            id: 'unsubscribe',
            head: t('streams.unsubscribe'),
            width: 'minmax(180px, 1fr)',
            cell: (one) => t(`streams.unsubscribes.${one.unsubscribe}`),
            value: (one) => one.unsubscribe,
          },
          {
            id: 'mail',
            head: t('mail'),
            width: '140px',
            cell: ({ name }) => (
              <Link to="/console/log" search={{ q: `stream:${name}` } as never}>
                {t('showMail')}
              </Link>
            ),
          },
          {
            id: 'deed',
            head: '',
            width: '110px',
            align: 'end',
            cell: (one) =>
              may('messages:manage') &&
              !kinds.some((given) => given === one.name) && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  color="shu"
                  aria-label={t('deleteOne', { name: one.name })}
                  onClick={() => remove.mutate(one)}
                >
                  {t('delete')}
                </Button>
              ),
          },
        ]}
      />
      {adding && (
        <FormModal
          title={t('streams.add')}
          submit={t('make')}
          onClose={() => setAdding(false)}
          onSubmit={(form) =>
            put.mutateAsync({
              name: textOf(form, 'name'),
              kind: kind === 'bulk' ? 'bulk' : 'transactional',
              unsubscribe,
            })
          }
        >
          {(problemAt) => (
            <>
              <TextInput
                name="name"
                data-autofocus
                required
                label={t('name')}
                description={t('streams.nameText')}
                error={problemAt('name')}
              />
              <Select
                label={t('streams.kind')}
                allowDeselect={false}
                data={kinds.map((value) => ({ value, label: t(`streams.kinds.${value}`) }))}
                value={kind}
                onChange={(value) => value !== null && setKind(value)}
              />
              <Select
                label={t('streams.unsubscribe')}
                description={t('streams.unsubscribeText')}
                allowDeselect={false}
                data={unsubscribes.map((value) => ({ value, label: t(`streams.unsubscribes.${value}`) }))}
                value={unsubscribe}
                onChange={(value) => value !== null && setUnsubscribe(value)}
              />
            </>
          )}
        </FormModal>
      )}
    </>
  );
}

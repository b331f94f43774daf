/** Programs that submit without a password: by the network they are in, or by their TLS certificate. */
import { Button, Select, TagsInput, TextInput } from '@mantine/core';
import { IconCertificate, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { SubmitterItem } from '../../../../src/httpd/admin-api/contract-caller.ts';
import { admin } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { When } from '../../parts/When.tsx';
import { useMay, usePerson } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';

export function Submitters() {
  const { t } = useWords('console/programs');
  const org = useOrg();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const path = `/orgs/${org}/submitters`;
  const list = useList<SubmitterItem>(path);
  const remove = useDeed({
    run: ({ id }: SubmitterItem) => admin.delete(`${path}/${id}`),
    said: (_, { name }) => t('deleted', { name }),
    undo:
      (_, { kind, value, name, limits, expiresAtMs }) =>
      () =>
        admin.post(path, { kind, value, name, limits, expiresAtMs }),
  });
  const button = may('keys:write') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('submitters.add')}
    </Button>
  );
  return (
    <>
      <p>{t('submitters.lead')}</p>
      <ListBody
        name="submitters"
        list={list}
        keyOf={({ id }) => id}
        empty={{
          icon: IconCertificate,
          title: t('submitters.none'),
          text: t('submitters.noneText'),
          action: button,
        }}
        tools={button}
        columns={[
          {
            id: 'name',
            head: t('name'),
            width: 'minmax(150px, 1fr)',
            cell: ({ name }) => name,
            value: ({ name }) => name,
          },
          {
            id: 'kind',
            head: t('submitters.kind'),
            width: '150px',
            cell: ({ kind }) => t(`submitters.kinds.${kind}`),
            value: ({ kind }) => kind,
          },
          {
            id: 'value',
            head: t('submitters.value'),
            width: 'minmax(180px, 1.4fr)',
            cell: ({ value }) => <code>{value}</code>,
            value: ({ value }) => value,
          },
          {
            id: 'limits',
            head: t('submitters.streams'),
            width: '160px',
            cell: ({ limits }) => limits.streams?.join(', ') ?? t('submitters.all'),
            value: ({ limits }) => limits.streams?.join(' ') ?? '',
          },
          {
            id: 'ends',
            head: t('ends'),
            width: '110px',
            align: 'end',
            cell: ({ expiresAtMs }) => <When atMs={expiresAtMs} />,
            value: ({ expiresAtMs }) => expiresAtMs,
          },
          {
            id: 'deed',
            head: '',
            width: '110px',
            align: 'end',
            cell: (one) =>
              may('keys:write') && (
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
      {adding && <NewSubmitter path={path} onClose={() => setAdding(false)} />}
    </>
  );
}

function NewSubmitter({ path, onClose }: { readonly path: string; readonly onClose: () => void }) {
  const { t } = useWords('console/programs');
  const { operator } = usePerson();
  const [kind, setKind] = useState<string>(operator ? 'network' : 'certificate');
  const [streams, setStreams] = useState<string[]>([]);
  const make = useDeed({
    run: (body: object) => admin.post<SubmitterItem>(path, body),
    said: ({ name }) => t('submitters.made', { name }),
  });
  return (
    <FormModal
      title={t('submitters.add')}
      submit={t('make')}
      onClose={onClose}
      onSubmit={(form) =>
        make.mutateAsync({
          kind,
          value: textOf(form, 'value'),
          name: textOf(form, 'name'),
          ...(streams.length > 0 && { limits: { streams } }),
        })
      }
    >
      {(problemAt) => (
        <>
          <TextInput name="name" data-autofocus required label={t('name')} error={problemAt('name')} />
          <Select
            label={t('submitters.kind')}
            description={operator ? undefined : t('submitters.operatorOnly')}
            allowDeselect={false}
            data={(operator ? ['network', 'certificate'] : ['certificate']).map((value) => ({
              value,
              label: t(`submitters.kinds.${value}`),
            }))}
            value={kind}
            onChange={(value) => value !== null && setKind(value)}
            error={problemAt('kind')}
          />
          <TextInput
            name="value"
            required
            label={t('submitters.value')}
            description={t(`submitters.valueText.${kind}`)}
            placeholder={kind === 'network' ? '192.0.2.0/28' : ''}
            error={problemAt('value')}
          />
          <TagsInput
            label={t('submitters.streams')}
            description={t('submitters.streamsText')}
            data={['transactional', 'bulk']}
            value={streams}
            onChange={setStreams}
            error={problemAt('limits')}
          />
        </>
      )}
    </FormModal>
  );
}

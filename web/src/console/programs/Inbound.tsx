/** Mail that goes to programs over HTTP. */
import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core';
import { IconMailForward, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type {
  InboundRouteItem,
  MadeInboundRoute,
} from '../../../../src/httpd/admin-api/contract-programs.ts';
import { admin } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { SecretModal } from '../../parts/Secret.tsx';
import { Typed } from '../../parts/Typed.tsx';
import { bytesText } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';

const mebibyte = 1024 * 1024;

export function Inbound() {
  const { t, language } = useWords('console/programs');
  const org = useOrg();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | undefined>();
  const path = `/orgs/${org}/inbound-routes`;
  const list = useList<InboundRouteItem>(path);
  const remove = useDeed({
    run: ({ id }: InboundRouteItem) => admin.delete(`${path}/${id}`),
    said: (_, { address }) => t('deleted', { name: address }),
  });
  const make = useDeed({
    run: (body: object) => admin.post<MadeInboundRoute>(path, body),
    said: ({ address }) => t('inbound.made', { address }),
    done: ({ secret: made }) => setSecret(made),
  });
  const button = may('messages:manage') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('inbound.add')}
    </Button>
  );
  return (
    <>
      <p>{t('inbound.lead')}</p>
      <ListBody
        name="inbound-routes"
        list={list}
        keyOf={({ id }) => id}
        empty={{
          icon: IconMailForward,
          title: t('inbound.none'),
          text: t('inbound.noneText'),
          action: button,
        }}
        tools={button}
        columns={[
          {
            id: 'address',
            head: t('inbound.address'),
            width: 'minmax(200px, 1fr)',
            cell: ({ address }) => address,
            value: ({ address }) => address,
          },
          {
            id: 'url',
            head: 'URL',
            width: 'minmax(220px, 1.4fr)',
            cell: ({ url }) => url,
            value: ({ url }) => url,
          },
          {
            id: 'files',
            head: t('inbound.files'),
            width: '130px',
            align: 'end',
            cell: ({ attachmentsMaxBytes }) => bytesText(attachmentsMaxBytes, language),
            value: ({ attachmentsMaxBytes }) => attachmentsMaxBytes,
          },
          {
            id: 'deed',
            head: '',
            width: '110px',
            align: 'end',
            cell: (one) =>
              may('messages:manage') && (
                <Typed
                  label={t('delete')}
                  what={t('inbound.deleteWhat')}
                  text={one.address}
                  onConfirm={() => remove.mutate(one)}
                />
              ),
          },
        ]}
      />
      {adding && (
        <FormModal
          title={t('inbound.add')}
          submit={t('make')}
          onClose={() => setAdding(false)}
          onSubmit={(form) =>
            make.mutateAsync({
              address: textOf(form, 'address'),
              url: textOf(form, 'url'),
              raw: form.get('raw') === 'on',
              attachmentsMaxBytes: Number(textOf(form, 'files') || 0) * mebibyte,
            })
          }
        >
          {(problemAt) => (
            <>
              <TextInput
                name="address"
                data-autofocus
                required
                label={t('inbound.address')}
                description={t('inbound.addressText')}
                placeholder="ticket-*@example.jp"
                error={problemAt('address')}
              />
              <TextInput
                name="url"
                type="url"
                required
                label="URL"
                description={t('inbound.urlText')}
                error={problemAt('url')}
              />
              <NumberInput
                name="files"
                min={0}
                max={35}
                label={t('inbound.filesMax')}
                defaultValue={10}
                error={problemAt('attachmentsMaxBytes')}
              />
              <Checkbox name="raw" label={t('inbound.raw')} />
            </>
          )}
        </FormModal>
      )}
      {secret !== undefined && (
        <SecretModal title={t('inbound.secret')} secret={secret} onClose={() => setSecret(undefined)} />
      )}
    </>
  );
}

/** API keys: what programs log in with. A key is shown once. */
import { Button, Checkbox, MultiSelect, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ApiKey } from '../../../../src/httpd/admin-api/contract-caller.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { Drawer, Page } from '../../parts/Page.tsx';
import { SecretModal } from '../../parts/Secret.tsx';
import { Typed } from '../../parts/Typed.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';

interface Roles {
  readonly role: string;
  readonly permissions: readonly string[];
}

const dayMs = 86_400_000;
const lives = { never: 0, quarter: 90 * dayMs, year: 365 * dayMs } as const;

export function Keys() {
  const { t } = useWords('console/keys');
  const org = useOrg();
  const may = useMay();
  const [filters, setFilters] = useFilters();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | undefined>();
  const path = `/orgs/${org}/api-keys`;
  const list = useList<ApiKey>(path);
  const chosen = list.rows.find(({ id }) => id === filters['open']);
  const remove = useDeed({
    run: (key: ApiKey) => admin.delete(`${path}/${key.id}`),
    said: (_, { name }) => t('deleted', { name }),
    done: () => setFilters({ open: '' }),
  });
  const button = may('keys:write') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={button}
      drawer={
        chosen && (
          <Drawer
            title={chosen.name}
            onClose={() => setFilters({ open: '' })}
            actions={
              may('keys:write') && (
                <Typed
                  label={t('delete')}
                  what={t('deleteWhat')}
                  text={chosen.name}
                  onConfirm={() => remove.mutate(chosen)}
                />
              )
            }
          >
            <Facts
              items={[
                ['Id', <code key="id">{chosen.id}</code>],
                [t('scopes'), chosen.scopes.join(', ')],
                [t('streams'), chosen.limits.streams?.join(', ')],
                [t('domains'), chosen.limits.domains?.join(', ')],
                [t('networks'), chosen.limits.networks?.join(', ')],
                [t('test'), chosen.limits.test ? t('testText') : ''],
                [t('by'), chosen.createdBy],
                [t('made'), <When key="made" atMs={chosen.createdAtMs} />],
                [t('used'), <When key="used" atMs={chosen.lastUsedAtMs} />],
                [t('ends'), <When key="ends" atMs={chosen.expiresAtMs} />],
              ]}
            />
          </Drawer>
        )
      }
    >
      <ListBody
        name="api-keys"
        list={list}
        keyOf={({ id }) => id}
        selected={filters['open']}
        onOpen={({ id }) => setFilters({ open: id })}
        empty={{ icon: IconKey, title: t('none'), text: t('noneText'), action: button }}
        columns={[
          {
            id: 'name',
            head: t('name'),
            width: 'minmax(180px, 1fr)',
            cell: ({ name }) => name,
            value: ({ name }) => name,
          },
          {
            id: 'scopes',
            head: t('scopes'),
            width: 'minmax(220px, 1.4fr)',
            cell: ({ scopes }) => scopes.join(', '),
            value: ({ scopes }) => scopes.join(' '),
          },
          {
            id: 'used',
            head: t('used'),
            width: '120px',
            align: 'end',
            cell: ({ lastUsedAtMs }) => <When atMs={lastUsedAtMs} />,
            value: ({ lastUsedAtMs }) => lastUsedAtMs,
          },
          {
            id: 'ends',
            head: t('ends'),
            width: '120px',
            align: 'end',
            cell: ({ expiresAtMs }) => <When atMs={expiresAtMs} />,
            value: ({ expiresAtMs }) => expiresAtMs,
          },
        ]}
      />
      {adding && <NewKey path={path} onClose={() => setAdding(false)} onMade={setSecret} />}
      {secret !== undefined && (
        <SecretModal title={t('yours')} secret={secret} onClose={() => setSecret(undefined)} />
      )}
    </Page>
  );
}

interface Limits {
  readonly streams: string[];
  readonly domains: string[];
  readonly networks: string[];
  readonly test: boolean;
}

const noLimits: Limits = { streams: [], domains: [], networks: [], test: false };

/** What is empty limits nothing. */
function limitsOf({ test, ...lists }: Limits): object {
  const given = Object.entries(lists).filter(([, list]) => list.length > 0);
  return { ...Object.fromEntries(given), ...(test && { test }) };
}

interface NewKeyProps {
  readonly path: string;
  readonly onClose: () => void;
  readonly onMade: (key: string) => void;
}

function NewKey({ path, onClose, onMade }: NewKeyProps) {
  const { t } = useWords('console/keys');
  const [scopes, setScopes] = useState<string[]>(['send']);
  const [limits, setLimits] = useState<Limits>(noLimits);
  const [life, setLife] = useState<keyof typeof lives>('year');
  const roles = useQuery({
    queryKey: ['roles'],
    queryFn: () => admin.get<PageOf<Roles>>('/roles'),
    staleTime: Infinity,
  });
  const all = [...new Set(roles.data?.items.flatMap(({ permissions }) => permissions))];
  const make = useDeed({
    run: (body: object) => admin.post<{ key: string }>(path, body),
    done: ({ key }) => onMade(key),
  });
  return (
    <FormModal
      title={t('add')}
      submit={t('make')}
      onClose={onClose}
      onSubmit={(form) =>
        make.mutateAsync({
          name: textOf(form, 'name'),
          scopes,
          limits: limitsOf(limits),
          expiresAtMs: lives[life] === 0 ? 0 : Date.now() + lives[life],
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
            description={t('nameText')}
            error={problemAt('name')}
          />
          <MultiSelect
            searchable
            label={t('scopes')}
            description={t('scopesText')}
            data={['all', ...all]}
            value={scopes}
            onChange={setScopes}
            error={problemAt('scopes')}
          />
          {(['streams', 'domains', 'networks'] as const).map((name) => (
            <TagsInput
              key={name}
              label={t(name)}
              description={t(`${name}Text`)}
              value={limits[name]}
              onChange={(value) => setLimits({ ...limits, [name]: value })}
              error={problemAt(`limits.${name}`)}
            />
          ))}
          <Checkbox
            label={t('test')}
            description={t('testText')}
            checked={limits.test}
            onChange={(event) => setLimits({ ...limits, test: event.currentTarget.checked })}
          />
          <Select
            label={t('ends')}
            allowDeselect={false}
            data={(Object.keys(lives) as (keyof typeof lives)[]).map((value) => ({
              value,
              label: t(`lives.${value}`),
            }))}
            value={life}
            onChange={(value) => value !== null && setLife(value)}
          />
        </>
      )}
    </FormModal>
  );
}

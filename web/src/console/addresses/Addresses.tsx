/** Addresses that lead to others: aliases, groups and forwards; and what happens to mail for any address, step by step. */
import { Button, Tabs, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconAddressBook, IconArrowRight, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Explained, Route } from '../../../../src/httpd/admin-api/contract-address.ts';
import { admin } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { FormModal, listOf, textOf } from '../../parts/FormModal.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { Drawer, Page } from '../../parts/Page.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import css from './Addresses.module.css';

const kinds = { alias: 'aliases', group: 'groups', forward: 'forwards' } as const;
type Kind = keyof typeof kinds;

export function Addresses() {
  const { t } = useWords('console/addresses');
  const org = useOrg();
  const may = useMay();
  const [filters, setFilters] = useFilters();
  const [adding, setAdding] = useState(false);
  const { q = '', open } = filters;
  const kind: Kind = filters['kind'] === 'group' || filters['kind'] === 'forward' ? filters['kind'] : 'alias';
  const base = `/orgs/${org}/${kinds[kind]}`;
  const list = useList<Route>(base, { q });
  const chosen = list.rows.find(({ address }) => address === open);
  const add = useDeed({
    run: (body: object) => admin.post<Route>(base, body),
    said: ({ address }) => t('made', { address }),
    undo:
      ({ address }) =>
      () =>
        admin.delete(`${base}/${encodeURIComponent(address)}`),
  });
  const button = may('addresses:write') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t(`add.${kind}`)}
    </Button>
  );
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={button}
      drawer={
        chosen && (
          <RouteDrawer
            key={chosen.address}
            route={chosen}
            path={`${base}/${encodeURIComponent(chosen.address)}`}
            onClose={() => setFilters({ open: '' })}
          />
        )
      }
    >
      <Tabs
        value={kind}
        onChange={(next) => setFilters({ kind: next === 'alias' ? '' : (next ?? ''), open: '', q: '' })}
      >
        <Tabs.List mb={16}>
          {(Object.keys(kinds) as Kind[]).map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`kinds.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <ListBody
        name={kinds[kind]}
        list={list}
        searching={q !== ''}
        keyOf={({ address }) => address}
        selected={open}
        onOpen={({ address }) => setFilters({ open: address })}
        tools={<SearchField value={q} onChange={(text) => setFilters({ q: text })} />}
        empty={{ icon: IconAddressBook, title: t(`none.${kind}`), text: t(`what.${kind}`), action: button }}
        columns={[
          {
            id: 'address',
            head: t('address'),
            width: 'minmax(200px, 1fr)',
            cell: ({ address }) => address,
            value: ({ address }) => address,
          },
          {
            id: 'targets',
            head: t('targets'),
            width: 'minmax(240px, 2fr)',
            cell: ({ targets }) => targets.join(', '),
            value: ({ targets }) => targets.join(' '),
          },
          {
            id: 'count',
            head: t('count'),
            width: '84px',
            align: 'end',
            cell: ({ targets }) => targets.length,
            value: ({ targets }) => targets.length,
          },
          {
            id: 'made',
            head: t('when'),
            width: '110px',
            align: 'end',
            cell: ({ createdAtMs }) => <When atMs={createdAtMs} />,
            value: ({ createdAtMs }) => createdAtMs,
          },
        ]}
      />
      {adding && (
        <FormModal
          title={t(`add.${kind}`)}
          submit={t('make')}
          onClose={() => setAdding(false)}
          onSubmit={(form) =>
            add.mutateAsync({ address: textOf(form, 'address'), targets: listOf(form, 'targets') })
          }
        >
          {(problemAt) => (
            <>
              <p className={css['what']}>{t(`what.${kind}`)}</p>
              <TextInput
                name="address"
                data-autofocus
                required
                label={t('address')}
                spellCheck={false}
                error={problemAt('address')}
              />
              <Textarea
                name="targets"
                required
                autosize
                minRows={3}
                label={t('targets')}
                description={t('targetsText')}
                spellCheck={false}
                error={problemAt('targets')}
              />
            </>
          )}
        </FormModal>
      )}
    </Page>
  );
}

function RouteDrawer({
  route,
  path,
  onClose,
}: {
  readonly route: Route;
  readonly path: string;
  readonly onClose: () => void;
}) {
  const { t, language } = useWords('console/addresses');
  const may = useMay();
  const [targets, setTargets] = useState(route.targets.join('\n'));
  const told = useQuery({
    queryKey: ['explanation', route.address, language, route.targets.join(' ')],
    queryFn: () =>
      admin.get<Explained>(`/addresses/${encodeURIComponent(route.address)}/explanation`, { language }),
  });
  const save = useDeed({
    run: (next: readonly string[]) => admin.put(path, { targets: next, displayName: route.displayName }),
    said: () => t('saved'),
    undo: () => () => admin.put(path, { targets: route.targets, displayName: route.displayName }),
  });
  const remove = useDeed({
    run: () => admin.delete(path),
    said: () => t('deleted', { address: route.address }),
    undo: () => () =>
      admin.post(path.slice(0, path.lastIndexOf('/')), {
        address: route.address,
        targets: route.targets,
        displayName: route.displayName,
      }),
    done: onClose,
  });
  const writes = may('addresses:write');
  return (
    <Drawer
      title={route.address}
      onClose={onClose}
      actions={
        writes && (
          <>
            <Button
              loading={save.isPending}
              onClick={() => save.mutate(targets.split(/\s+/).filter((part) => part !== ''))}
            >
              {t('save')}
            </Button>
            <Button variant="subtle" color="shu" onClick={() => remove.mutate(undefined)}>
              {t('delete')}
            </Button>
          </>
        )
      }
    >
      <Textarea
        autosize
        minRows={3}
        maxRows={16}
        label={t('targets')}
        description={t('targetsText')}
        disabled={!writes}
        spellCheck={false}
        value={targets}
        onChange={(event) => setTargets(event.currentTarget.value)}
      />
      <h3 className={css['part']}>{t('happens')}</h3>
      {told.data && (
        <>
          <p>{told.data.summary}</p>
          <ol className={css['steps']}>
            {told.data.steps.map((step) => (
              <li key={`${step.depth} ${step.address} ${step.is}`} style={{ paddingLeft: step.depth * 16 }}>
                <IconArrowRight size={14} aria-hidden /> {step.text}
              </li>
            ))}
          </ol>
        </>
      )}
    </Drawer>
  );
}

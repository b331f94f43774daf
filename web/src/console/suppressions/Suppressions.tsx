/** Addresses that get no mail of programs: why, how far, until when; added, released one by one or by kind, in and out as CSV. */
import { Button, Menu, Select } from '@mantine/core';
import { IconBan, IconDots, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { SuppressionItem } from '../../../../src/httpd/admin-api/contract-suppression.ts';
import { admin, adminBase } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import type { Column } from '../../parts/DataTable.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Page } from '../../parts/Page.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { When } from '../../parts/When.tsx';
import { useMay, usePerson } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import { AddForm, ImportForm, ReleaseForm } from './forms.tsx';
import { causeMood, causes, EntryDrawer } from './EntryDrawer.tsx';
import { PolicyForm } from './PolicyForm.tsx';

type Open = 'add' | 'import' | 'release' | 'policy';

export function Suppressions() {
  const { t } = useWords('console/suppressions');
  const org = useOrg();
  const may = useMay();
  const { operator } = usePerson();
  const [filters, setFilters] = useFilters();
  const [form, setForm] = useState<Open | undefined>();
  const { q = '', cause = '', whose = '', open } = filters;
  const path = whose === 'server' && operator ? '/suppressions' : `/orgs/${org}/suppressions`;
  const list = useList<SuppressionItem>(path, { q, cause });
  const keyOf = ({ address, scope }: SuppressionItem): string => `${address} ${scope}`;
  const chosen = list.rows.find((row) => keyOf(row) === open);
  const release = useRelease(path, () => setFilters({ open: '' }));
  const writes = may('suppressions:write');
  const button = writes && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setForm('add')}>
      {t('add')}
    </Button>
  );
  const close = () => setForm(undefined);
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={
        <>
          {button}
          <More path={path} writes={writes} onOpen={setForm} />
        </>
      }
      drawer={
        chosen && (
          <EntryDrawer
            key={open}
            entry={chosen}
            onClose={() => setFilters({ open: '' })}
            onRelease={writes ? () => release.mutate(chosen) : undefined}
          />
        )
      }
    >
      <ListBody
        name="suppressions"
        list={list}
        keyOf={keyOf}
        selected={open}
        searching={q !== '' || cause !== ''}
        onOpen={(row) => setFilters({ open: keyOf(row) })}
        empty={{ icon: IconBan, title: t('none'), text: t('noneText'), action: button }}
        tools={
          <>
            <SearchField value={q} onChange={(text) => setFilters({ q: text })} label={t('search')} />
            <Select
              w={190}
              aria-label={t('cause')}
              allowDeselect={false}
              data={[
                { value: 'all', label: t('allCauses') },
                ...causes.map((value) => ({ value, label: t(`causes.${value}`) })),
              ]}
              value={cause === '' ? 'all' : cause}
              onChange={(value) => setFilters({ cause: value === 'all' ? '' : (value ?? '') })}
            />
            {operator && (
              <Select
                w={190}
                aria-label={t('whose')}
                allowDeselect={false}
                data={[
                  { value: 'org', label: t('ofOrg') },
                  { value: 'server', label: t('ofServer') },
                ]}
                value={whose === 'server' ? 'server' : 'org'}
                onChange={(value) => setFilters({ whose: value === 'server' ? 'server' : '', open: '' })}
              />
            )}
          </>
        }
        columns={useColumns()}
      />
      {form === 'add' && <AddForm path={path} onClose={close} />}
      {form === 'import' && <ImportForm path={path} onClose={close} />}
      {form === 'release' && <ReleaseForm path={path} onClose={close} />}
      {form === 'policy' && <PolicyForm path={path} onClose={close} />}
    </Page>
  );
}

interface MoreProps {
  readonly path: string;
  readonly writes: boolean;
  readonly onOpen: (form: Open) => void;
}

function More({ path, writes, onOpen }: MoreProps) {
  const { t } = useWords('console/suppressions');
  return (
    <Menu withinPortal position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDots size={16} stroke={1.5} />}>
          {t('more')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={`${adminBase}${path}/export`} download="suppressions.csv">
          {t('export')}
        </Menu.Item>
        {writes && <Menu.Item onClick={() => onOpen('import')}>{t('import')}</Menu.Item>}
        {writes && <Menu.Item onClick={() => onOpen('release')}>{t('releaseMany')}</Menu.Item>}
        <Menu.Item onClick={() => onOpen('policy')}>{t('policy')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function useRelease(path: string, done: () => void) {
  const { t } = useWords('console/suppressions');
  return useDeed({
    run: ({ address, scope }: SuppressionItem) =>
      admin.post(`${path}/release`, { addresses: [address], scope }),
    said: (_, { address }) => t('released', { address }),
    undo:
      (_, { address, scope, cause, reason, untilMs }) =>
      () =>
        admin.post(path, { entries: [{ address, scope, cause, reason: reason.slice(0, 300), untilMs }] }),
    done,
  });
}

function useColumns(): readonly Column<SuppressionItem>[] {
  const { t } = useWords('console/suppressions');
  return [
    {
      id: 'address',
      head: t('address'),
      width: 'minmax(220px, 1.4fr)',
      cell: ({ address }) => address,
      value: ({ address }) => address,
    },
    {
      id: 'cause',
      head: t('cause'),
      width: '170px',
      cell: ({ cause }) => <Mark mood={causeMood[cause]}>{t(`causes.${cause}`)}</Mark>,
      value: ({ cause }) => cause,
    },
    {
      id: 'reason',
      head: t('why'),
      width: 'minmax(180px, 1.4fr)',
      cell: ({ reply, reason }) => reply || reason,
      value: ({ reply, reason }) => reply || reason,
    },
    {
      id: 'scope',
      head: t('scope'),
      width: '150px',
      cell: ({ scope }) => <ScopeText scope={scope} />,
      value: ({ scope }) => scope,
    },
    {
      id: 'since',
      head: t('since'),
      width: '110px',
      align: 'end',
      cell: ({ atMs }) => <When atMs={atMs} />,
      value: ({ atMs }) => atMs,
    },
    {
      id: 'until',
      head: t('until'),
      width: '110px',
      align: 'end',
      cell: ({ untilMs }) => (untilMs === 0 ? t('forGood') : <When atMs={untilMs} />),
      value: ({ untilMs }) => untilMs,
    },
  ];
}

function ScopeText({ scope }: { readonly scope: string }) {
  const { t } = useWords('console/suppressions');
  return <>{scope.startsWith('topic:') ? scope.slice(6) : t(`scopes.${scope.replace(':', '_')}`)}</>;
}

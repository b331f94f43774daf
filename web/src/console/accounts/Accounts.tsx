/** Accounts: who has a mailbox, how full it is, what they may do; made one by one or from a file. */
import { Button, MultiSelect, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconFileImport, IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import type { Account, Usage } from '../../../../src/httpd/admin-api/contract-account.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Page } from '../../parts/Page.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { bytesText } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useOfferedActions } from '../../shell/actions.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import { AccountDrawer } from './AccountDrawer.tsx';
import { ImportModal } from './ImportModal.tsx';
import { QuotaBar } from './QuotaBar.tsx';

export const roles = ['owner', 'admin', 'developer', 'marketer', 'support', 'user'] as const;

export function Accounts() {
  const { t } = useWords('console/accounts');
  const org = useOrg();
  const may = useMay();
  const [filters, setFilters] = useFilters();
  const [open, setOpen] = useState<'new' | 'import' | undefined>();
  const { q = '' } = filters;
  const list = useList<Account>(`/orgs/${org}/accounts`, { q });
  const usage = useQuery({
    queryKey: ['quotas', org],
    queryFn: () => admin.get<PageOf<Usage>>(`/orgs/${org}/quotas`, { limit: 500 }),
  });
  const used = new Map(usage.data?.items.map((each) => [each.account, each]));
  const writes = may('accounts:write');
  useOfferedActions(
    writes ? [{ id: 'add-account', label: t('add'), icon: IconUserPlus, run: () => setOpen('new') }] : [],
  );
  const buttons = writes && (
    <>
      <Button
        variant="default"
        leftSection={<IconFileImport size={16} stroke={1.5} />}
        onClick={() => setOpen('import')}
      >
        {t('import')}
      </Button>
      <Button leftSection={<IconUserPlus size={16} stroke={1.5} />} onClick={() => setOpen('new')}>
        {t('add')}
      </Button>
    </>
  );
  const chosen = list.rows.find(({ id }) => id === filters['open']);
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={buttons}
      drawer={
        chosen && (
          <AccountDrawer
            key={chosen.id}
            account={chosen}
            usage={used.get(chosen.id)}
            onClose={() => setFilters({ open: '' })}
          />
        )
      }
    >
      <ListBody
        name="accounts"
        list={list}
        searching={q !== ''}
        keyOf={({ id }) => id}
        selected={filters['open']}
        onOpen={({ id }) => setFilters({ open: id })}
        tools={<SearchField value={q} onChange={(text) => setFilters({ q: text })} />}
        empty={{ icon: IconUsers, title: t('none'), text: t('noneText'), action: buttons }}
        columns={useColumns(used)}
      />
      {open === 'new' && (
        <NewAccount org={org} onClose={() => setOpen(undefined)} onMade={(id) => setFilters({ open: id })} />
      )}
      {open === 'import' && <ImportModal org={org} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

function useColumns(used: ReadonlyMap<string, Usage>) {
  const { t, language } = useWords('console/accounts');
  return [
    {
      id: 'name',
      head: t('address'),
      width: 'minmax(200px, 1.4fr)',
      cell: ({ name }: Account) => name,
      value: ({ name }: Account) => name,
    },
    {
      id: 'display',
      head: t('name'),
      width: 'minmax(110px, 1fr)',
      cell: ({ displayName }: Account) => displayName,
      value: ({ displayName }: Account) => displayName,
    },
    {
      id: 'roles',
      head: t('roles'),
      width: 'minmax(110px, 0.8fr)',
      cell: (account: Account) => account.roles.map((role) => t(`role.${role}`)).join(', '),
      value: (account: Account) => account.roles.join(' '),
    },
    {
      id: 'state',
      head: t('state'),
      width: '110px',
      cell: ({ disabled }: Account) => (
        <Mark mood={disabled ? 'waiting' : 'good'}>{t(disabled ? 'disabled' : 'active')}</Mark>
      ),
      value: ({ disabled }: Account) => (disabled ? 1 : 0),
    },
    {
      id: 'used',
      head: t('used'),
      width: '170px',
      cell: ({ id, quotaBytes }: Account) => (
        <QuotaBar usedBytes={used.get(id)?.usedBytes ?? 0} limitBytes={quotaBytes} />
      ),
      value: ({ id }: Account) => used.get(id)?.usedBytes ?? 0,
    },
    {
      id: 'emails',
      head: t('emails'),
      width: '84px',
      align: 'end' as const,
      cell: ({ id }: Account) => (used.get(id)?.emails ?? 0).toLocaleString(language),
      value: ({ id }: Account) => used.get(id)?.emails ?? 0,
    },
    {
      id: 'quota',
      head: t('quota'),
      width: '100px',
      align: 'end' as const,
      hidden: true,
      cell: ({ quotaBytes }: Account) => (quotaBytes === 0 ? '—' : bytesText(quotaBytes, language)),
      value: ({ quotaBytes }: Account) => quotaBytes,
    },
  ];
}

interface NewAccountProps {
  readonly org: string;
  readonly onClose: () => void;
  readonly onMade: (id: string) => void;
}

function NewAccount({ org, onClose, onMade }: NewAccountProps) {
  const { t } = useWords('console/accounts');
  const [chosen, setChosen] = useState<string[]>(['user']);
  const make = useDeed({
    run: (body: object) => admin.post<Account>(`/orgs/${org}/accounts`, body),
    said: ({ name }) => t('made', { name }),
    undo:
      ({ id }) =>
      () =>
        admin.delete(`/orgs/${org}/accounts/${id}`),
    done: ({ id }) => onMade(id),
  });
  return (
    <FormModal
      title={t('add')}
      submit={t('make')}
      onClose={onClose}
      onSubmit={(form) =>
        make.mutateAsync({
          name: textOf(form, 'name'),
          displayName: textOf(form, 'displayName'),
          ...(form.get('password') !== '' && { password: form.get('password') }),
          roles: chosen,
        })
      }
    >
      {(problemAt) => (
        <>
          <TextInput
            name="name"
            type="email"
            data-autofocus
            required
            label={t('address')}
            spellCheck={false}
            error={problemAt('name')}
          />
          <TextInput name="displayName" label={t('name')} error={problemAt('displayName')} />
          <PasswordInput
            name="password"
            label={t('password')}
            description={t('newPasswordText')}
            autoComplete="new-password"
            error={problemAt('password')}
          />
          <MultiSelect
            label={t('roles')}
            data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
            value={chosen}
            onChange={setChosen}
            error={problemAt('roles')}
          />
        </>
      )}
    </FormModal>
  );
}

/** One account: what it may do, how much it may keep, where its mail goes, its password, its end. */
import {
  Button,
  MultiSelect,
  NumberInput,
  PasswordInput,
  Select,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Account, Usage } from '../../../../src/httpd/admin-api/contract-account.ts';
import { admin, ApiError } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Facts } from '../../parts/Facts.tsx';
import { FormModal } from '../../parts/FormModal.tsx';
import { Drawer } from '../../parts/Page.tsx';
import { Typed } from '../../parts/Typed.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { languageNames, languages, useWords } from '../../words.ts';
import { roles } from './Accounts.tsx';
import { InviteModal } from './InviteModal.tsx';
import { QuotaBar } from './QuotaBar.tsx';
import css from './Accounts.module.css';

interface AccountDrawerProps {
  readonly account: Account;
  readonly usage: Usage | undefined;
  readonly onClose: () => void;
}

type Edit = Pick<Account, 'displayName' | 'language' | 'quotaBytes' | 'roles' | 'disabled'>;
const gigabyte = 1_000_000_000;

export function AccountDrawer({ account, usage, onClose }: AccountDrawerProps) {
  const { t } = useWords('console/accounts');
  const may = useMay();
  const [password, setPassword] = useState(false);
  const [inviting, setInviting] = useState(false);
  const path = `/orgs/${account.org}/accounts/${account.id}`;
  const remove = useDeed({
    run: () => admin.delete(path),
    said: () => t('deleted', { name: account.name }),
    done: onClose,
  });
  const reset = useDeed({
    run: () => admin.delete(`${path}/second-factor`),
    said: () => t('factorReset', { name: account.name }),
  });
  const writes = may('accounts:write');
  return (
    <Drawer
      title={account.name}
      onClose={onClose}
      actions={
        writes && (
          <>
            <Button variant="default" onClick={() => setInviting(true)}>
              {t('invite')}
            </Button>
            <Button variant="default" onClick={() => setPassword(true)}>
              {t('setPassword')}
            </Button>
            <Button variant="default" onClick={() => reset.mutate(undefined)}>
              {t('resetFactor')}
            </Button>
            <Typed
              label={t('delete')}
              what={t('deleteWhat', { name: account.name })}
              text={account.name}
              onConfirm={() => remove.mutate(undefined)}
            />
          </>
        )
      }
    >
      <Facts
        items={[
          [t('made_at'), <When key="made" atMs={account.createdAtMs} />],
          [
            t('used'),
            <QuotaBar key="used" usedBytes={usage?.usedBytes ?? 0} limitBytes={account.quotaBytes} />,
          ],
          [t('emails'), String(usage?.emails ?? 0)],
        ]}
      />
      <EditForm key={account.version} account={account} path={path} locked={!writes} />
      <Forwarding path={path} locked={!writes} />
      {inviting && <InviteModal account={account} onClose={() => setInviting(false)} />}
      {password && <PasswordForm path={path} name={account.name} onClose={() => setPassword(false)} />}
    </Drawer>
  );
}

interface FormProps {
  readonly path: string;
  readonly locked: boolean;
}

function EditForm({ account, path, locked }: FormProps & { readonly account: Account }) {
  const { t } = useWords('console/accounts');
  const { displayName, language, quotaBytes, disabled, version } = account;
  const before: Edit = { displayName, language, quotaBytes, roles: account.roles, disabled };
  const [edit, setEdit] = useState(before);
  const save = useDeed({
    // Only if nobody changed it meanwhile.
    run: (next: Edit) => admin.patch<Account>(path, next, { 'if-match': `"${version}"` }),
    said: () => t('saved'),
    undo: () => () => admin.patch(path, before),
  });
  const set = (change: Partial<Edit>): void => setEdit({ ...edit, ...change });
  const problemAt = (field: string): string | undefined =>
    save.error instanceof ApiError ? save.error.at(field) : undefined;
  return (
    <form
      className="form-stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(edit);
      }}
    >
      <h3 className={css['part']}>{t('settings')}</h3>
      <TextInput
        label={t('name')}
        value={edit.displayName}
        disabled={locked}
        error={problemAt('displayName')}
        onChange={(event) => set({ displayName: event.currentTarget.value })}
      />
      <MultiSelect
        label={t('roles')}
        disabled={locked}
        data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
        value={[...edit.roles]}
        error={problemAt('roles')}
        onChange={(next) => set({ roles: next as Edit['roles'] })}
      />
      <NumberInput
        label={t('quotaGb')}
        description={t('quotaText')}
        min={0}
        decimalScale={2}
        disabled={locked}
        value={edit.quotaBytes / gigabyte}
        onChange={(value) => set({ quotaBytes: Math.round(Number(value) * gigabyte) })}
      />
      <Select
        label={t('language')}
        disabled={locked}
        allowDeselect={false}
        data={languages.map((value) => ({ value, label: languageNames[value] }))}
        value={edit.language}
        onChange={(value) => value !== null && set({ language: value as Edit['language'] })}
      />
      <Switch
        label={t('disabled')}
        description={t('disabledText')}
        checked={edit.disabled}
        disabled={locked}
        onChange={(event) => set({ disabled: event.currentTarget.checked })}
      />
      <div className="form-foot">
        <Button type="submit" disabled={locked} loading={save.isPending}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}

interface Forward {
  readonly targets: readonly string[];
  readonly keepCopy: boolean;
}

function Forwarding({ path, locked }: FormProps) {
  const { t } = useWords('console/accounts');
  const { data } = useQuery({
    queryKey: ['forward', path],
    queryFn: () => admin.get<Forward>(`${path}/forward`),
  });
  const [edit, setEdit] = useState<Forward | undefined>();
  useEffect(() => setEdit(data), [data]);
  const save = useDeed({
    run: (next: Forward) => admin.put(`${path}/forward`, next),
    said: () => t('saved'),
    undo: () => data && (() => admin.put(`${path}/forward`, data)),
    changes: ['forward', path],
  });
  if (!edit) return null;
  return (
    <form
      className="form-stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(edit);
      }}
    >
      <h3 className={css['part']}>{t('forward')}</h3>
      <TagsInput
        label={t('forwardTo')}
        description={t('forwardText')}
        disabled={locked}
        value={[...edit.targets]}
        onChange={(targets) => setEdit({ ...edit, targets })}
      />
      <Switch
        label={t('keepCopy')}
        disabled={locked}
        checked={edit.keepCopy}
        onChange={(event) => setEdit({ ...edit, keepCopy: event.currentTarget.checked })}
      />
      <div className="form-foot">
        <Button type="submit" variant="default" disabled={locked} loading={save.isPending}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}

function PasswordForm({
  path,
  name,
  onClose,
}: {
  readonly path: string;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const { t } = useWords('console/accounts');
  const set = useDeed({
    run: (body: object) => admin.put(`${path}/password`, body),
    said: () => t('passwordSet', { name }),
  });
  return (
    <FormModal
      title={t('setPassword')}
      submit={t('setPassword')}
      onClose={onClose}
      onSubmit={(form) => set.mutateAsync({ password: form.get('password') })}
    >
      {(problemAt) => (
        <PasswordInput
          name="password"
          data-autofocus
          required
          label={t('password')}
          description={t('passwordText')}
          autoComplete="new-password"
          error={problemAt('password')}
        />
      )}
    </FormModal>
  );
}

/** App passwords: for mail programs, one each, so that one of them can be ended without the others. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import type { AppPassword } from '../../../src/httpd/admin-api/contract-account.ts';
import { admin, type PageOf } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { FormModal, textOf } from '../parts/FormModal.tsx';
import { Section } from '../parts/Page.tsx';
import { SecretModal } from '../parts/Secret.tsx';
import { toast, toastError } from '../parts/toasts.tsx';
import { When } from '../parts/When.tsx';
import { useWords } from '../words.ts';
import css from './Me.module.css';

const path = '/me/app-passwords';

export function AppPasswords() {
  const { t } = useWords('session/me');
  const [open, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | undefined>();
  const { data } = useQuery({
    queryKey: ['app-passwords'],
    queryFn: () => admin.get<PageOf<AppPassword>>(path),
  });
  const changed = (): void => void queries.invalidateQueries({ queryKey: ['app-passwords'] });
  const make = async (form: FormData): Promise<void> => {
    const { password } = await admin.post<{ password: string }>(path, { name: textOf(form, 'name') });
    setSecret(password);
    changed();
  };
  const drop = ({ id, name }: AppPassword): void =>
    void admin.delete(`${path}/${id}`).then(() => {
      toast({ text: t('appDropped', { name }), mood: 'good' });
      changed();
    }, toastError);
  return (
    <Section
      title={t('apps')}
      text={t('appsText')}
      action={
        <Button variant="default" onClick={() => setOpen(true)}>
          {t('newApp')}
        </Button>
      }
    >
      <ul className={css['list']}>
        {data?.items.map((each) => (
          <li key={each.id} className={css['row']}>
            <IconKey size={20} stroke={1.5} aria-hidden />
            <div>
              <strong>{each.name}</strong>
              <p>
                {t('madeAt')} <When atMs={each.createdAtMs} /> · {t('lastUsed')}{' '}
                <When atMs={each.lastUsedAtMs} /> {each.lastUsedService} {each.lastUsedIp}
              </p>
            </div>
            <Button variant="subtle" size="compact-sm" color="shu" onClick={() => drop(each)}>
              {t('remove')}
            </Button>
          </li>
        ))}
      </ul>
      {open && (
        <FormModal title={t('newApp')} submit={t('make')} onClose={() => setOpen(false)} onSubmit={make}>
          {(problemAt) => (
            <TextInput
              name="name"
              data-autofocus
              required
              label={t('appName')}
              placeholder={t('appNameExample')}
              error={problemAt('name')}
            />
          )}
        </FormModal>
      )}
      {secret !== undefined && (
        <SecretModal title={t('newApp')} secret={secret} onClose={() => setSecret(undefined)} />
      )}
    </Section>
  );
}

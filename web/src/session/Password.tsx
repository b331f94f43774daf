/** One's own password. */
import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { FormModal } from '../parts/FormModal.tsx';
import { Section } from '../parts/Page.tsx';
import { toast } from '../parts/toasts.tsx';
import { useWords } from '../words.ts';
import { sessionQuery, type Person } from './session.ts';

export function PasswordSection() {
  const { t } = useWords('session/me');
  const [open, setOpen] = useState(false);
  const change = async (form: FormData): Promise<void> => {
    const body = { current: form.get('current'), password: form.get('password') };
    const state = await call<Person>('POST', '/api/v1/session/password', { body });
    queries.setQueryData(sessionQuery.queryKey, state);
    void queries.invalidateQueries({ queryKey: ['sessions'] });
    toast({ text: t('passwordChanged'), mood: 'good' });
  };
  return (
    <Section
      title={t('password')}
      text={t('passwordText')}
      action={
        <Button variant="default" onClick={() => setOpen(true)}>
          {t('changePassword')}
        </Button>
      }
    >
      {open && (
        <FormModal
          title={t('changePassword')}
          submit={t('changePassword')}
          onClose={() => setOpen(false)}
          onSubmit={change}
        >
          {(problemAt) => (
            <>
              <PasswordInput
                name="current"
                data-autofocus
                required
                label={t('current_password')}
                autoComplete="current-password"
                error={problemAt('current')}
              />
              <PasswordInput
                name="password"
                required
                label={t('newPassword')}
                description={t('newPasswordText')}
                autoComplete="new-password"
                error={problemAt('password')}
              />
            </>
          )}
        </FormModal>
      )}
    </Section>
  );
}

/** Where an invitation leads: who it is for, and a password of one's own. The ticket stands behind `#`, which browsers send to nobody. */
import { Button, PasswordInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import type { InvitationState } from '../../../src/httpd/admin-api/contract-session.ts';
import { ApiError, call } from '../api/client.ts';
import { Lines } from '../parts/Lines.tsx';
import { useWords } from '../words.ts';
import type { Person } from './session.ts';
import { Languages, useEnter } from './SignIn.tsx';
import css from './SignIn.module.css';

export function Invitation() {
  const { t } = useWords('session');
  const [ticket] = useState(() => location.hash.slice(1));
  const { data, error } = useQuery({
    queryKey: ['invitation', ticket],
    queryFn: () => call<InvitationState>('GET', '/api/v1/invitation', { query: { ticket } }),
    staleTime: Infinity,
  });
  return (
    <div className={css['door']}>
      <main className={css['card']}>
        <img src="/seal.svg" alt="" width={44} height={44} />
        <h1>{t(error ? 'invitationOver' : 'invitation')}</h1>
        {error && (
          <>
            <p className={css['hint']}>{t('invitationOverText')}</p>
            <Link to="/sign-in">{t('signIn')}</Link>
          </>
        )}
        {!data && !error && <Lines count={3} />}
        {data && <Choose state={data} ticket={ticket} />}
      </main>
      <Languages />
    </div>
  );
}

function Choose({ state, ticket }: { readonly state: InvitationState; readonly ticket: string }) {
  const { t } = useWords('session');
  const enter = useEnter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (form.get('password') !== form.get('again')) return setProblem(t('notTheSame'));
    setBusy(true);
    setProblem('');
    try {
      const body = { ticket, password: form.get('password') };
      enter(await call<Person>('POST', '/api/v1/invitation', { body }));
    } catch (error) {
      setProblem(error instanceof ApiError ? (error.at('password') ?? error.message) : t('unreachable'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={css['form']} onSubmit={(event) => void submit(event)}>
      <p className={css['hint']}>
        {t('invitationText', { org: state.orgName })}
        <br />
        <strong>{state.address}</strong>
      </p>
      <input type="hidden" name="username" autoComplete="username" value={state.address} readOnly />
      <PasswordInput
        name="password"
        label={t('newPassword')}
        description={t('newPasswordText')}
        autoComplete="new-password"
        autoFocus
        required
        withAsterisk={false}
        visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
      />
      <PasswordInput
        name="again"
        label={t('again')}
        autoComplete="new-password"
        required
        withAsterisk={false}
        visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
      />
      <p role="alert" className={css['problem']}>
        {problem}
      </p>
      <Button type="submit" fullWidth loading={busy}>
        {t('begin')}
      </Button>
    </form>
  );
}

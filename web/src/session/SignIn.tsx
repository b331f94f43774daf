/** The door. */
import { Button, Checkbox, PasswordInput, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useId, useState, type FormEvent } from 'react';
import { ApiError, call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { chooseLanguage, languageNames, languages, useWords } from '../words.ts';
import { sessionQuery, type SessionState } from './session.ts';
import css from './SignIn.module.css';

export function SignIn() {
  const { t } = useWords('session');
  return (
    <div className={css['door']}>
      <main className={css['card']}>
        <img src="/seal.svg" alt="" width={44} height={44} />
        <h1>{t('title')}</h1>
        <PasswordForm />
      </main>
      <Languages />
    </div>
  );
}

function PasswordForm() {
  const { t } = useWords('session');
  const enter = useEnter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const said = useId();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem('');
    try {
      const body = { name: form.get('name'), password: form.get('password'), remember: form.has('remember') };
      enter(await call<SessionState>('POST', '/api/v1/session', { body }));
    } catch (error) {
      setProblem(t(wordsFor(error)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className={css['form']} aria-describedby={said}>
      <TextInput
        name="name"
        label={t('address')}
        type="email"
        autoComplete="username"
        spellCheck={false}
        autoFocus
        required
        withAsterisk={false}
      />
      <PasswordInput
        name="password"
        label={t('password')}
        autoComplete="current-password"
        required
        withAsterisk={false}
        visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
      />
      <Checkbox name="remember" label={t('remember')} />
      <p id={said} role="alert" className={css['problem']}>
        {problem}
      </p>
      <Button type="submit" fullWidth loading={busy}>
        {t('signIn')}
      </Button>
    </form>
  );
}

/** What is said of a refusal: never whether the address exists. */
export function wordsFor(error: unknown): string {
  if (!(error instanceof ApiError)) return 'unreachable';
  if (error.status === 429) return 'locked';
  if (error.reason === 'encryptionRequired') return 'needsTls';
  return error.status === 401 || error.status === 422 ? 'wrong' : 'failed';
}

/** Only addresses of this page: whoever makes a link to the door must not lead people elsewhere through it. */
export function safeTarget(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to)) return '/';
  const url = new URL(to, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : '/';
}

/** Goes on to where the person wanted to be. */
export function useEnter(): (state: SessionState) => void {
  const { to } = useSearch({ strict: false }) as { to?: string };
  const navigate = useNavigate();
  return (state) => {
    queries.clear();
    queries.setQueryData(sessionQuery.queryKey, state);
    void navigate({ href: safeTarget(to), replace: true });
  };
}

function Languages() {
  const { language } = useWords('session');
  return (
    <p className={css['languages']}>
      {languages.map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          aria-pressed={each === language}
          onClick={() => void chooseLanguage(each)}
        >
          {languageNames[each]}
        </button>
      ))}
    </p>
  );
}

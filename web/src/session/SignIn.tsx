/** The door. */
import { Button, Checkbox, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { IconFingerprint, IconLogin2 } from '@tabler/icons-react';
import { useId, useState, type FormEvent } from 'react';
import type { OidcProviderItem } from '../../../src/httpd/admin-api/contract-session.ts';
import { ApiError, call, queryText } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { chooseLanguage, languageNames, languages, useWords } from '../words.ts';
import { askPasskey, canPasskeys, type PasskeyOptions } from './passkeys.ts';
import { sessionQuery, type Person, type SessionState, type SignInAnswer } from './session.ts';
import css from './SignIn.module.css';

export function SignIn() {
  const { t } = useWords('session');
  const [step, setStep] = useState<Asked | undefined>();
  return (
    <div className={css['door']}>
      <main className={css['card']}>
        <img src="/seal.svg" alt="" width={44} height={44} />
        <h1>{t('title')}</h1>
        {step ? <SecondStep step={step} onBack={() => setStep(undefined)} /> : <FirstStep onMore={setStep} />}
      </main>
      <Languages />
    </div>
  );
}

export type Asked = Extract<SignInAnswer, { is: 'secondFactor' }>;

function FirstStep({ onMore }: { readonly onMore: (asked: Asked) => void }) {
  const { t } = useWords('session');
  const enter = useEnter();
  const { busy, problem, run } = useTry();
  const [remember, setRemember] = useState(false);
  const said = useId();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { name: form.get('name'), password: form.get('password'), remember };
    void run(async () => {
      const answer = await call<SignInAnswer>('POST', '/api/v1/session', { body });
      if (answer.is === 'secondFactor') onMore(answer);
      else enter(answer);
    });
  };
  const byPasskey = (): void =>
    void run(async () => {
      const { ticket, options } = await call<PasskeyOptions>('POST', '/api/v1/session/passkey-options', {
        body: {},
      });
      const passkey = await askPasskey(options);
      enter(await call<Person>('POST', '/api/v1/session/passkey', { body: { ticket, passkey, remember } }));
    });
  const { problem: came, to } = useSearch({ strict: false }) as { problem?: string; to?: string };
  const told = problem === '' && came !== undefined && oidcProblems.has(came) ? t(came) : problem;
  return (
    <>
      <form onSubmit={submit} className={css['form']} aria-describedby={said}>
        <TextInput
          name="name"
          label={t('address')}
          type="email"
          autoComplete="username webauthn"
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
        <Checkbox
          label={t('remember')}
          checked={remember}
          onChange={(event) => setRemember(event.currentTarget.checked)}
        />
        <p id={said} role="alert" className={css['problem']}>
          {told}
        </p>
        <Button type="submit" fullWidth loading={busy}>
          {t('signIn')}
        </Button>
      </form>
      <div className={css['or']}>
        {canPasskeys() && (
          <Button
            variant="default"
            fullWidth
            leftSection={<IconFingerprint size={18} stroke={1.5} />}
            onClick={byPasskey}
          >
            {t('byPasskey')}
          </Button>
        )}
        <Providers to={to} />
      </div>
    </>
  );
}

/** What may have gone wrong at an identity provider, as the server names it. */
const oidcProblems: ReadonlySet<string> = new Set([
  'oidcUnknown',
  'oidcUnverified',
  'oidcAway',
  'oidcFailed',
]);

/** Identity providers that the server knows. */
function Providers({ to }: { readonly to: string | undefined }) {
  const { t } = useWords('session');
  const { data } = useQuery({
    queryKey: ['oidc'],
    queryFn: () => call<{ items: readonly OidcProviderItem[] }>('GET', '/api/v1/session/oidc'),
    staleTime: Infinity,
  });
  return data?.items.map(({ name, title }) => (
    <Button
      key={name}
      component="a"
      href={`/api/v1/session/oidc/${encodeURIComponent(name)}${queryText({ to: safeTarget(to) })}`}
      variant="default"
      fullWidth
      leftSection={<IconLogin2 size={18} stroke={1.5} />}
    >
      {t('byProvider', { title })}
    </Button>
  ));
}

function SecondStep({ step, onBack }: { readonly step: Asked; readonly onBack: () => void }) {
  const { t } = useWords('session');
  const enter = useEnter();
  const { busy, problem, run } = useTry();
  const [recovery, setRecovery] = useState(!step.code && step.passkey === undefined);
  const finish = (proof: object): Promise<void> =>
    run(async () =>
      enter(
        await call<Person>('POST', '/api/v1/session/second', { body: { ticket: step.ticket, ...proof } }),
      ),
    );
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get('code');
    void finish({ code: typeof code === 'string' ? code.trim() : '' });
  };
  const byPasskey = (): void => void run(async () => finish({ passkey: await askPasskey(step.passkey) }));
  const asksCode = step.code || recovery;
  return (
    <>
      {asksCode && (
        <form onSubmit={submit} className={css['form']} key={String(recovery)}>
          <TextInput
            name="code"
            label={t(recovery ? 'recoveryCode' : 'code')}
            description={t(recovery ? 'recoveryText' : 'codeText')}
            autoComplete="one-time-code"
            inputMode={recovery ? 'text' : 'numeric'}
            autoFocus
            required
            withAsterisk={false}
          />
          <p role="alert" className={css['problem']}>
            {problem}
          </p>
          <Button type="submit" fullWidth loading={busy}>
            {t('goOn')}
          </Button>
        </form>
      )}
      <div className={css['or']}>
        {!asksCode && problem !== '' && (
          <p role="alert" className={css['problem']}>
            {problem}
          </p>
        )}
        {step.passkey !== undefined && (
          <Button
            variant={asksCode ? 'default' : 'filled'}
            fullWidth
            leftSection={<IconFingerprint size={18} stroke={1.5} />}
            onClick={byPasskey}
          >
            {t('byPasskey')}
          </Button>
        )}
        {step.recovery && !recovery && (
          <Button variant="subtle" fullWidth onClick={() => setRecovery(true)}>
            {t('useRecovery')}
          </Button>
        )}
        <Button variant="subtle" fullWidth onClick={onBack}>
          {t('back')}
        </Button>
      </div>
    </>
  );
}

/** Runs a step, and keeps what is said when it fails. */
function useTry() {
  const { t } = useWords('session');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem('');
    await work()
      .catch((error: unknown) => setProblem(t(wordsFor(error))))
      .finally(() => setBusy(false));
  };
  return { busy, problem, run };
}

/** What is said of a refusal: never whether the address exists. */
export function wordsFor(error: unknown): string {
  if (error instanceof Error && error.name === 'NotAllowedError') return 'passkeyEnded';
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

export function Languages() {
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

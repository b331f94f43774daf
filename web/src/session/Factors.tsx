/** What proves one besides the password: one-time codes, passkeys, recovery codes. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconDeviceMobile, IconFingerprint, IconLifebuoy } from '@tabler/icons-react';
import { useState } from 'react';
import { renderSVG } from 'uqr';
import type { FactorAnswer } from '../../../src/httpd/admin-api/contract-session.ts';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Copy } from '../parts/Copy.tsx';
import { FormModal, textOf } from '../parts/FormModal.tsx';
import { Lines } from '../parts/Lines.tsx';
import { Mark } from '../parts/Mark.tsx';
import { Section } from '../parts/Page.tsx';
import { toast, toastError } from '../parts/toasts.tsx';
import { When } from '../parts/When.tsx';
import { useWords } from '../words.ts';
import { canPasskeys, makePasskey, type PasskeyOptions } from './passkeys.ts';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import css from './Me.module.css';

type Doing = 'totp' | 'totpEnd' | 'recovery' | 'passkey' | undefined;
interface Codes {
  readonly recoveryCodes: readonly string[];
}
interface SetUp {
  readonly secret: string;
  readonly uri: string;
}

const base = '/api/v1/factors';
const changed = (): void => void queries.invalidateQueries({ queryKey: ['factors'] });

export function FactorsSection() {
  const { t } = useWords('session/me');
  const [doing, setDoing] = useState<Doing>();
  const [setUp, setSetUp] = useState<SetUp | undefined>();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const { data } = useQuery({ queryKey: ['factors'], queryFn: () => call<FactorAnswer>('GET', base) });
  const told = ({ recoveryCodes }: Codes): void => {
    changed();
    setCodes(recoveryCodes);
  };
  const withPassword = async (form: FormData): Promise<void> => {
    const body = { password: form.get('password') };
    if (doing === 'totp') setSetUp(await call<SetUp>('POST', `${base}/totp`, { body }));
    if (doing === 'totpEnd') await call('POST', `${base}/totp/end`, { body }).then(changed);
    if (doing === 'recovery') told(await call<Codes>('POST', `${base}/recovery-codes`, { body }));
    if (doing === 'passkey') {
      const { ticket, options } = await call<PasskeyOptions>('POST', `${base}/passkey-options`, { body });
      const passkey = await makePasskey(options);
      const name = textOf(form, 'name');
      told(await call<Codes>('POST', `${base}/passkeys`, { body: { ticket, passkey, name } }));
      toast({ text: t('passkeyAdded'), mood: 'good' });
    }
  };
  const drop = (id: string): void =>
    void call('DELETE', `${base}/passkeys/${encodeURIComponent(id)}`).then(changed, toastError);
  if (!data) return <Lines count={3} />;
  return (
    <Section title={t('factors')} text={t('factorsText')}>
      <ul className={css['list']}>
        <li className={css['row']}>
          <IconDeviceMobile size={20} stroke={1.5} aria-hidden />
          <div>
            <strong>{t('totp')}</strong>{' '}
            <Mark mood={data.totp ? 'good' : 'neutral'}>{t(data.totp ? 'on' : 'off')}</Mark>
            <p>{t('totpText')}</p>
          </div>
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => setDoing(data.totp ? 'totpEnd' : 'totp')}
          >
            {t(data.totp ? 'switchOff' : 'setUp')}
          </Button>
        </li>
        <li className={css['row']}>
          <IconFingerprint size={20} stroke={1.5} aria-hidden />
          <div>
            <strong>{t('passkeys')}</strong>
            <p>{t(canPasskeys() ? 'passkeysText' : 'passkeysNeedName')}</p>
          </div>
          <Button
            variant="default"
            size="compact-sm"
            disabled={!canPasskeys()}
            onClick={() => setDoing('passkey')}
          >
            {t('addPasskey')}
          </Button>
        </li>
        {data.passkeys.map(({ id, name, rp, createdAtMs, lastUsedAtMs }) => (
          <li key={id} className={css['row']}>
            <span />
            <div>
              <strong>{name}</strong>
              <p>
                {rp} · {t('madeAt')} <When atMs={createdAtMs} /> · {t('lastUsed')}{' '}
                <When atMs={lastUsedAtMs} />
              </p>
            </div>
            <Button variant="subtle" size="compact-sm" color="shu" onClick={() => drop(id)}>
              {t('remove')}
            </Button>
          </li>
        ))}
        {(data.totp || data.passkeys.length > 0) && (
          <li className={css['row']}>
            <IconLifebuoy size={20} stroke={1.5} aria-hidden />
            <div>
              <strong>{t('recovery')}</strong>
              <p>{t('recoveryLeft', { count: data.recoveryCodes })}</p>
            </div>
            <Button variant="default" size="compact-sm" onClick={() => setDoing('recovery')}>
              {t('newCodes')}
            </Button>
          </li>
        )}
      </ul>
      {doing && (
        <FormModal
          title={t(`doing.${doing}`)}
          submit={t('goOn')}
          onClose={() => setDoing(undefined)}
          onSubmit={withPassword}
        >
          {() => (
            <>
              {doing === 'passkey' && (
                <TextInput name="name" label={t('passkeyName')} placeholder={t('passkeyNameExample')} />
              )}
              <PasswordInput
                name="password"
                data-autofocus
                required
                label={t('current_password')}
                autoComplete="current-password"
              />
            </>
          )}
        </FormModal>
      )}
      {setUp && <TotpSetUp setUp={setUp} onClose={() => setSetUp(undefined)} onDone={told} />}
      {codes.length > 0 && <RecoveryCodes codes={codes} onClose={() => setCodes([])} />}
    </Section>
  );
}

interface TotpSetUpProps {
  readonly setUp: SetUp;
  readonly onClose: () => void;
  readonly onDone: (codes: Codes) => void;
}

function TotpSetUp({ setUp, onClose, onDone }: TotpSetUpProps) {
  const { t } = useWords('session/me');
  // As a picture with an address of its own: no text is made HTML of.
  const picture = `data:image/svg+xml,${encodeURIComponent(renderSVG(setUp.uri, { border: 2 }))}`;
  return (
    <FormModal
      title={t('doing.totp')}
      submit={t('confirm')}
      onClose={onClose}
      onSubmit={async (form) =>
        onDone(await call<Codes>('PUT', `${base}/totp`, { body: { code: textOf(form, 'code') } }))
      }
    >
      {(problemAt) => (
        <>
          <p className={css['hint']}>{t('scan')}</p>
          <img src={picture} alt={t('qr')} width={200} height={200} className={css['qr']} />
          <p className={css['secret']}>
            <code>{setUp.secret.replaceAll(/(.{4})/g, '$1 ').trim()}</code>
            <Copy text={setUp.secret} />
          </p>
          <TextInput
            name="code"
            required
            label={t('code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={6}
            error={problemAt('code')}
          />
        </>
      )}
    </FormModal>
  );
}

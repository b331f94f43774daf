/** What is one's own: browsers that are signed in, password, second factors. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import type { WebSession } from '../../../src/httpd/admin-api/contract-session.ts';
import { call } from '../api/client.ts';
import { Lines } from '../parts/Lines.tsx';
import { Page, Section } from '../parts/Page.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { toast, toastError } from '../parts/toasts.tsx';
import { When } from '../parts/When.tsx';
import { useWords } from '../words.ts';
import { AppPasswords } from './AppPasswords.tsx';
import { deviceName } from './device.ts';
import { FactorsSection } from './Factors.tsx';
import { PasswordSection } from './Password.tsx';
import css from './Me.module.css';

export function Me() {
  const { t } = useWords('session/me');
  return (
    <Page title={t('title')} narrow>
      <PasswordSection />
      <FactorsSection />
      <AppPasswords />
      <SessionsSection />
    </Page>
  );
}

function SessionsSection() {
  const { t } = useWords('session/me');
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['sessions'],
    queryFn: () => call<{ items: readonly WebSession[] }>('GET', '/api/v1/sessions'),
  });
  const changed = () => client.invalidateQueries({ queryKey: ['sessions'] });
  const end = useMutation({
    mutationFn: (id: string) => call('DELETE', `/api/v1/sessions/${id}`),
    onSuccess: () => void changed(),
    onError: toastError,
  });
  const others = useMutation({
    mutationFn: () => call<{ count: number }>('POST', '/api/v1/sessions/end-others', { body: {} }),
    onSuccess({ count }) {
      toast({ text: t('ended', { count }), mood: 'good' });
      void changed();
    },
    onError: toastError,
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  const several = data !== undefined && data.items.length > 1;
  return (
    <Section
      title={t('sessions')}
      text={t('sessionsText')}
      action={
        several && (
          <Button variant="default" loading={others.isPending} onClick={() => others.mutate()}>
            {t('endOthers')}
          </Button>
        )
      }
    >
      {!data && <Lines count={3} />}
      <ul className={css['list']}>
        {data?.items.map((each) => (
          <SessionRow key={each.id} session={each} onEnd={() => end.mutate(each.id)} />
        ))}
      </ul>
    </Section>
  );
}

function SessionRow({ session, onEnd }: { readonly session: WebSession; readonly onEnd: () => void }) {
  const { t } = useWords('session/me');
  const device = deviceName(session.userAgent);
  const Mark = device.mobile ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={css['row']}>
      <Mark size={20} stroke={1.5} aria-hidden />
      <div>
        <strong>{device.name || t('unknownDevice')}</strong>
        {session.current && <span className={css['here']}>{t('current')}</span>}
        <p>
          {session.lastUsedIp} · {t('lastUsed')} <When atMs={session.lastUsedAtMs} /> · {t('since')}{' '}
          <When atMs={session.createdAtMs} />
        </p>
      </div>
      {!session.current && (
        <Button variant="subtle" size="compact-sm" onClick={onEnd}>
          {t('end')}
        </Button>
      )}
    </li>
  );
}

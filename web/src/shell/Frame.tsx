/** The frame: the rail at the left (on a phone a bar at the foot), and what is beside it. */
import { Tooltip } from '@mantine/core';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { IconAddressBook, IconLayoutDashboard, IconMail, IconSearch, type Icon } from '@tabler/icons-react';
import { Suspense, useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useWords } from '../words.ts';
import { Lines } from '../parts/Lines.tsx';
import { sessionQuery } from '../session/session.ts';
import { AccountMenu } from './AccountMenu.tsx';
import { KeyHelp } from './KeyHelp.tsx';
import { Palette } from './Palette.tsx';
import { hasConsole } from './places.ts';
import { useShortcuts } from './shortcuts.ts';
import css from './Frame.module.css';

export function Frame() {
  const { data: state } = useQuery(sessionQuery);
  const { t } = useWords('shell');
  const navigate = useNavigate();
  const [open, setOpen] = useState<'palette' | 'keys' | undefined>();
  useShortcuts({
    palette: () => setOpen('palette'),
    help: () => setOpen('keys'),
    go: (path) => void navigate({ to: path }),
  });
  useEffect(() => {
    if (state?.is === 'signedOut')
      void navigate({ to: '/sign-in', search: { to: location.pathname + location.search } });
  }, [state, navigate]);
  if (state?.is !== 'signedIn') return null;
  return (
    <div className={css['frame']}>
      <a className={css['skip']} href="#content">
        {t('skip')}
      </a>
      <nav className={css['rail']} aria-label={t('mainParts')}>
        <Link to="/" className={css['seal']!} aria-label={t('name')}>
          <img src="/seal.svg" alt="" width={28} height={28} />
        </Link>
        <RailLink to="/mail" icon={IconMail} label={t('mail')} />
        <RailLink to="/contacts" icon={IconAddressBook} label={t('contacts')} />
        {hasConsole(state) && <RailLink to="/console" icon={IconLayoutDashboard} label={t('console')} />}
        <span className={css['gap']} />
        <Tooltip label={`${t('palette.title')} (Ctrl K)`} position="right">
          <button type="button" className={css['item']} onClick={() => setOpen('palette')}>
            <IconSearch size={20} stroke={1.5} aria-hidden />
            <span>{t('palette.goTo')}</span>
          </button>
        </Tooltip>
        <AccountMenu person={state} onKeys={() => setOpen('keys')} />
      </nav>
      <div className={css['beside']}>
        <Suspense fallback={<Lines />}>
          <Outlet />
        </Suspense>
      </div>
      {open === 'palette' && <Palette person={state} onClose={() => setOpen(undefined)} />}
      {open === 'keys' && <KeyHelp person={state} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

interface RailLinkProps {
  readonly to: '/mail' | '/contacts' | '/console';
  readonly icon: Icon;
  readonly label: string;
}

function RailLink({ to, icon: Mark, label }: RailLinkProps) {
  const here = useRouterState({ select: ({ location }) => location.pathname.startsWith(to) });
  return (
    <Link to={to} className={css['item']!} data-here={here || undefined}>
      <Mark size={22} stroke={1.5} aria-hidden />
      <span>{label}</span>
    </Link>
  );
}

/** What owners of mailboxes set for themselves: rules, answers while away, what is blocked, where mail goes on to, labels, room. Which part is open stands in the address. */
import {
  IconArchive,
  IconArrowForwardUp,
  IconBan,
  IconFilter,
  IconLayoutColumns,
  IconPlaneDeparture,
  IconTag,
  type Icon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, type ComponentType, type LazyExoticComponent } from 'react';
import { Lines } from '../../parts/Lines.tsx';
import { Page } from '../../parts/Page.tsx';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import css from './settings.module.css';

interface Tab {
  readonly name: string;
  readonly icon: Icon;
  readonly Content: LazyExoticComponent<ComponentType>;
}

const tabs: readonly Tab[] = [
  { name: 'rules', icon: IconFilter, Content: lazy(() => import('./rules/RulesTab.tsx')) },
  { name: 'away', icon: IconPlaneDeparture, Content: lazy(() => import('./AwayTab.tsx')) },
  { name: 'blocked', icon: IconBan, Content: lazy(() => import('./BlockedTab.tsx')) },
  { name: 'forward', icon: IconArrowForwardUp, Content: lazy(() => import('./ForwardTab.tsx')) },
  { name: 'labels', icon: IconTag, Content: lazy(() => import('./LabelsTab.tsx')) },
  { name: 'look', icon: IconLayoutColumns, Content: lazy(() => import('./LookTab.tsx')) },
  { name: 'room', icon: IconArchive, Content: lazy(() => import('./RoomTab.tsx')) },
];

export function MailSettings() {
  const { t } = useWords('mail/settings');
  const [filters] = useFilters();
  const here = tabs.find(({ name }) => name === filters['tab']) ?? tabs[0]!;
  return (
    <Page title={t('title')} narrow>
      <nav className={css['tabs']} aria-label={t('title')}>
        {tabs.map(({ name, icon: Mark }) => (
          <Link
            key={name}
            to="/mail/settings"
            search={{ tab: name }}
            className={css['tab']!}
            aria-current={name === here.name ? 'page' : undefined}
          >
            <Mark size={16} stroke={1.5} aria-hidden />
            {t(`tabs.${name}`)}
          </Link>
        ))}
      </nav>
      <Suspense fallback={<Lines />}>
        <here.Content />
      </Suspense>
    </Page>
  );
}

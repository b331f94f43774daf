/** The console: its sections in a column, and the page beside them. On a phone the sections are behind a button. */
import { ActionIcon, Drawer, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { IconMenu2 } from '@tabler/icons-react';
import { Suspense, useState } from 'react';
import type { Org } from '../../../src/httpd/admin-api/contract-org.ts';
import { admin, type PageOf } from '../api/client.ts';
import { Lines } from '../parts/Lines.tsx';
import { usePerson } from '../session/session.ts';
import { groups, placesFor, type Place } from '../shell/places.ts';
import { useWords } from '../words.ts';
import { chooseOrg, useOrg } from './org.ts';
import css from './ConsoleLayout.module.css';

export function ConsoleLayout() {
  const { t } = useWords('shell');
  const person = usePerson();
  const [open, setOpen] = useState(false);
  const places = placesFor(person);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const here = placeAt(places, path);
  return (
    <div className={css['console']}>
      <div className={css['top']}>
        <ActionIcon variant="subtle" size="lg" aria-label={t('sections')} onClick={() => setOpen(true)}>
          <IconMenu2 size={20} stroke={1.5} />
        </ActionIcon>
        <span>{here && t(`places.${here.name}`)}</span>
      </div>
      <div className={css['column']}>
        <Sections places={places} here={here} />
      </div>
      <Drawer opened={open} onClose={() => setOpen(false)} title={t('sections')} size={280}>
        <Sections places={places} here={here} onGo={() => setOpen(false)} />
      </Drawer>
      <div className={css['page']}>
        <Suspense fallback={<Lines />}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
}

/** The longest that the address begins with. */
function placeAt(places: readonly Place[], path: string): Place | undefined {
  return places
    .filter(
      (place) => path === place.path || path.startsWith(`${place.path}/`) || place.also?.test(path) === true,
    )
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}

interface SectionsProps {
  readonly places: readonly Place[];
  readonly here: Place | undefined;
  readonly onGo?: () => void;
}

function Sections({ places, here, onGo }: SectionsProps) {
  const { t } = useWords('shell');
  const { operator } = usePerson();
  return (
    <nav aria-label={t('sections')} className={css['sections']}>
      {operator && <OrgChoice />}
      {groups.map((group) => {
        const inside = places.filter((place) => place.group === group);
        if (inside.length === 0) return null;
        return (
          <div key={group} className={css['group']}>
            <p>{t(`groups.${group}`)}</p>
            {inside.map((place) => (
              <Link
                key={place.path}
                to={place.path}
                className={css['link']!}
                activeOptions={{ exact: true }}
                data-here={place === here || undefined}
                {...(onGo && { onClick: onGo })}
              >
                <place.icon size={18} stroke={1.5} aria-hidden />
                {t(`places.${place.name}`)}
              </Link>
            ))}
          </div>
        );
      })}
    </nav>
  );
}

function OrgChoice() {
  const { t } = useWords('shell');
  const { data } = useQuery({
    queryKey: ['orgs'],
    queryFn: () => admin.get<PageOf<Org>>('/orgs', { limit: 500 }),
    staleTime: 60_000,
  });
  const org = useOrg();
  if (data === undefined || data.items.length < 2) return null;
  return (
    <Select
      size="xs"
      aria-label={t('organisation')}
      data={data.items.map(({ id, name }) => ({ value: id, label: name }))}
      value={org}
      allowDeselect={false}
      onChange={(value) => value !== null && chooseOrg(value)}
    />
  );
}

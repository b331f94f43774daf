/** The picture: stations on one line, the time between them above it. On a phone it runs downwards. */
import {
  IconArrowsExchange,
  IconCheck,
  IconClockHour4,
  IconHourglass,
  IconInbox,
  IconLock,
  IconLockOpen,
  IconMailForward,
  IconScale,
  IconServer,
  IconSignature,
  IconX,
  type Icon,
} from '@tabler/icons-react';
import { lengthOfTime } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import type { Station, StationName } from './stations.ts';
import css from './Line.module.css';

const icons: Readonly<Record<StationName, Icon>> = {
  submitted: IconMailForward,
  judged: IconScale,
  signed: IconSignature,
  waiting: IconHourglass,
  mx: IconServer,
  tls: IconLock,
  handed: IconArrowsExchange,
  placed: IconInbox,
};
const badges: Readonly<Record<Station['mood'], Icon | undefined>> = {
  good: IconCheck,
  bad: IconX,
  waiting: IconClockHour4,
  neutral: undefined,
  ahead: undefined,
};

interface LineProps {
  readonly stations: readonly Station[];
  readonly chosen: StationName | undefined;
  readonly onChoose: (name: StationName) => void;
}

export function Line({ stations, chosen, onChoose }: LineProps) {
  const { t, language } = useWords('console/journey');
  return (
    <ol className={css['line']} aria-label={t('line')} style={{ ['--count' as never]: stations.length }}>
      {stations.map((station, i) => {
        const before = stations.slice(0, i).findLast(({ atMs }) => atMs > 0);
        const took = before && station.atMs > 0 ? station.atMs - before.atMs : undefined;
        const Mark = station.name === 'tls' && station.fact === '' ? IconLockOpen : icons[station.name];
        const Badge = badges[station.mood];
        return (
          <li key={station.name} className={css['station']} data-mood={station.mood}>
            {took !== undefined && (
              <span className={css['took']}>{took <= 0 ? '' : `+${lengthOfTime(took, language)}`}</span>
            )}
            <button
              type="button"
              aria-pressed={station.name === chosen}
              onClick={() => onChoose(station.name)}
              disabled={station.mood === 'ahead'}
            >
              <span className={css['disc']}>
                <Mark size={22} stroke={1.5} aria-hidden />
                {Badge && (
                  <span className={css['badge']}>
                    <Badge size={12} stroke={3} aria-hidden />
                  </span>
                )}
              </span>
              <span className={css['name']}>{t(`stations.${station.name}`)}</span>
              <span className={css['fact']}>{factOf(station, t)}</span>
              <span className="visually-hidden">{t(`moods.${station.mood}`)}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function factOf({ name, fact, mood }: Station, t: (key: string) => string): string {
  if (name === 'tls' && fact === '') return t('inClear');
  if (name === 'handed')
    return mood === 'ahead'
      ? t('moods.ahead')
      : /^\d{3}/.test(fact)
        ? fact.split(' ').slice(0, 2).join(' ')
        : fact.slice(0, 24);
  if (name === 'waiting') return mood === 'good' ? t('noWait') : t('waited');
  return fact;
}

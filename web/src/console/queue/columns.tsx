/** The columns of the queue's tables. */
import type { QueueDestination } from '../../../../src/httpd/admin-api/contract-mail.ts';
import type { Column } from '../../parts/DataTable.tsx';
import { When } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import type { ProviderRow } from './providers.ts';
import css from './Queue.module.css';

interface Counted {
  readonly waiting: number;
  readonly held: number;
  readonly oldestAtMs: number;
  readonly nextTryAtMs: number;
}

/** What both tables tell. */
function useCounts<T extends Counted>(
  rows: readonly T[],
): Record<'bar' | 'waiting' | 'held' | 'oldest' | 'next', Column<T>> {
  const { t } = useWords('console/queue');
  const most = Math.max(1, ...rows.map(({ waiting, held }) => waiting + held));
  return {
    bar: {
      id: 'bar',
      head: t('share'),
      width: 'minmax(80px, 0.8fr)',
      cell: ({ waiting, held }) => (
        <span className={css['bar']} title={t('barText', { waiting, held })}>
          <span data-mood="waiting" style={{ width: `${(waiting / most) * 100}%` }} />
          <span data-mood="held" style={{ width: `${(held / most) * 100}%` }} />
        </span>
      ),
    },
    waiting: {
      id: 'waiting',
      head: t('waiting'),
      width: '76px',
      align: 'end',
      cell: ({ waiting }) => waiting,
      value: ({ waiting }) => waiting,
    },
    held: {
      id: 'held',
      head: t('held'),
      width: '64px',
      align: 'end',
      cell: ({ held }) => held,
      value: ({ held }) => held,
    },
    oldest: {
      id: 'oldest',
      head: t('oldest'),
      width: '104px',
      align: 'end',
      cell: ({ oldestAtMs }) => <When atMs={oldestAtMs} />,
      value: ({ oldestAtMs }) => oldestAtMs,
    },
    next: {
      id: 'next',
      head: t('next'),
      width: '104px',
      align: 'end',
      cell: ({ nextTryAtMs }) => <When atMs={nextTryAtMs} />,
      value: ({ nextTryAtMs }) => nextTryAtMs,
    },
  };
}

export function useDestinationColumns(
  rows: readonly QueueDestination[],
): readonly Column<QueueDestination>[] {
  const { t } = useWords('console/queue');
  const { bar, waiting, held, oldest, next } = useCounts(rows);
  return [
    {
      id: 'destination',
      head: t('destination'),
      width: 'minmax(170px, 1.2fr)',
      cell: ({ destination }) => destination,
      value: ({ destination }) => destination,
    },
    bar,
    waiting,
    held,
    oldest,
    next,
    {
      id: 'last',
      head: t('last'),
      width: 'minmax(200px, 1.6fr)',
      cell: ({ last }) => last?.reply ?? '',
      value: ({ last }) => last?.reply ?? '',
    },
  ];
}

export function useProviderColumns(rows: readonly ProviderRow[]): readonly Column<ProviderRow>[] {
  const { t } = useWords('console/queue');
  const { bar, waiting, held, oldest, next } = useCounts(rows);
  return [
    {
      id: 'provider',
      head: t('provider'),
      width: 'minmax(150px, 1.1fr)',
      cell: ({ title }) => title || t('noProvider'),
      value: ({ title }) => title,
    },
    bar,
    waiting,
    held,
    {
      id: 'rate',
      head: t('rate'),
      width: '84px',
      align: 'end',
      cell: ({ perSecond }) => t('perSecond', { value: perSecond.toFixed(1) }),
      value: ({ perSecond }) => perSecond,
    },
    {
      id: 'connections',
      head: t('connections'),
      width: '84px',
      align: 'end',
      cell: ({ connections }) => connections,
      value: ({ connections }) => connections,
    },
    { ...oldest, hidden: true },
    next,
    {
      id: 'now',
      head: t('whyWaits'),
      width: 'minmax(150px, 1.4fr)',
      cell: ({ now }) => now.join(' '),
      value: ({ now }) => now.join(' '),
    },
    {
      id: 'last',
      head: t('last'),
      width: 'minmax(130px, 1.2fr)',
      cell: ({ last }) => last,
      value: ({ last }) => last,
    },
  ];
}

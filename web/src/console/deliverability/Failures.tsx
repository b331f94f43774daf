/** What servers answered to mail that came back or waits, the same answers as one, each with what it means and what can be done. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconBulb, IconMoodSmile } from '@tabler/icons-react';
import type { FailureItem } from '../../../../src/httpd/admin-api/contract-operator.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { When } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import css from './Deliverability.module.css';

const refreshMs = 30_000;
const hours = 24;

export function Failures({ days }: { readonly days: number }) {
  const { t, language } = useWords('console/deliverability');
  const { data, error, refetch } = useQuery({
    queryKey: ['failures', days, language],
    queryFn: () => admin.get<PageOf<FailureItem>>('/failures', { hours: days * hours, language }),
    refetchInterval: refreshMs,
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines />;
  if (data.items.length === 0)
    return <Empty icon={IconMoodSmile} title={t('noFailures')} text={t('noFailuresText')} />;
  const most = Math.max(...data.items.map(({ count }) => count));
  return (
    <ul className={css['failures']}>
      {data.items.map((one) => (
        <Failure key={`${one.status} ${one.cause}`} one={one} share={one.count / most} days={days} />
      ))}
    </ul>
  );
}

interface FailureProps {
  readonly one: FailureItem;
  /** Of the one with most. */
  readonly share: number;
  readonly days: number;
}

function Failure({ one, share, days }: FailureProps) {
  const { t, language } = useWords('console/deliverability');
  const mood = one.status === 'deferred' ? 'waiting' : 'bad';
  const search = { status: one.status, span: days === 1 ? 'day' : days === 7 ? 'week' : 'month' };
  return (
    <li data-mood={mood}>
      <header>
        <Mark mood={mood}>{t(`statuses.${one.status}`)}</Mark>
        <Link to="/console/log" search={search as never}>
          {t('mailCount', { count: one.count, number: one.count.toLocaleString(language) })}
        </Link>
        <span className={css['share']} aria-hidden>
          <span data-mood={mood} style={{ width: `${share * 100}%` }} />
        </span>
        <span className={css['soft']}>
          <When atMs={one.lastAtMs} />
        </span>
      </header>
      <blockquote>{one.example.reply || one.cause}</blockquote>
      {one.means !== '' && (
        <p className={css['means']}>
          <IconBulb size={18} stroke={1.5} aria-hidden />
          <span>{one.means}</span>
        </p>
      )}
      <p className={css['soft']}>
        {t('domainsOf', { domains: one.domains.join(', ') })}
        {one.example.message !== '' && (
          <>
            {' · '}
            <Link to={`/console/journey/${one.example.message}`}>{t('example')}</Link>
          </>
        )}
      </p>
    </li>
  );
}

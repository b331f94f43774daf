/** The first look: one sentence of health and what to do, four figures with their week, what is open, and the first steps. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconExternalLink } from '@tabler/icons-react';
import type { QueueDestination, Readiness } from '../../../../src/httpd/admin-api/contract-mail.ts';
import type { MailCount } from '../../../../src/httpd/admin-api/contract-overview.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { Lines } from '../../parts/Lines.tsx';
import { Page, Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { Spark } from '../../parts/Spark.tsx';
import { lengthOfTime, When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useOutcomes } from '../deliverability/outcomes.ts';
import { FirstSteps } from './FirstSteps.tsx';
import { figuresOf, perMinute, slowDestinations, type Figure } from './figures.ts';
import { OutcomeChart } from './OutcomeChart.tsx';
import css from './Home.module.css';

const refreshMs = 15_000;

export function Home() {
  const { t } = useWords('console/home');
  const may = useMay();
  const counts = useQuery({
    queryKey: ['counts'],
    queryFn: () => admin.get<PageOf<MailCount>>('/log/counts', { days: 14 }),
    refetchInterval: refreshMs,
    enabled: may('stats:read'),
  });
  const queue = useQuery({
    queryKey: ['queue'],
    queryFn: () => admin.get<PageOf<QueueDestination>>('/queue'),
    refetchInterval: refreshMs,
    enabled: may('queue:read'),
  });
  const health = useQuery({
    queryKey: ['health'],
    queryFn: () => admin.get<Readiness>('/health'),
    refetchInterval: refreshMs,
    enabled: may('stats:read'),
  });
  const error = counts.error ?? queue.error;
  if (error) return <ProblemBox error={error} retry={() => void counts.refetch()} />;
  const items = counts.data?.items;
  const waiting = queue.data?.items ?? [];
  return (
    <Page title={t('title')}>
      <Health readiness={health.data} queue={queue.data?.items} />
      {items ? (
        <div className={css['figures']}>
          {figuresOf(items, waiting, Date.now()).map((figure) => (
            <FigureCard key={figure.name} figure={figure} perMinute={perMinute(items, Date.now())} />
          ))}
          <Latency />
        </div>
      ) : (
        <Lines count={3} />
      )}
      {items && items.length > 0 && (
        <Section title={t('outcomes')} text={t('outcomesText')}>
          <OutcomeChart items={items} />
        </Section>
      )}
      <Incidents readiness={health.data} queue={waiting} />
      <FirstSteps mailSeen={(items?.length ?? 0) > 0} />
    </Page>
  );
}

interface Known {
  readonly readiness: Readiness | undefined;
  readonly queue: readonly QueueDestination[] | undefined;
}

function Health({ readiness, queue }: Known) {
  const { t } = useWords('console/home');
  const bad = readiness?.checks.filter(({ ok }) => !ok) ?? [];
  const slow = slowDestinations(queue ?? [], Date.now());
  const isDown = readiness?.ready === false;
  const mood = isDown ? 'bad' : bad.length > 0 ? 'waiting' : 'good';
  const Mark = isDown ? IconCircleX : bad.length > 0 ? IconAlertTriangle : IconCircleCheck;
  const { language } = useWords('console/home');
  const flows = t(isDown ? 'stopped' : 'flows');
  const slowText = slow.length === 0 ? t('nothingSlow') : t('slow', { count: slow.length });
  const todo = bad.length === 0 ? t('nothingToDo') : t('toDo', { count: bad.length });
  return (
    <p className={css['health']} data-mood={mood} role="status">
      <Mark size={26} stroke={1.5} aria-hidden />
      <span>{[flows, slowText, todo].join(language === 'ja' ? '' : ' ')}</span>
    </p>
  );
}

/** From accepted to the 250 of others, of the last day. */
function Latency() {
  const { t, language } = useWords('console/home');
  const { data } = useOutcomes(1);
  if (!data || data.p50Ms === 0) return null;
  return (
    <Link to="/console/deliverability" search={{ days: '1' } as never} className={css['figure']!}>
      <span className={css['name']}>{t('figures.latency')}</span>
      <strong>{lengthOfTime(data.p50Ms, language)}</strong>
      <span className={css['before']}>{t('p99', { time: lengthOfTime(data.p99Ms, language) })}</span>
    </Link>
  );
}

interface FigureCardProps {
  readonly figure: Figure;
  /** Accepted in a minute, of the last hour. */
  readonly perMinute: number;
}

function FigureCard({ figure, perMinute: rate }: FigureCardProps) {
  const { t, language } = useWords('console/home');
  const number = new Intl.NumberFormat(
    language,
    figure.isShare ? { style: 'percent', maximumFractionDigits: 1 } : {},
  );
  const { now, before, values, mood, name, to } = figure;
  const change = before === undefined ? '' : t('lastWeek', { value: number.format(before) });
  const pace = name === 'accepted' ? ` · ${t('perMinute', { value: rate.toFixed(1) })}` : '';
  return (
    <Link to={to.path} search={to.search as never} className={css['figure']!}>
      <span className={css['name']}>{t(`figures.${name}`)}</span>
      <strong>{number.format(now)}</strong>
      <span className={css['before']}>{change + pace}</span>
      <Spark values={values} mood={mood} label={t('curve', { name: t(`figures.${name}`) })} />
    </Link>
  );
}

function Incidents({ readiness, queue }: Known) {
  const { t } = useWords('console/home');
  const bad = readiness?.checks.filter(({ ok }) => !ok) ?? [];
  const slow = slowDestinations(queue ?? [], Date.now());
  if (bad.length + slow.length === 0) return null;
  return (
    <Section title={t('incidents')}>
      <ul className={css['incidents']}>
        {bad.map(({ name, detail }) => (
          <li key={name + detail}>
            <IconAlertTriangle size={18} stroke={1.5} aria-hidden data-mood="bad" />
            <div>
              <strong>{name}</strong>
              <p>{detail}</p>
            </div>
          </li>
        ))}
        {slow.slice(0, 6).map(({ destination, waiting, oldestAtMs, last }) => (
          <li key={destination}>
            <IconAlertTriangle size={18} stroke={1.5} aria-hidden data-mood="waiting" />
            <div>
              <Link to="/console/queue" search={{ open: destination } as never}>
                {t('slowOne', { destination, count: waiting })} <IconExternalLink size={14} aria-hidden />
              </Link>
              <p>
                {t('since')} <When atMs={oldestAtMs} />
                {last && ` · ${last.reply}`}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

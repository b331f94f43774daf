/** One provider: its curve, its numbers with the lists behind them, and where to look on. */
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type {
  Deliverability,
  ProviderOutcomes,
} from '../../../../src/httpd/admin-api/contract-deliverability.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Drawer } from '../../parts/Page.tsx';
import { lengthOfTime, useNow } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import { stepsOf } from './outcomes.ts';
import css from './Deliverability.module.css';

const Bars = lazy(() => import('../../parts/Bars.tsx'));
const dayMs = 86_400_000;

interface ProviderDrawerProps {
  readonly answer: Deliverability;
  readonly provider: ProviderOutcomes;
  readonly onClose: () => void;
}

export function ProviderDrawer({ answer, provider, onClose }: ProviderDrawerProps) {
  const { t, language } = useWords('console/deliverability');
  const steps = stepsOf(answer, useNow());
  const name = new Intl.DateTimeFormat(
    language,
    answer.stepMs >= dayMs
      ? { month: 'numeric', day: 'numeric', timeZone: 'UTC' }
      : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  );
  const valuesOf = (field: 'delivered' | 'deferred' | 'bounced'): number[] =>
    steps.map((atMs) => provider.steps.find((step) => step.atMs === atMs)?.[field] ?? 0);
  const span = answer.stepMs >= dayMs ? (steps.length > 9 ? 'month' : 'week') : 'day';
  const list = (status: string, count: number) => (
    <Link key={status} to="/console/log" search={{ status, span } as never}>
      {count.toLocaleString(language)}
    </Link>
  );
  return (
    <Drawer title={provider.title || t('others')} onClose={onClose}>
      <Suspense fallback={<Lines count={5} />}>
        <Bars
          names={steps.map((atMs) => name.format(atMs))}
          series={[
            { name: t('delivered'), mood: 'good', values: valuesOf('delivered') },
            { name: t('deferred'), mood: 'waiting', values: valuesOf('deferred') },
            { name: t('bounced'), mood: 'bad', values: valuesOf('bounced') },
          ]}
          unit={t('mails')}
          label={t('curve', { name: provider.title || t('others') })}
        />
      </Suspense>
      <Facts
        items={[
          [t('delivered'), list('delivered', provider.delivered)],
          [t('deferred'), list('deferred', provider.deferred)],
          [t('bounced'), list('bounced', provider.bounced)],
          [t('complained'), list('complained', provider.complained)],
          [t('p50'), provider.p50Ms === 0 ? '' : lengthOfTime(provider.p50Ms, language)],
          [t('p99'), provider.p99Ms === 0 ? '' : lengthOfTime(provider.p99Ms, language)],
        ]}
      />
      <ul className={css['links']}>
        <li>
          <Link to="/console/queue" search={{ provider: provider.provider || '-' } as never}>
            {t('toQueue')}
          </Link>
        </li>
        <li>
          <Link to="/console/deliverability" search={{ tab: 'failures' } as never}>
            {t('toFailures')}
          </Link>
        </li>
      </ul>
    </Drawer>
  );
}

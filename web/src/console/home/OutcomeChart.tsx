/** Outcomes by day as stacked bars: pine, ochre, vermilion. The chart is a chunk of its own; the same numbers stand in a table behind a button. */
import { lazy, Suspense } from 'react';
import type { MailCount } from '../../../../src/httpd/admin-api/contract-overview.ts';
import { Lines } from '../../parts/Lines.tsx';
import { useWords } from '../../words.ts';

const Bars = lazy(() => import('../../parts/Bars.tsx'));
const dayMs = 86_400_000;
const days = 14;
const groups = {
  good: ['delivered', 'redirected'],
  waiting: ['queued', 'deferred', 'held'],
  bad: ['bounced', 'complained', 'refused'],
} as const;

export function OutcomeChart({ items }: { readonly items: readonly MailCount[] }) {
  const { t, language } = useWords('console/home');
  const today = new Date();
  const names = Array.from({ length: days }, (_, i) => {
    const day = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (days - 1 - i));
    return new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' }).format(day);
  });
  const start = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (days - 1)).getTime();
  const series = (Object.keys(groups) as (keyof typeof groups)[]).map((mood) => {
    const values = Array.from({ length: days }, () => 0);
    for (const { atMs, status, count } of items) {
      const day = Math.floor((atMs - start) / dayMs);
      if (day >= 0 && day < days && (groups[mood] as readonly string[]).includes(status))
        values[day]! += count;
    }
    return { name: t(`series.${mood}`), mood, values };
  });
  return (
    <Suspense fallback={<Lines count={6} />}>
      <Bars names={names} series={series} unit={t('unit')} label={t('outcomes')} />
    </Suspense>
  );
}

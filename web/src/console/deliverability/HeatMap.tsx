/** Provider by hour or day: how much of the mail tried did not get there. A table underneath, so that each cell can be read out. */
import type {
  Deliverability,
  ProviderOutcomes,
} from '../../../../src/httpd/admin-api/contract-deliverability.ts';
import { useNow } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import { stepsOf, tried, troubled } from './outcomes.ts';
import css from './Deliverability.module.css';

const dayMs = 86_400_000;

interface HeatMapProps {
  readonly answer: Deliverability;
  readonly onOpen: (provider: string) => void;
}

export function HeatMap({ answer, onOpen }: HeatMapProps) {
  const { t, language } = useWords('console/deliverability');
  const steps = stepsOf(answer, useNow());
  const byDay = answer.stepMs >= dayMs;
  const name = new Intl.DateTimeFormat(
    language,
    byDay ? { month: 'numeric', day: 'numeric', timeZone: 'UTC' } : { hour: '2-digit', hourCycle: 'h23' },
  );
  const every = Math.ceil(steps.length / 12);
  return (
    <div className={css['map']} tabIndex={0} role="region" aria-label={t('map')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('provider')}</th>
            {steps.map((atMs, i) => (
              <th key={atMs} scope="col">
                <span className={i % every === 0 ? undefined : 'visually-hidden'}>{name.format(atMs)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer.items.map((one) => (
            <tr key={one.provider}>
              <th scope="row">
                <button type="button" onClick={() => onOpen(one.provider || '-')}>
                  {one.title || t('others')}
                </button>
              </th>
              {steps.map((atMs) => (
                <Cell key={atMs} step={one.steps.find((step) => step.atMs === atMs)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ step }: { readonly step: ProviderOutcomes['steps'][number] | undefined }) {
  const { t } = useWords('console/deliverability');
  if (!step) return <td />;
  const share = troubled(step);
  const text = t('cell', {
    count: tried(step),
    delivered: step.delivered,
    deferred: step.deferred,
    bounced: step.bounced,
  });
  const worst = step.bounced >= step.deferred ? 'var(--shu)' : 'var(--oudo)';
  const background =
    share === 0
      ? 'color-mix(in srgb, var(--matsu) 45%, var(--surface))'
      : `color-mix(in srgb, ${worst} ${Math.round(30 + share * 70)}%, var(--surface))`;
  return (
    <td title={text} style={{ background }}>
      <span className="visually-hidden">{text}</span>
    </td>
  );
}

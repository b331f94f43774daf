/** Warm-ups: what a new address or domain may send to each receiver day by day, where it is now, and how much it has sent. */
import { useQuery } from '@tanstack/react-query';
import { IconFlame } from '@tabler/icons-react';
import type { WarmUpItem } from '../../../../src/httpd/admin-api/contract-deliverability.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { useWords } from '../../words.ts';
import css from './Deliverability.module.css';

const refreshMs = 30_000;

export function WarmUps() {
  const { t } = useWords('console/deliverability');
  const { data, error, refetch } = useQuery({
    queryKey: ['warmUps'],
    queryFn: () => admin.get<PageOf<WarmUpItem>>('/deliverability/warm-ups'),
    refetchInterval: refreshMs,
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines />;
  if (data.items.length === 0)
    return <Empty icon={IconFlame} title={t('noWarmUps')} text={t('noWarmUpsText')} />;
  return [...Map.groupBy(data.items, ({ source }) => source)].map(([source, items]) => (
    <Section key={source} title={source}>
      <ul className={css['warm']}>
        {items.map((one) => (
          <li key={one.receiver}>
            <div>
              <strong>{one.receiverTitle}</strong>
              <p className={css['soft']}>{textOf(one, t)}</p>
              {one.bad && <Mark mood="waiting">{t('badSign')}</Mark>}
            </div>
            <Curve one={one} />
          </li>
        ))}
      </ul>
    </Section>
  ));
}

function textOf(
  { day, sent, plan }: WarmUpItem,
  t: (key: string, values: Readonly<Record<string, number>>) => string,
): string {
  if (day > plan.length) return t('isWarm', {});
  return t('warmDay', { day, days: plan.length, sent, part: plan[Math.max(0, day - 1)] ?? 0 });
}

const width = 320;
const height = 72;

/** The plan as bars, those that are done in pine, that of now with what it has sent. */
function Curve({ one }: { readonly one: WarmUpItem }) {
  const { t } = useWords('console/deliverability');
  const { plan, day, sent } = one;
  const most = Math.log(Math.max(2, ...plan));
  const barWidth = width / plan.length;
  const high = (copies: number): number => (Math.log(Math.max(1, copies)) / most) * height;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={css['plan']} role="img" aria-label={textOf(one, t)}>
      {plan.map((part, i) => {
        const state = i + 1 < day ? 'done' : i + 1 === day ? 'now' : 'ahead';
        return (
          <rect
            key={i}
            data-state={state}
            x={i * barWidth + 1}
            y={height - high(part)}
            width={Math.max(1, barWidth - 2)}
            height={high(part)}
          />
        );
      })}
      {day >= 1 && day <= plan.length && (
        <rect
          data-state="sent"
          x={(day - 1) * barWidth + 1}
          y={height - high(sent)}
          width={Math.max(1, barWidth - 2)}
          height={high(sent)}
        />
      )}
    </svg>
  );
}

/** Everything that happened, one under the other, with a bar for what took time: the waterfall. */
import { useState } from 'react';
import type { JourneyStep } from '../../../../src/httpd/admin-api/contract-mail.ts';
import { Mark } from '../../parts/Mark.tsx';
import { exactTime, lengthOfTime } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import { Attempt } from './Attempt.tsx';
import type { LedgerEvent } from './stations.ts';
import css from './Steps.module.css';

interface StepsProps {
  readonly steps: readonly JourneyStep[];
  readonly events: readonly LedgerEvent[];
}

export function Steps({ steps, events }: StepsProps) {
  const { t, language } = useWords('console/journey');
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const wholeMs = Math.max(1, ...steps.map(({ sinceStartMs }) => sinceStartMs));
  const tookOf = (seq: number): number => {
    const event = events.find((each) => each.seq === seq);
    return event && 'ms' in event.data && typeof event.data.ms === 'number' ? event.data.ms : 0;
  };
  return (
    <ol className={css['steps']}>
      {steps.map((step) => {
        const isOpen = open.has(step.seq);
        const took = Math.min(tookOf(step.seq), step.sinceStartMs);
        return (
          <li key={step.seq}>
            <button
              type="button"
              aria-expanded={isOpen}
              onClick={() =>
                setOpen(
                  isOpen
                    ? new Set([...open].filter((each) => each !== step.seq))
                    : new Set([...open, step.seq]),
                )
              }
            >
              <time dateTime={new Date(step.atMs).toISOString()} title={exactTime(step.atMs, language)}>
                +{lengthOfTime(step.sinceStartMs, language)}
              </time>
              <span className={css['bar']} aria-hidden>
                <span
                  data-mood={step.mood}
                  style={{
                    left: `${((step.sinceStartMs - took) / wholeMs) * 100}%`,
                    width: `${(took / wholeMs) * 100}%`,
                  }}
                />
              </span>
              <Mark mood={step.mood}>{t(`moods.${step.mood}`)}</Mark>
              <span className={css['headline']}>{step.headline}</span>
            </button>
            {isOpen && tried(events, step.seq)}
            {isOpen && (
              <ul>
                {step.details.map((detail) => (
                  <li key={detail}>{detail}</li>
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** The waterfall of a step that was a try at a server. */
function tried(events: readonly LedgerEvent[], seq: number) {
  const event = events.find((each) => each.seq === seq);
  return event?.is === 'attempted' || event?.is === 'delivered' ? <Attempt event={event} /> : null;
}

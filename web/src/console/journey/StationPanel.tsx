/** What happened at one station: in words, then what a server answered word for word, what that means, and what can be done. */
import { Button, Collapse } from '@mantine/core';
import { IconBulb, IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import type { JourneyStep } from '../../../../src/httpd/admin-api/contract-mail.ts';
import { useWords } from '../../words.ts';
import { replyOf } from './replies.ts';
import type { LedgerEvent, Station } from './stations.ts';
import css from './Journey.module.css';

interface StationPanelProps {
  readonly station: Station;
  readonly steps: readonly JourneyStep[];
  readonly events: readonly LedgerEvent[];
}

export function StationPanel({ station, steps, events }: StationPanelProps) {
  const { t } = useWords('console/journey');
  const [open, setOpen] = useState(false);
  const here = steps.filter(({ seq }) => station.seqs.includes(seq));
  const last = here.at(-1);
  const said = replyOf(events.filter(({ seq }) => station.seqs.includes(seq)));
  const details = here.flatMap((step) => step.details);
  const { meaning, others } = sortDetails(details, said?.reply ?? '');
  return (
    <section className={css['panel']} data-mood={station.mood} aria-live="polite">
      <h2>{last?.headline ?? t(`stations.${station.name}`)}</h2>
      {said && said.reply !== '' && (station.mood === 'bad' || station.mood === 'waiting') && (
        <div className={css['said']}>
          <figure>
            <figcaption>{t('saidBy', { host: said.host || t('theServer') })}</figcaption>
            <blockquote>{said.reply}</blockquote>
          </figure>
          {meaning !== undefined && (
            <p>
              <IconBulb size={18} stroke={1.5} aria-hidden />
              <span>{meaning}</span>
            </p>
          )}
        </div>
      )}
      <ul className={css['details']}>
        {[...new Set(others)].map((detail) => (
          <li key={detail}>{detail}</li>
        ))}
      </ul>
      {here.length > 0 && (
        <>
          <Button
            variant="subtle"
            size="compact-sm"
            rightSection={
              <IconChevronDown size={14} className={css['chevron']} data-open={open || undefined} />
            }
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {t('transcript')}
          </Button>
          <Collapse expanded={open}>
            <pre className={css['raw']} tabIndex={0}>
              {events
                .filter(({ seq }) => station.seqs.includes(seq))
                .map((event) => JSON.stringify(event, undefined, 2))
                .join('\n')}
            </pre>
          </Collapse>
        </>
      )}
    </section>
  );
}

/** The sentence that says what a reply means stands by itself; the reply itself is quoted already. */
function sortDetails(
  details: readonly string[],
  reply: string,
): { readonly meaning: string | undefined; readonly others: readonly string[] } {
  const shape = /^(?:this means|意味)\s*[:：]\s*/i;
  const meaning = details.findLast((detail) => shape.test(detail))?.replace(shape, '');
  const others = details.filter((detail) => !shape.test(detail) && (reply === '' || !detail.includes(reply)));
  return { meaning, others };
}

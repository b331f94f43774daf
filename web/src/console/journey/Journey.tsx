/** The journey of a mail: one line of stations with the times between them; a failed station is open, with its reply, its meaning and what to do. */
import { SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { IconRoute } from '@tabler/icons-react';
import { useState } from 'react';
import type { Journey as JourneyAnswer } from '../../../../src/httpd/admin-api/contract-mail.ts';
import { admin } from '../../api/client.ts';
import { Copy } from '../../parts/Copy.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Page, Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { exactTime } from '../../parts/When.tsx';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { Line } from './Line.tsx';
import { StationPanel } from './StationPanel.tsx';
import { Steps } from './Steps.tsx';
import { eventsFor, recipientsOf, stationsOf, type LedgerEvent, type StationName } from './stations.ts';
import css from './Journey.module.css';

type Told = Extract<JourneyAnswer, { is: 'message' }>;
const refreshMs = 3000;

export function Journey() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, language } = useWords('console/journey');
  const { data, error, refetch } = useQuery({
    queryKey: ['journey', id, language],
    queryFn: () => admin.get<JourneyAnswer>('/journey', { q: id, language }),
    // It goes on while one looks.
    refetchInterval: refreshMs,
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data)
    return (
      <Page title={t('title')}>
        <Lines />
      </Page>
    );
  if (data.is === 'several') return <Several answer={data} />;
  return <Told answer={data} />;
}

function Several({ answer }: { readonly answer: Extract<JourneyAnswer, { is: 'several' }> }) {
  const { t, language } = useWords('console/journey');
  return (
    <Page title={t('title')}>
      {answer.found.length === 0 ? (
        <Empty icon={IconRoute} title={t('unknown')} text={t('unknownText')} />
      ) : (
        <Section title={t('several')}>
          <ul>
            {answer.found.map(({ message, at }) => (
              <li key={message}>
                <a href={`/console/journey/${message}`}>{message}</a> {exactTime(at, language)}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

function Told({ answer }: { readonly answer: Told }) {
  const { t, language } = useWords('console/journey');
  const [filters, setFilters] = useFilters();
  const events = answer.events as LedgerEvent[];
  const recipients = recipientsOf(events);
  const recipient = recipients.find((each) => each === filters['to']) ?? recipients[0] ?? '';
  const mine = eventsFor(events, recipient);
  const stations = stationsOf(mine);
  const failed =
    stations.find(({ mood }) => mood === 'bad') ?? stations.find(({ mood }) => mood === 'waiting');
  const [chosen, setChosen] = useState<StationName | undefined>();
  const station =
    stations.find(({ name }) => name === chosen) ??
    failed ??
    stations.findLast(({ mood }) => mood !== 'ahead');
  const accepted = events.find((event) => event.is === 'accepted');
  const head = accepted?.is === 'accepted' ? accepted.data : undefined;
  const seqs = new Set(mine.map(({ seq }) => seq));
  return (
    <Page
      title={head?.subject || t('noSubject')}
      text={
        <span className={css['lead']}>
          {head?.sender || '<>'} →{' '}
          {recipients.length === 1 ? recipient : t('recipients', { count: recipients.length })} ·{' '}
          {exactTime(answer.steps[0]?.atMs ?? 0, language)} · <code>{answer.message}</code>
          <Copy text={answer.message} label={t('copyId')} />
        </span>
      }
    >
      {recipients.length > 1 && (
        <Recipients recipients={recipients} value={recipient} onChange={(to) => setFilters({ to })} />
      )}
      <Line stations={stations} chosen={station?.name} onChoose={setChosen} />
      {station && <StationPanel station={station} steps={answer.steps} events={mine} />}
      <Section title={t('everything')} text={t('everythingText')}>
        <Steps steps={answer.steps.filter((step) => seqs.has(step.seq))} events={mine} />
      </Section>
    </Page>
  );
}

interface RecipientsProps {
  readonly recipients: readonly string[];
  readonly value: string;
  readonly onChange: (recipient: string) => void;
}

const asTabsMax = 3;

function Recipients({ recipients, value, onChange }: RecipientsProps) {
  const { t } = useWords('console/journey');
  if (recipients.length <= asTabsMax && recipients.join('').length < 90)
    return (
      <SegmentedControl
        mb={12}
        aria-label={t('recipient')}
        data={[...recipients]}
        value={value}
        onChange={onChange}
        className={css['recipients']!}
      />
    );
  return (
    <Select
      mb={12}
      w={360}
      maw="100%"
      searchable
      allowDeselect={false}
      aria-label={t('recipient')}
      data={[...recipients]}
      value={value}
      onChange={(next) => next !== null && onChange(next)}
    />
  );
}

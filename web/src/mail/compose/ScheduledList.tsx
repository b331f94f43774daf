/** What waits for its time. */
import { Button } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { Dialog } from './Dialog.tsx';
import { jmapSession, submission } from '../jmap/client.ts';
import type { Id, Identity } from '../jmap/types.ts';
import { takeBack } from './message.ts';
import { laterText } from './Notices.tsx';
import { rescheduled } from './reschedule.ts';
import { type Scheduled, scheduledQuery } from './scheduled.ts';
import { SendLater } from './SendLater.tsx';
import css from './compose.module.css';

interface ScheduledListProps {
  readonly account: Id;
  readonly identities: readonly Identity[];
  readonly boxes: { readonly drafts: Id; readonly sent: Id };
  readonly onClose: () => void;
  /** Opens a draft. */
  readonly onOpen: (email: Id) => void;
}

export function ScheduledList({ account, identities, boxes, onClose, onOpen }: ScheduledListProps) {
  const { t, language } = useWords('mail/compose');
  const client = useQueryClient();
  const { data: session } = useSuspenseQuery(jmapSession);
  const delayMax = Number(
    session.accounts[account]?.accountCapabilities[submission]?.['maxDelayedSend'] ?? 0,
  );
  const { data, error, refetch } = useQuery(scheduledQuery(account));
  const [busy, setBusy] = useState<Id | undefined>();
  const [moving, setMoving] = useState<Scheduled | undefined>();
  const run = async (each: Scheduled, deed: () => Promise<void>): Promise<void> => {
    setBusy(each.submission);
    try {
      await deed();
    } catch (problem) {
      toastError(problem);
    } finally {
      setBusy(undefined);
      void client.invalidateQueries({ queryKey: ['mail', account] });
    }
  };
  const cancel = (each: Scheduled): void =>
    void run(each, async () => {
      await takeBack(account, each.submission, boxes);
      toast({ text: t('isDraftAgain') });
    });
  const edit = (each: Scheduled): void =>
    void run(each, async () => {
      await takeBack(account, each.submission, boxes);
      onClose();
      onOpen(each.email);
    });
  if (moving !== undefined)
    return (
      <SendLater
        initialMs={moving.sendAtMs}
        maxSeconds={delayMax}
        onClose={() => setMoving(undefined)}
        onChoose={(ms) => {
          setMoving(undefined);
          void run(moving, async () => {
            await rescheduled({ account, boxes, identities }, moving, ms);
            toast({ text: t('scheduled', { time: laterText(ms, language) }), mood: 'good' });
          });
        }}
      />
    );
  return (
    <Dialog title={t('scheduledMail')} width={640} onClose={onClose}>
      {error && <ProblemBox error={error} retry={() => void refetch()} />}
      {!error && data === undefined && <Lines count={3} />}
      {data?.length === 0 && (
        <Empty icon={IconClock} title={t('noneScheduled')} text={t('noneScheduledText')} />
      )}
      <ul className={css['waiting']} aria-label={t('scheduledMail')}>
        {data?.map((each) => (
          <li key={each.submission}>
            <div className={css['waitingWhat']}>
              <strong>{each.subject || t('noSubject')}</strong>
              <span>{each.to.join(', ')}</span>
              <time dateTime={new Date(each.sendAtMs).toISOString()}>
                {t('leavesAt', { time: laterText(each.sendAtMs, language) })}
              </time>
            </div>
            <div className={css['waitingDeeds']}>
              <Button
                size="compact-sm"
                variant="default"
                disabled={busy !== undefined}
                onClick={() => setMoving(each)}
              >
                {t('changeTime')}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                disabled={busy !== undefined}
                onClick={() => edit(each)}
              >
                {t('edit')}
              </Button>
              <Button
                size="compact-sm"
                variant="subtle"
                color="shu"
                loading={busy === each.submission}
                disabled={busy !== undefined}
                onClick={() => cancel(each)}
              >
                {t('cancelSending')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

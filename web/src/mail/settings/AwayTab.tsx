/** The answer while away (VacationResponse, RFC 8621, 8). */
import { Button, Switch, TextInput, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { queries } from '../../api/queries.ts';
import { Lines } from '../../parts/Lines.tsx';
import { Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { useAccount } from '../data/mailboxes.ts';
import { checked, jmap } from '../jmap/client.ts';
import type { Id } from '../jmap/types.ts';
import css from './settings.module.css';

const vacation = 'urn:ietf:params:jmap:vacationresponse';

interface Away {
  readonly isEnabled: boolean;
  readonly fromDate: string | null;
  readonly toDate: string | null;
  readonly subject: string | null;
  readonly textBody: string | null;
}

const awayKey = (account: Id) => ['mail', account, 'away'] as const;

async function readAway(account: Id, signal: AbortSignal): Promise<Away> {
  const { v } = await jmap([['VacationResponse/get', { accountId: account, ids: ['singleton'] }, 'v']], {
    using: [vacation],
    signal,
  });
  return (v!['list'] as readonly Away[])[0]!;
}

async function storeAway(account: Id, update: Partial<Away> & { readonly htmlBody: null }): Promise<void> {
  const { v } = await jmap(
    [['VacationResponse/set', { accountId: account, update: { singleton: update } }, 'v']],
    {
      using: [vacation],
    },
  );
  checked(v);
  await queries.invalidateQueries({ queryKey: awayKey(account) });
}

export default function AwayTab() {
  const { t } = useWords('mail/settings');
  const account = useAccount();
  const { data, error, refetch } = useQuery({
    queryKey: awayKey(account),
    queryFn: ({ signal }) => readAway(account, signal),
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  return (
    <Section title={t('away.title')} text={t('away.text')}>
      {data ? <AwayForm key={JSON.stringify(data)} account={account} away={data} /> : <Lines count={4} />}
    </Section>
  );
}

function AwayForm({ account, away }: { readonly account: Id; readonly away: Away }) {
  const { t } = useWords('mail/settings');
  const [on, setOn] = useState(away.isEnabled);
  const [from, setFrom] = useState(dayOf(away.fromDate));
  const [to, setTo] = useState(dayOf(away.toDate, -1));
  const [subject, setSubject] = useState(away.subject ?? '');
  const [text, setText] = useState(away.textBody ?? '');
  const wrong = from !== '' && to !== '' && to < from;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wrong) return;
    storeAway(account, {
      isEnabled: on,
      fromDate: from === '' ? null : startOf(from),
      // The last day is one on which it still answers.
      toDate: to === '' ? null : startOf(to, 1),
      subject: subject.trim() === '' ? null : subject.trim(),
      textBody: text.trim() === '' ? null : text,
      htmlBody: null,
    }).then(() => toast({ text: t(on ? 'away.isOn' : 'away.isOff'), mood: 'good' }), toastError);
  };
  return (
    <form className={css['stack']} onSubmit={submit}>
      <Switch label={t('away.on')} checked={on} onChange={(event) => setOn(event.currentTarget.checked)} />
      <div className={css['pair']}>
        <TextInput
          type="date"
          label={t('away.from')}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('away.to')}
          value={to}
          error={wrong ? t('away.wrong') : undefined}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </div>
      <TextInput
        label={t('away.subject')}
        placeholder={t('away.subjectHint')}
        value={subject}
        maxLength={200}
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      <Textarea
        label={t('away.words')}
        placeholder={t('away.wordsHint')}
        autosize
        minRows={6}
        maxRows={20}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={css['foot']}>
        <Button type="submit">{t('save')}</Button>
      </div>
    </form>
  );
}

/** A day of the reader's own time zone, as a field for dates has it. */
function dayOf(at: string | null, plusDays = 0): string {
  if (at === null) return '';
  const day = new Date(at);
  day.setDate(day.getDate() + plusDays);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function startOf(day: string, plusDays = 0): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + plusDays);
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

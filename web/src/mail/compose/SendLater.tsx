/** When a mail is to leave: times that one often means, or any other. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../../words.ts';
import { Dialog } from './Dialog.tsx';
import { laterText } from './Notices.tsx';
import { localTime, presets } from './times.ts';
import css from './compose.module.css';

interface SendLaterProps {
  readonly initialMs: number | undefined;
  /** As long as the server keeps mail for its time. */
  readonly maxSeconds: number;
  readonly onClose: () => void;
  readonly onChoose: (ms: number) => void;
}

export function SendLater({ initialMs, maxSeconds, onClose, onChoose }: SendLaterProps) {
  const { t, language } = useWords('mail/compose');
  const [nowMs] = useState(() => Date.now());
  const choices = presets(nowMs);
  const [typed, setTyped] = useState(localTime(initialMs ?? choices[0]!.ms));
  const ms = new Date(typed).getTime();
  const problem = Number.isNaN(ms)
    ? t('noTime')
    : ms <= Date.now()
      ? t('timePast')
      : ms > nowMs + maxSeconds * 1000
        ? t('timeFar', { days: Math.floor(maxSeconds / 86_400) })
        : undefined;
  return (
    <Dialog title={t('later')} width={420} onClose={onClose}>
      <ul className={css['times']}>
        {choices.map(({ key, ms: at }) => (
          <li key={key}>
            <Button
              variant="default"
              fullWidth
              justify="space-between"
              onClick={() => onChoose(at)}
              rightSection={<span className={css['time']}>{laterText(at, language)}</span>}
            >
              {t(`times.${key}`)}
            </Button>
          </li>
        ))}
      </ul>
      <form
        className="form-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === undefined) onChoose(ms);
        }}
      >
        <TextInput
          type="datetime-local"
          label={t('otherTime')}
          value={typed}
          min={localTime(nowMs)}
          error={problem}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <p className={css['zone']}>{t('zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}</p>
        <div className="form-foot">
          <Button type="submit" disabled={problem !== undefined}>
            {t('chooseTime')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A row of the list: who, subject, preview, time, marks. Unread by weight. */
import { Checkbox } from '@mantine/core';
import { IconPaperclip, IconStar, IconStarFilled } from '@tabler/icons-react';
import type { MouseEvent } from 'react';
import { exactTime } from '../../parts/When.tsx';
import { useWords, type Language } from '../../words.ts';
import type { EmailAddress, EmailRow } from '../jmap/types.ts';
import { labelsOf } from '../data/label-keyword.ts';
import { useLabels } from '../data/labels.ts';
import { LabelChip } from './LabelChip.tsx';
import css from './list.module.css';

interface RowProps {
  readonly row: EmailRow;
  readonly count: number;
  /** Show whom it is to: in Sent and Drafts. */
  readonly outgoing: boolean;
  readonly open: boolean;
  readonly current: boolean;
  readonly chosen: boolean;
  readonly onOpen: () => void;
  readonly onChoose: (range: boolean) => void;
  readonly onStar: () => void;
}

export function Row({ row, count, outgoing, open, current, chosen, onOpen, onChoose, onStar }: RowProps) {
  const { t, language } = useWords('mail');
  const unread = row.keywords['$seen'] === undefined;
  const starred = row.keywords['$flagged'] !== undefined;
  const people = outgoing ? row.to : row.from;
  const who = namesOf(people) || t(outgoing ? 'noRecipient' : 'noSender');
  const labels = labelsOf(row, useLabels());
  const within = (event: MouseEvent): void => event.stopPropagation();
  return (
    <div
      className={css['row']}
      data-unread={unread || undefined}
      data-open={open || undefined}
      data-current={current || undefined}
      data-chosen={chosen || undefined}
      onClick={onOpen}
      draggable
      onDragStart={(event) => event.dataTransfer.setData('application/x-hikyaku-mail', row.id)}
    >
      <span className={css['marks']} onClick={within}>
        <Checkbox
          size="xs"
          checked={chosen}
          aria-label={t('choose', { subject: row.subject ?? '' })}
          onChange={() => undefined}
          onClick={(event) => onChoose(event.shiftKey)}
        />
        <button
          type="button"
          className={css['star']}
          data-on={starred || undefined}
          aria-pressed={starred}
          aria-label={t('star')}
          onClick={onStar}
        >
          {starred ? <IconStarFilled size={16} /> : <IconStar size={16} stroke={1.5} />}
        </button>
      </span>
      <button
        type="button"
        className={css['words']}
        onClick={onOpen}
        aria-current={open ? 'true' : undefined}
      >
        <span className={css['who']}>
          {unread && <span className="visually-hidden">{t('unread')} </span>}
          <span>{who}</span>
          {count > 1 && <span className={css['count']}>{count}</span>}
        </span>
        <span className={css['subject']}>
          {labels.map((label) => (
            <LabelChip key={label.keyword} label={label} />
          ))}
          {row.subject?.trim() || t('noSubject')}
          {row.hasAttachment && <IconPaperclip size={14} stroke={1.5} aria-label={t('hasAttachment')} />}
        </span>
        <span className={css['preview']}>{row.preview}</span>
      </button>
      <time
        className={css['time']}
        dateTime={row.receivedAt}
        title={exactTime(Date.parse(row.receivedAt), language)}
      >
        {shortTime(Date.parse(row.receivedAt), language)}
      </time>
    </div>
  );
}

/** `髙橋 一郎`, or `髙橋, Smith, 佐藤` for several. */
export function namesOf(people: readonly EmailAddress[] | null): string {
  return (people ?? []).map(({ name, email }) => name?.trim() || email).join(', ');
}

/** The hour of today, the day of this year, else the date. */
export function shortTime(atMs: number, language: Language): string {
  const at = new Date(atMs);
  const now = new Date();
  if (at.toDateString() === now.toDateString())
    return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(at);
  return at.getFullYear() === now.getFullYear()
    ? new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' }).format(at)
    : new Intl.DateTimeFormat(language, { year: 'numeric', month: 'numeric', day: 'numeric' }).format(at);
}

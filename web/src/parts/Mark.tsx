/** A state: icon and word, and then colour. */
import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconClock,
  IconCircleDashed,
  IconX,
  type Icon,
} from '@tabler/icons-react';
import css from './Mark.module.css';

export type Mood = 'good' | 'neutral' | 'waiting' | 'bad';

const icons: Readonly<Record<Mood, Icon>> = {
  good: IconCheck,
  neutral: IconCircleDashed,
  waiting: IconClock,
  bad: IconX,
};

interface MarkProps {
  readonly mood: Mood;
  readonly children: string;
  readonly icon?: 'warning' | 'ban';
}

export function Mark({ mood, children, icon }: MarkProps) {
  const Sign = icon === 'warning' ? IconAlertTriangle : icon === 'ban' ? IconBan : icons[mood];
  return (
    <span className={css['mark']} data-mood={mood}>
      <Sign size={14} stroke={2} aria-hidden />
      {children}
    </span>
  );
}

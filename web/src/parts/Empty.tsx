/** An empty screen tells what will stand there, and offers one action. */
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './states.module.css';

interface EmptyProps {
  readonly icon: Icon;
  readonly title: string;
  readonly text?: string;
  readonly action?: ReactNode;
}

export function Empty({ icon: Mark, title, text, action }: EmptyProps) {
  return (
    <div className={css['state']}>
      <Mark size={36} stroke={1.25} aria-hidden className={css['mark']} />
      <p className={css['title']}>{title}</p>
      {text !== undefined && <p className={css['text']}>{text}</p>}
      {action}
    </div>
  );
}

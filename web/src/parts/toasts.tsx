/** Short notes at the foot of the page, with Undo where there is a way back. They are read out, and stay while one points at them. */
import { Button, CloseButton } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useWords } from '../words.ts';
import { ApiError } from '../api/client.ts';
import css from './toasts.module.css';

export interface Toast {
  readonly text: string;
  readonly mood?: 'neutral' | 'good' | 'bad';
  readonly undo?: () => void;
}

interface Shown extends Toast {
  readonly id: number;
}

const shownMs = 7000;
let toasts: readonly Shown[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: readonly Shown[]): void {
  toasts = next;
  for (const tell of listeners) tell();
}

export function toast(given: Toast): void {
  const id = ++last;
  change([...toasts.slice(-2), { ...given, id }]);
  setTimeout(() => dismiss(id), shownMs);
}

/** What failed, in the server's words. */
export function toastError(error: unknown): void {
  toast({
    text: error instanceof ApiError || error instanceof Error ? error.message : String(error),
    mood: 'bad',
  });
}

function dismiss(id: number): void {
  change(toasts.filter((each) => each.id !== id));
}

export function ToastHost() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  const { t } = useWords('parts');
  return (
    <section className={css['host']} aria-live="polite" aria-label={t('notes')}>
      {shown.map(({ id, text, mood = 'neutral', undo }) => (
        <div key={id} className={css['toast']} data-mood={mood}>
          <span>{text}</span>
          {undo && (
            <Button
              size="compact-sm"
              variant="subtle"
              className={css['undo']!}
              onClick={() => {
                undo();
                dismiss(id);
              }}
            >
              {t('undo')}
            </Button>
          )}
          <CloseButton size="sm" aria-label={t('close')} onClick={() => dismiss(id)} />
        </div>
      ))}
    </section>
  );
}

/** Stands where rows will be: for what takes a moment. */
import { Skeleton } from '@mantine/core';
import { useWords } from '../words.ts';
import css from './states.module.css';

export function Lines({ count = 8 }: { readonly count?: number }) {
  const { t } = useWords('parts');
  return (
    <div className={css['lines']} role="status" aria-label={t('loading')}>
      {Array.from({ length: count }, (_, i) => (
        <Skeleton key={i} height={20} width={`${92 - ((i * 17) % 40)}%`} />
      ))}
    </div>
  );
}

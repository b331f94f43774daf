/** What is done to waiting mail; holding and releasing can be undone. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { admin } from '../../api/client.ts';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';

export interface QueueDeed {
  readonly action: 'hold' | 'release' | 'retry' | 'delete';
  readonly filter: Readonly<Record<string, string>>;
}

const opposite = { hold: 'release', release: 'hold' } as const;

export function useQueueDeed() {
  const { t } = useWords('console/queue');
  const client = useQueryClient();
  const changed = () => void client.invalidateQueries({ queryKey: ['queue'] });
  const act = ({ action, filter }: QueueDeed) => admin.post<{ count: number }>(`/queue/${action}`, filter);
  return useMutation({
    mutationFn: act,
    onSuccess({ count }, { action, filter }) {
      changed();
      const back = action === 'hold' || action === 'release' ? opposite[action] : undefined;
      toast({
        text: t(`did.${action}`, { count }),
        mood: 'good',
        ...(back &&
          count > 0 && { undo: () => void act({ action: back, filter }).then(changed, toastError) }),
      });
    },
    onError: toastError,
  });
}

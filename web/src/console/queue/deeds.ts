/** What is done to waiting mail; holding and releasing can be undone. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { admin } from '../../api/client.ts';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';

export interface QueueDeed {
  readonly action: 'hold' | 'release' | 'retry' | 'delete';
  /** One call for each. */
  readonly filters: readonly Readonly<Record<string, string>>[];
}

const opposite = { hold: 'release', release: 'hold' } as const;

async function act({ action, filters }: QueueDeed): Promise<number> {
  let all = 0;
  for (const filter of filters)
    all += (await admin.post<{ count: number }>(`/queue/${action}`, filter)).count;
  return all;
}

export function useQueueDeed() {
  const { t } = useWords('console/queue');
  const client = useQueryClient();
  const changed = () => void client.invalidateQueries({ queryKey: ['queue'] });
  return useMutation({
    mutationFn: act,
    onSuccess(count, { action, filters }) {
      changed();
      const back = action === 'hold' || action === 'release' ? opposite[action] : undefined;
      toast({
        text: t(`did.${action}`, { count }),
        mood: 'good',
        ...(back &&
          count > 0 && { undo: () => void act({ action: back, filters }).then(changed, toastError) }),
      });
    },
    onError: toastError,
  });
}

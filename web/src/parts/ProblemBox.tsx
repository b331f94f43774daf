/** What failed: what happened, why, and what can be done. */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import { ApiError } from '../api/client.ts';
import { useWords } from '../words.ts';
import { Empty } from './Empty.tsx';

interface ProblemBoxProps {
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
}

export function ProblemBox({ error, retry }: ProblemBoxProps) {
  const { t } = useWords('parts');
  const again = retry && (
    <Button variant="default" onClick={retry}>
      {t('retry')}
    </Button>
  );
  if (error instanceof ApiError && error.status === 403)
    return <Empty icon={IconLock} title={t('notAllowed')} text={t('notAllowedText')} />;
  if (error instanceof TypeError && /fetch|network/i.test(error.message))
    return <Empty icon={IconPlugConnectedX} title={t('offline')} text={t('offlineText')} action={again} />;
  const text = error instanceof Error ? error.message : String(error);
  return <Empty icon={IconAlertTriangle} title={t('failed')} text={text} action={again} />;
}

/** Files that one has handed out: how often each was fetched, until when it can be, and an end to it. */
import { Button } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Copy } from '../../parts/Copy.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { bytesText } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import { Dialog } from './Dialog.tsx';
import { endLink, sharedFilesKey, sharedFilesQuery, urlOf } from './hand-out.ts';
import css from './compose.module.css';

export function SharedFilesList({ onClose }: { readonly onClose: () => void }) {
  const { t, language } = useWords('mail/compose');
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(sharedFilesQuery);
  const [busy, setBusy] = useState<string | undefined>();
  const end = async (id: string): Promise<void> => {
    setBusy(id);
    try {
      await endLink(id);
      toast({ text: t('linkEnded') });
    } catch (problem) {
      toastError(problem);
    } finally {
      setBusy(undefined);
      void client.invalidateQueries({ queryKey: sharedFilesKey });
    }
  };
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <Dialog title={t('sharedFiles')} width={680} onClose={onClose}>
      {error && <ProblemBox error={error} retry={() => void refetch()} />}
      {!error && data === undefined && <Lines count={3} />}
      {data?.items.length === 0 && (
        <Empty icon={IconLink} title={t('noSharedFiles')} text={t('noSharedFilesText')} />
      )}
      <ul className={css['waiting']} aria-label={t('sharedFiles')}>
        {data?.items.map((file) => (
          <li key={file.id}>
            <div className={css['waitingWhat']}>
              <strong>{file.name}</strong>
              <span>
                {bytesText(file.size, language)} · {t('linkUntil', { date: date.format(file.expiresAt) })}
                {file.hasPassword && ` · ${t('withPassword')}`}
              </span>
              <span>
                {t('fetched', { count: file.downloads })}
                {file.downloadsMax !== null && ` / ${file.downloadsMax}`}
              </span>
            </div>
            <div className={css['waitingDeeds']}>
              <Copy text={urlOf(file)} label={t('copyLink')} />
              <Button
                size="compact-sm"
                variant="subtle"
                color="shu"
                loading={busy === file.id}
                onClick={() => void end(file.id)}
              >
                {t('endLink')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

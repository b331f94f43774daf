/** A file that is too large to attach: a link in its place, for a time, with a password if one likes. */
import { Button, NumberInput, Progress, TextInput } from '@mantine/core';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { toastError } from '../../parts/toasts.tsx';
import { bytesText } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import { Dialog } from './Dialog.tsx';
import { changeLink, handOut, sharedFilesKey, sharedFilesQuery, urlOf } from './hand-out.ts';
import type { LinkLine } from './insert-link.ts';
import css from './compose.module.css';

interface LargeFileProps {
  readonly file: File;
  /** It may still be attached. */
  readonly onAttach: (() => void) | undefined;
  readonly onLink: (line: LinkLine) => void;
  readonly onClose: () => void;
}

export function LargeFile({ file, onAttach, onLink, onClose }: LargeFileProps) {
  const { t, language } = useWords('mail/compose');
  const client = useQueryClient();
  const {
    data: { limits },
  } = useSuspenseQuery(sharedFilesQuery);
  const [days, setDays] = useState<number | string>(limits.days);
  const [password, setPassword] = useState('');
  const [downloads, setDownloads] = useState<number | string>('');
  const [sent, setSent] = useState<number | undefined>();
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setSent(0);
    try {
      const made = await handOut(file, limits.pieceMaxBytes, setSent);
      const shared = await changeLink(made.id, {
        days: Number(days) || limits.days,
        ...(password !== '' && { password }),
        ...(downloads !== '' && { downloadsMax: Number(downloads) }),
      });
      const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(shared.expiresAt);
      const facts = t('linkFacts', { size: bytesText(shared.size, language), date });
      onLink({ name: shared.name, url: urlOf(shared), facts });
      void client.invalidateQueries({ queryKey: sharedFilesKey });
      onClose();
    } catch (error) {
      toastError(error);
      setSent(undefined);
    }
  };
  const tooLarge = file.size > limits.fileMaxBytes;
  return (
    <Dialog title={t('largeFile')} width={480} onClose={onClose}>
      <form className="form-stack" onSubmit={(event) => void send(event)}>
        <p className={css['large']}>
          <strong>{file.name}</strong> {bytesText(file.size, language)}
        </p>
        {tooLarge ? (
          <p role="alert" className="form-problem">
            {t('tooLargeForLink', { size: bytesText(limits.fileMaxBytes, language) })}
          </p>
        ) : (
          <>
            <p className={css['zone']}>{t('largeFileText')}</p>
            <NumberInput
              label={t('linkDays')}
              value={days}
              min={1}
              max={limits.daysMax}
              clampBehavior="strict"
              allowDecimal={false}
              onChange={setDays}
            />
            <TextInput
              label={t('linkPassword')}
              description={t('linkPasswordText')}
              value={password}
              maxLength={200}
              autoComplete="off"
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <NumberInput
              label={t('linkDownloads')}
              description={t('linkDownloadsText')}
              value={downloads}
              min={1}
              max={100_000}
              clampBehavior="strict"
              allowDecimal={false}
              onChange={setDownloads}
            />
          </>
        )}
        {sent !== undefined && <Progress value={sent * 100} aria-label={t('uploading')} />}
        <div className="form-foot">
          {onAttach && (
            <Button variant="default" disabled={sent !== undefined} onClick={onAttach}>
              {t('attachAnyway')}
            </Button>
          )}
          <Button type="submit" disabled={tooLarge} loading={sent !== undefined}>
            {t('sendAsLink')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What is attached. */
import { CloseButton } from '@mantine/core';
import { bytesText } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import type { DraftFile } from './draft.ts';
import css from './compose.module.css';

interface FilesProps {
  readonly files: readonly DraftFile[];
  readonly onRemove: (file: DraftFile) => void;
}

export function Files({ files, onRemove }: FilesProps) {
  const { t, language } = useWords('mail/compose');
  if (files.length === 0) return null;
  return (
    <ul className={css['files']} aria-label={t('attachments')}>
      {files.map((file) => (
        <li key={file.blobId}>
          <span>{file.name || t('unnamed')}</span> <small>{bytesText(file.size, language)}</small>
          <CloseButton
            size="xs"
            aria-label={t('removeFile', { name: file.name })}
            onClick={() => onRemove(file)}
          />
        </li>
      ))}
    </ul>
  );
}

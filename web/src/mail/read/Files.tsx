/** Attachments: each is a file to keep; pictures are looked at here. */
import { ActionIcon, Modal } from '@mantine/core';
import { IconDownload, IconEye } from '@tabler/icons-react';
import { useState } from 'react';
import { bytesText } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import { downloadUrl } from '../jmap/client.ts';
import type { BodyPart, Email, Id } from '../jmap/types.ts';
import css from './read.module.css';

/** What a browser shows without running anything. */
const pictures = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/i;

export function Files({ account, email }: { readonly account: Id; readonly email: Email }) {
  const { t, language } = useWords('mail');
  const { t: parts } = useWords('parts');
  const [shown, setShown] = useState<BodyPart | undefined>();
  // Pictures that stand in the text are seen there.
  const files = email.attachments.filter(
    ({ cid, disposition }) => cid === null || disposition === 'attachment',
  );
  if (files.length === 0) return null;
  const nameOf = (part: BodyPart): string => part.name ?? t('unnamed');
  return (
    <>
      <ul className={css['files']} aria-label={t('attachments')}>
        {files.map((part, i) => (
          <li key={part.partId ?? i}>
            <a href={downloadUrl(account, part)} download={part.name ?? true}>
              <IconDownload size={16} stroke={1.5} aria-hidden />
              <span>{nameOf(part)}</span>
              <small>{bytesText(part.size, language)}</small>
            </a>
            {pictures.test(part.type) && (
              <ActionIcon
                variant="subtle"
                aria-label={t('look', { name: nameOf(part) })}
                title={t('look', { name: nameOf(part) })}
                onClick={() => setShown(part)}
              >
                <IconEye size={16} stroke={1.5} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {shown && (
        <Modal
          opened
          onClose={() => setShown(undefined)}
          title={nameOf(shown)}
          size="auto"
          closeButtonProps={{ 'aria-label': parts('close') }}
        >
          <img className={css['picture']} src={downloadUrl(account, shown)} alt={nameOf(shown)} />
        </Modal>
      )}
    </>
  );
}

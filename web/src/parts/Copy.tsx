/** Copies a text, and says so. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useWords } from '../words.ts';

export function Copy({ text, label }: { readonly text: string; readonly label?: string }) {
  const { t } = useWords('parts');
  const { copied, copy } = useClipboard({ timeout: 1500 });
  const name = copied ? t('copied') : (label ?? t('copy'));
  return (
    <Tooltip label={name}>
      <ActionIcon
        variant="subtle"
        color={copied ? 'matsu' : 'gray'}
        size="md"
        aria-label={name}
        onClick={(event) => {
          event.stopPropagation();
          copy(text);
        }}
      >
        {copied ? <IconCheck size={16} stroke={1.5} /> : <IconCopy size={16} stroke={1.5} />}
      </ActionIcon>
    </Tooltip>
  );
}

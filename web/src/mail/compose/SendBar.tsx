/** The foot of the sheet: send, now or later; attach; how it is written; away with it. */
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { IconChevronUp, IconClock, IconDots, IconPaperclip, IconSend, IconTrash } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useWords } from '../../words.ts';
import type { Charset, Format } from './draft.ts';
import { preferFormat, preferredFormat } from './preferences.ts';
import css from './compose.module.css';

interface SendBarProps {
  /** What the button says: it sends, sends anyway, or schedules. */
  readonly sendWord: 'send' | 'sendAnyway' | 'schedule';
  readonly sending: boolean;
  readonly uploading: boolean;
  readonly format: Format;
  readonly charset: Charset;
  readonly canSendLater: boolean;
  readonly onSend: () => void;
  readonly onLater: () => void;
  readonly onAttach: (files: readonly File[]) => void;
  readonly onFormat: (format: Format) => void;
  readonly onCharset: (charset: Charset) => void;
  readonly onDiscard: () => void;
  /** More of the menu. */
  readonly children?: ReactNode;
}

export function SendBar(props: SendBarProps) {
  const { sendWord, sending, uploading, canSendLater, onSend, onLater, onAttach, onDiscard } = props;
  const { t } = useWords('mail/compose');
  return (
    <footer className={css['foot']}>
      <Button.Group>
        <Button
          leftSection={sendWord === 'schedule' ? <IconClock size={16} /> : <IconSend size={16} />}
          loading={sending}
          disabled={uploading}
          onClick={onSend}
        >
          {t(sendWord)}
        </Button>
        {canSendLater && (
          <Tooltip label={t('later')}>
            <Button
              px={8}
              className={css['laterButton']!}
              aria-label={t('later')}
              disabled={sending || uploading}
              onClick={onLater}
            >
              <IconChevronUp size={16} />
            </Button>
          </Tooltip>
        )}
      </Button.Group>
      <Button
        component="label"
        variant="default"
        leftSection={<IconPaperclip size={16} />}
        loading={uploading}
        className={css['attach']!}
      >
        {t('attach')}
        <input
          type="file"
          multiple
          hidden
          onChange={(event) => {
            onAttach([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = '';
          }}
        />
      </Button>
      <OptionsMenu {...props} />
      <span className={css['gap']} />
      <Tooltip label={t('discard')}>
        <ActionIcon variant="subtle" color="shu" size="lg" aria-label={t('discard')} onClick={onDiscard}>
          <IconTrash size={18} stroke={1.5} />
        </ActionIcon>
      </Tooltip>
    </footer>
  );
}

function OptionsMenu({ format, charset, onFormat, onCharset, children }: SendBarProps) {
  const { t } = useWords('mail/compose');
  const [preferred, setPreferred] = useState(preferredFormat);
  return (
    <Menu position="top-start" width={300} zIndex={350}>
      <Menu.Target>
        <ActionIcon variant="subtle" size="lg" aria-label={t('options')} title={t('options')}>
          <IconDots size={18} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {children}
        {children !== undefined && <Menu.Divider />}
        <Menu.CheckboxItem checked={format === 'plain'} onChange={(on) => onFormat(on ? 'plain' : 'html')}>
          {t('plain')}
        </Menu.CheckboxItem>
        <Menu.CheckboxItem
          checked={preferred === 'plain'}
          onChange={(on) => {
            setPreferred(on ? 'plain' : 'html');
            preferFormat(on ? 'plain' : 'html');
          }}
        >
          {t('plainAlways')}
        </Menu.CheckboxItem>
        <Menu.CheckboxItem
          checked={charset === 'iso-2022-jp'}
          onChange={(on) => onCharset(on ? 'iso-2022-jp' : 'utf-8')}
        >
          {t('forOld')}
        </Menu.CheckboxItem>
      </Menu.Dropdown>
    </Menu>
  );
}

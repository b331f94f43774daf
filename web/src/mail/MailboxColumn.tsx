/** The mailboxes. A message that is dropped on one goes there. */
import { Button } from '@mantine/core';
import {
  IconAlertSquare,
  IconArchive,
  IconClock,
  IconFolder,
  IconInbox,
  IconPencil,
  IconSend,
  IconSettings,
  IconStar,
  IconTrash,
  IconUrgent,
  IconNotes,
  type Icon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState, type DragEvent, type ReactNode } from 'react';
import { useWords } from '../words.ts';
import { inOrder, knownRole, type KnownRole } from './data/mailboxes.ts';
import type { Id, Mailbox } from './jmap/types.ts';
import { useMailboxName } from './mailbox-name.ts';
import css from './mail.module.css';

const icons: Readonly<Record<KnownRole, Icon>> = {
  inbox: IconInbox,
  snoozed: IconClock,
  flagged: IconStar,
  important: IconAlertSquare,
  drafts: IconNotes,
  sent: IconSend,
  archive: IconArchive,
  junk: IconUrgent,
  trash: IconTrash,
};

interface ColumnProps {
  readonly mailboxes: readonly Mailbox[];
  readonly here: Id | undefined;
  readonly onGo: (mailbox: Id) => void;
  readonly onCompose: () => void;
  readonly onDropMail: (email: Id, mailbox: Id) => void;
  /** Those of others. */
  readonly shared: ReactNode;
  readonly below?: ReactNode;
}

export function MailboxColumn({ mailboxes, here, onGo, onCompose, onDropMail, shared, below }: ColumnProps) {
  const { t, language } = useWords('mail');
  return (
    <div className={css['mailboxes']}>
      <Button fullWidth leftSection={<IconPencil size={16} />} onClick={onCompose}>
        {t('compose')}
      </Button>
      <nav aria-label={t('mailboxes')}>
        {inOrder(mailboxes, language).map(({ mailbox, depth }) => (
          <Entry
            key={mailbox.id}
            mailbox={mailbox}
            depth={depth}
            isHere={mailbox.id === here}
            onGo={() => onGo(mailbox.id)}
            onDropMail={(email) => onDropMail(email, mailbox.id)}
          />
        ))}
      </nav>
      {shared}
      {below}
      <Link className={css['settings']!} to="/mail/settings">
        <IconSettings size={16} stroke={1.5} aria-hidden />
        {t('settings')}
      </Link>
    </div>
  );
}

interface EntryProps {
  readonly mailbox: Mailbox;
  readonly depth: number;
  readonly isHere: boolean;
  readonly onGo: () => void;
  readonly onDropMail: (email: Id) => void;
}

export function Entry({ mailbox, depth, isHere, onGo, onDropMail }: EntryProps) {
  const { t } = useWords('mail');
  const [over, setOver] = useState(false);
  const role = knownRole(mailbox.role);
  const Mark = role === undefined ? IconFolder : icons[role];
  const name = useMailboxName()(mailbox);
  // Drafts are counted, for they wait; elsewhere what is unread is.
  const count = role === 'drafts' ? mailbox.totalEmails : mailbox.unreadThreads;
  const onDrop = (event: DragEvent): void => {
    setOver(false);
    const email = event.dataTransfer.getData('application/x-hikyaku-mail');
    if (email === '') return;
    event.preventDefault();
    onDropMail(email);
  };
  return (
    <button
      type="button"
      className={css['mailbox']}
      data-over={over || undefined}
      aria-current={isHere ? 'page' : undefined}
      style={{ paddingLeft: 10 + depth * 16 }}
      onClick={onGo}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <Mark size={18} stroke={1.5} aria-hidden />
      <span>{name}</span>
      {count > 0 && (
        <small>
          {count}
          <span className="visually-hidden"> {t(role === 'drafts' ? 'waiting' : 'unread')}</span>
        </small>
      )}
    </button>
  );
}

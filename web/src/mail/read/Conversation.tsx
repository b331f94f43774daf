/** A conversation: its messages, the oldest first; what was read before is folded. */
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import {
  IconArchive,
  IconArrowBackUp,
  IconArrowBackUpDouble,
  IconArrowForwardUp,
  IconArrowLeft,
  IconFolderSymlink,
  IconMailOff,
  IconTrash,
  IconUrgent,
  type Icon,
} from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { Lines } from '../../parts/Lines.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { useWords } from '../../words.ts';
import { replyTo, type AnswerKind } from '../compose/answers.ts';
import type { Draft } from '../compose/draft.ts';
import { useThread } from '../data/messages.ts';
import { useMailKeys } from '../keys.ts';
import { inOrder } from '../data/mailboxes.ts';
import type { Email, Id, Mailbox } from '../jmap/types.ts';
import { useMailboxName } from '../mailbox-name.ts';
import { LabelMenu } from './LabelMenu.tsx';
import { SnoozeMenu } from './SnoozeMenu.tsx';
import { LabelChip } from '../list/LabelChip.tsx';
import { labelsOf } from '../data/label-keyword.ts';
import { useLabels } from '../data/labels.ts';
import { Message } from './Message.tsx';
import css from './read.module.css';

interface ConversationProps {
  readonly account: Id;
  readonly thread: Id;
  readonly only: Id | undefined;
  readonly own: readonly string[];
  readonly onBack: () => void;
  readonly onCompose: (draft: Draft) => void;
  readonly onSeen: (emails: readonly Email[]) => void;
  readonly mailboxes: readonly Mailbox[];
  readonly onMove: (emails: readonly Email[], to: Mailbox) => void;
  /** Absent: it cannot be put off here. */
  readonly onSnooze?: ((emails: readonly Email[], untilMs: number) => void) | undefined;
  readonly onLabel: (emails: readonly Email[], keyword: string, on: boolean) => void;
  readonly onAct: (act: 'archive' | 'trash' | 'junk' | 'unread', emails: readonly Email[]) => void;
}

export function Conversation(props: ConversationProps) {
  const { account, thread, own, onBack, onCompose, onSeen, onAct } = props;
  const { t } = useWords('mail');
  const { data, error, refetch } = useThread(account, thread);
  const { only } = props;
  const emails = useMemo(
    () => (only === undefined ? data : data?.filter(({ id }) => id === only)),
    [data, only],
  );
  const labels = useLabels();
  const [toggled, setToggled] = useState<ReadonlyMap<Id, boolean>>(new Map());
  useEffect(() => setToggled(new Map()), [thread]);
  // What was unread when the conversation was opened stays open.
  const [opened, setOpened] = useState<{ thread: Id; unread: ReadonlySet<Id> } | undefined>();
  useEffect(() => {
    if (emails === undefined || opened?.thread === thread) return;
    const unread = emails.filter(({ keywords }) => keywords['$seen'] === undefined);
    setOpened({ thread, unread: new Set(unread.map(({ id }) => id)) });
    if (unread.length > 0) onSeen(unread);
  }, [emails, opened, thread, onSeen]);
  const last = emails?.at(-1);
  const answer = (kind: AnswerKind): void => {
    if (last !== undefined) onCompose(replyTo(last, own, kind));
  };
  useMailKeys({ r: () => answer('sender'), a: () => answer('all'), f: () => answer('forward') });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (emails === undefined) return <Lines />;
  if (last === undefined) return <ProblemBox error={new Error(t('gone'))} />;
  const isOpen = (email: Email): boolean =>
    toggled.get(email.id) ?? (email.id === last.id || opened?.unread.has(email.id) === true);
  return (
    <div className={css['conversation']}>
      <div className={css['bar']}>
        <Tool icon={IconArrowLeft} label={t('back')} onClick={onBack} />
        <Tool icon={IconArchive} label={t('archive')} onClick={() => onAct('archive', emails)} />
        <Tool icon={IconTrash} label={t('trash')} onClick={() => onAct('trash', emails)} />
        <Tool icon={IconUrgent} label={t('junk')} onClick={() => onAct('junk', emails)} />
        <Tool icon={IconMailOff} label={t('markUnread')} onClick={() => onAct('unread', emails)} />
        {props.onSnooze && <SnoozeMenu onSnooze={(untilMs) => props.onSnooze?.(emails, untilMs)} />}
        <LabelMenu messages={emails} onLabel={(keyword, on) => props.onLabel(emails, keyword, on)} />
        <MoveMenu mailboxes={props.mailboxes} onMove={(to) => props.onMove(emails, to)} />
      </div>
      <div className={css['thread']}>
        <h1 className={css['title']}>
          {last.subject?.trim() || t('noSubject')}{' '}
          {labels
            .filter((label) => emails.some((email) => labelsOf(email, [label]).length > 0))
            .map((label) => (
              <LabelChip key={label.keyword} label={label} />
            ))}
        </h1>
        {emails.map((email) => (
          <Message
            key={email.id}
            account={account}
            email={email}
            own={own}
            open={isOpen(email)}
            onToggle={() => setToggled(new Map(toggled).set(email.id, !isOpen(email)))}
            onCompose={onCompose}
            onUnread={() => onAct('unread', [email])}
          />
        ))}
        <div className={css['answers']}>
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={16} />}
            onClick={() => answer('sender')}
          >
            {t('reply')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconArrowBackUpDouble size={16} />}
            onClick={() => answer('all')}
          >
            {t('replyAll')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconArrowForwardUp size={16} />}
            onClick={() => answer('forward')}
          >
            {t('forward')}
          </Button>
        </div>
      </div>
    </div>
  );
}

interface MoveProps {
  readonly mailboxes: readonly Mailbox[];
  readonly onMove: (to: Mailbox) => void;
}

function MoveMenu({ mailboxes, onMove }: MoveProps) {
  const { t, language } = useWords('mail');
  const nameOf = useMailboxName();
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <ActionIcon variant="subtle" size="lg" aria-label={t('moveTo')} title={t('moveTo')}>
          <IconFolderSymlink size={18} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {inOrder(mailboxes, language).map(({ mailbox, depth }) => (
          <Menu.Item
            key={mailbox.id}
            style={{ paddingLeft: 12 + depth * 14 }}
            onClick={() => onMove(mailbox)}
          >
            {nameOf(mailbox)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface ToolProps {
  readonly icon: Icon;
  readonly label: string;
  readonly onClick: () => void;
}

export function Tool({ icon: Mark, label, onClick }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" size="lg" aria-label={label} onClick={onClick}>
        <Mark size={18} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  );
}

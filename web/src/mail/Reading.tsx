/** The conversation that is open, or what to do to open one. */
import { IconMailOpened } from '@tabler/icons-react';
import { useCallback } from 'react';
import { Empty } from '../parts/Empty.tsx';
import { useWords } from '../words.ts';
import type { Draft } from './compose/draft.ts';
import type { Email, Id, Mailbox } from './jmap/types.ts';
import { Conversation } from './read/Conversation.tsx';
import type { MailDeeds } from './useDeeds.ts';
import css from './mail.module.css';

interface ReadingProps {
  readonly account: Id;
  readonly here: Id | undefined;
  readonly thread: Id | undefined;
  readonly own: readonly string[];
  readonly ownMail: boolean;
  /** Of the conversation only this message, where messages are rows of their own. */
  readonly only: Id | undefined;
  readonly mailboxes: readonly Mailbox[];
  readonly deeds: MailDeeds;
  readonly onBack: () => void;
  readonly onCompose: (draft: Draft) => void;
}

export function Reading(props: ReadingProps) {
  const { account, here, thread, own, mailboxes, onBack, onCompose } = props;
  const { deeds } = props.deeds;
  const { t } = useWords('mail');
  const onSeen = useCallback(
    (emails: readonly Email[]) => {
      deeds.keyword(emails, '$seen', true);
      const awake = emails.filter(({ keywords }) => keywords['$awakened'] !== undefined);
      if (awake.length > 0) deeds.keyword(awake, '$awakened', false);
    },
    [deeds],
  );
  if (thread === undefined)
    return (
      <div className={css['nothing']}>
        <Empty icon={IconMailOpened} title={t('pick')} text={t('pickText')} />
      </div>
    );
  // Of a conversation, what lies in the mailbox on view is moved; what one has sent stays where it is.
  const within = (emails: readonly Email[]): readonly Email[] =>
    here === undefined ? emails : emails.filter(({ mailboxIds }) => mailboxIds[here] !== undefined);
  return (
    <Conversation
      key={`${thread} ${props.only ?? ''}`}
      only={props.only}
      account={account}
      thread={thread}
      own={own}
      onBack={onBack}
      onCompose={onCompose}
      onSeen={onSeen}
      mailboxes={mailboxes}
      onMove={(emails, to) => {
        deeds.move(within(emails), here, to);
        onBack();
      }}
      onLabel={(emails, keyword, on) => deeds.keyword(emails, keyword, on)}
      onSnooze={
        props.ownMail
          ? (emails, untilMs) => {
              deeds.snooze(within(emails), here, untilMs);
              onBack();
            }
          : undefined
      }
      onAct={(act, emails) => {
        if (act === 'unread') deeds.keyword(emails.slice(-1), '$seen', false);
        else deeds.moveToRole(within(emails), here, act);
        onBack();
      }}
    />
  );
}

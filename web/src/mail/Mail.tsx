/** Webmail: mailboxes, a list, a conversation side by side; on a phone one after the other. Where one is stands in the address. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useFilters } from '../shell/filters.ts';
import { usePerson } from '../session/session.ts';
import { useWords } from '../words.ts';
import { draftTo } from './compose/answers.ts';
import { useWriting } from './compose/useWriting.tsx';
import { useAccount, useMailboxes, withRole } from './data/mailboxes.ts';
import { usePush } from './data/push.ts';
import { jmapSession, submission } from './jmap/client.ts';
import { ListPane } from './ListPane.tsx';
import { MailboxColumn } from './MailboxColumn.tsx';
import { Reading } from './Reading.tsx';
import { useDeeds } from './useDeeds.ts';
import css from './mail.module.css';

/** For so long what was sent can be taken back. */
const undoSeconds = 10;

export function Mail() {
  const { t } = useWords('mail');
  const account = useAccount();
  const mailboxes = useMailboxes();
  const person = usePerson();
  const [filters, setFilters] = useFilters();
  usePush(account);
  const search = filters['q'] ?? '';
  const everywhere = filters['in'] === 'all';
  const here = everywhere ? undefined : (filters['box'] ?? withRole(mailboxes, 'inbox')?.id);
  const thread = filters['thread'];
  const { data: session } = useSuspenseQuery(jmapSession);
  const abilities = session.accounts[account]?.accountCapabilities[submission];
  const canHold = Number(abilities?.['maxDelayedSend'] ?? 0) >= undoSeconds;
  const writing = useWriting(account, mailboxes, canHold ? undoSeconds : 0);
  const deeds = useDeeds(account, mailboxes);
  const unread = withRole(mailboxes, 'inbox')?.unreadThreads ?? 0;
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${t('title')} · Hikyaku`;
  }, [unread, t]);
  const to = filters['to'];
  useEffect(() => {
    if (to === undefined) return;
    setFilters({ to: '' });
    writing.write(draftTo(`mailto:${encodeURIComponent(to)}`));
    // Once for each address that is asked for.
  }, [to]);
  const column = (
    <MailboxColumn
      mailboxes={mailboxes}
      here={here}
      onGo={(box) => setFilters({ box, thread: '', q: '', in: '' })}
      onCompose={writing.begin}
      onDropMail={deeds.dropOn}
      below={writing.extras}
    />
  );
  return (
    <main
      id="content"
      tabIndex={-1}
      className={css['mail']}
      data-reading={thread === undefined ? undefined : ''}
    >
      <div className={css['column']}>{column}</div>
      <ListPane
        account={account}
        mailboxes={mailboxes}
        here={here}
        search={search}
        thread={thread}
        column={column}
        deeds={deeds}
        onFilters={setFilters}
        onCompose={writing.begin}
        onDraft={writing.open}
      />
      <div className={css['reading']}>
        <Reading
          account={account}
          here={here}
          thread={thread}
          mailboxes={mailboxes}
          own={[person.address, ...writing.identities.map(({ email }) => email)]}
          deeds={deeds}
          onBack={() => setFilters({ thread: '' })}
          onCompose={writing.write}
        />
      </div>
      {writing.sheet}
    </main>
  );
}

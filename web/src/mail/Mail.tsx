/** Webmail: mailboxes, a list, a conversation side by side; on a phone one after the other. Where one is stands in the address. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useFilters } from '../shell/filters.ts';
import { usePerson } from '../session/session.ts';
import { useWords } from '../words.ts';
import { draftTo } from './compose/answers.ts';
import { useWriting } from './compose/useWriting.tsx';
import { useLook } from './data/look.ts';
import { mailboxesQuery, useAccount, useMailboxes, withRole } from './data/mailboxes.ts';
import { usePush } from './data/push.ts';
import { jmapSession, mail, submission } from './jmap/client.ts';
import { ListPane } from './ListPane.tsx';
import { MailboxColumn } from './MailboxColumn.tsx';
import { SharedMailboxes } from './SharedMailboxes.tsx';
import { Reading } from './Reading.tsx';
import { useDeeds } from './useDeeds.ts';
import css from './mail.module.css';

/** For so long what was sent can be taken back. */
const undoSeconds = 10;

export function Mail() {
  const { t } = useWords('mail');
  const ownAccount = useAccount();
  const ownMailboxes = useMailboxes();
  const person = usePerson();
  const [filters, setFilters] = useFilters();
  const { layout } = useLook();
  const { data: session } = useSuspenseQuery(jmapSession);
  const account = session.accounts[filters['account'] ?? '']?.accountCapabilities[mail]
    ? filters['account']!
    : ownAccount;
  const { data: mailboxes } = useSuspenseQuery(mailboxesQuery(account));
  usePush(ownAccount);
  const search = filters['q'] ?? '';
  const everywhere = filters['in'] === 'all';
  const here = everywhere ? undefined : (filters['box'] ?? withRole(mailboxes, 'inbox')?.id);
  const thread = filters['thread'];
  const abilities = session.accounts[ownAccount]?.accountCapabilities[submission];
  const canHold = Number(abilities?.['maxDelayedSend'] ?? 0) >= undoSeconds;
  const writing = useWriting(ownAccount, ownMailboxes, canHold ? undoSeconds : 0);
  const deeds = useDeeds(account, mailboxes);
  const unread = withRole(ownMailboxes, 'inbox')?.unreadThreads ?? 0;
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
      mailboxes={ownMailboxes}
      here={account === ownAccount ? here : undefined}
      onGo={(box) => setFilters({ account: '', box, thread: '', email: '', q: '', in: '' })}
      shared={
        <SharedMailboxes
          session={session}
          own={ownAccount}
          account={account}
          here={here}
          onGo={(of, box) => setFilters({ account: of, box, thread: '', email: '', q: '', in: '' })}
        />
      }
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
      data-layout={layout}
    >
      <div className={css['column']}>{column}</div>
      <ListPane
        account={account}
        mailboxes={mailboxes}
        here={here}
        search={search}
        own={account === ownAccount}
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
          only={filters['email']}
          ownMail={account === ownAccount}
          mailboxes={mailboxes}
          own={[person.address, ...writing.identities.map(({ email }) => email)]}
          deeds={deeds}
          onBack={() => setFilters({ thread: '', email: '' })}
          onCompose={writing.write}
        />
      </div>
      {writing.sheet}
    </main>
  );
}

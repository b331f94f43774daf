/** Mailboxes that others share, by their owners. */
import { useQuery } from '@tanstack/react-query';
import { useWords } from '../words.ts';
import { inOrder, mailboxesQuery } from './data/mailboxes.ts';
import { mail } from './jmap/client.ts';
import type { Id, JmapSession } from './jmap/types.ts';
import { Entry } from './MailboxColumn.tsx';
import css from './mail.module.css';

interface SharedProps {
  readonly session: JmapSession;
  readonly own: Id;
  readonly account: Id;
  readonly here: Id | undefined;
  readonly onGo: (account: Id, mailbox: Id) => void;
}

export function SharedMailboxes({ session, own, account, here, onGo }: SharedProps) {
  const others = Object.entries(session.accounts).filter(
    ([id, each]) => id !== own && each.accountCapabilities[mail] !== undefined,
  );
  return others.map(([id, { name }]) => (
    <OfAccount
      key={id}
      id={id}
      name={name}
      here={id === account ? here : undefined}
      onGo={(mailbox) => onGo(id, mailbox)}
    />
  ));
}

interface OfAccountProps {
  readonly id: Id;
  readonly name: string;
  readonly here: Id | undefined;
  readonly onGo: (mailbox: Id) => void;
}

function OfAccount({ id, name, here, onGo }: OfAccountProps) {
  const { language } = useWords('mail');
  const { data: mailboxes = [] } = useQuery(mailboxesQuery(id));
  if (mailboxes.length === 0) return null;
  return (
    <nav className={css['shared']} aria-label={name}>
      <h2>{name}</h2>
      {inOrder(mailboxes, language).map(({ mailbox, depth }) => (
        <Entry
          key={mailbox.id}
          mailbox={mailbox}
          depth={depth}
          isHere={mailbox.id === here}
          onGo={() => onGo(mailbox.id)}
          onDropMail={() => undefined}
        />
      ))}
    </nav>
  );
}

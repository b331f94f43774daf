/** The deeds of the account on view, and what is known of a message that is dropped somewhere. */
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useWords } from '../words.ts';
import { Actions } from './data/actions.ts';
import { listKey, type ListPage } from './data/messages.ts';
import { Deeds } from './deeds.ts';
import type { EmailRow, Id, Mailbox } from './jmap/types.ts';

export interface MailDeeds {
  readonly deeds: Deeds;
  /** A row was dropped on a mailbox. */
  readonly dropOn: (email: Id, mailbox: Id) => void;
}

export function useDeeds(account: Id, mailboxes: readonly Mailbox[]): MailDeeds {
  const { t } = useWords('mail');
  const client = useQueryClient();
  return useMemo(() => {
    const deeds = new Deeds(new Actions(account, client), mailboxes, t);
    const find = (id: Id): EmailRow | undefined => {
      for (const [, page] of client.getQueriesData<ListPage>({ queryKey: listKey(account) })) {
        const row = page?.rows.find((each) => each.id === id);
        if (row !== undefined) return row;
      }
      return undefined;
    };
    const dropOn = (id: Id, mailbox: Id): void => {
      const row = find(id);
      const to = mailboxes.find((each) => each.id === mailbox);
      if (row === undefined || to === undefined) return;
      deeds.move([row], Object.keys(row.mailboxIds)[0], to);
    };
    return { deeds, dropOn };
  }, [account, client, mailboxes, t]);
}

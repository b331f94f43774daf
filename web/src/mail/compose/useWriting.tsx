/** What is being written, if anything: one sheet at a time, over whatever is on view. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import { toastError } from '../../parts/toasts.tsx';
import { withRole } from '../data/mailboxes.ts';
import { jmap, mail, submission } from '../jmap/client.ts';
import type { EmailRow, Id, Identity, Mailbox } from '../jmap/types.ts';
import { type Draft, emptyDraft } from './draft.ts';
import { openDraft } from './open-draft.ts';

const Composer = lazy(async () => ({ default: (await import('./Composer.tsx')).Composer }));

export interface Writing {
  readonly identities: readonly Identity[];
  readonly begin: () => void;
  readonly write: (draft: Draft) => void;
  /** A draft that is kept is gone on with. */
  readonly open: (row: Pick<EmailRow, 'id'>) => void;
  readonly sheet: ReactNode;
}

const noIdentities: readonly Identity[] = [];

export const identitiesKey = (account: Id) => ['identities', account] as const;

export function useWriting(account: Id, mailboxes: readonly Mailbox[], holdSeconds: number): Writing {
  const { data: identities = noIdentities } = useQuery({
    queryKey: identitiesKey(account),
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const { i } = await jmap([['Identity/get', { accountId: account, ids: null }, 'i']], {
        using: [mail, submission],
        signal,
      });
      return i!['list'] as readonly Identity[];
    },
  });
  const [writing, setWriting] = useState<{ readonly draft: Draft; readonly number: number } | undefined>();
  const write = useCallback((draft: Draft) => {
    setWriting((before) => ({ draft, number: (before?.number ?? 0) + 1 }));
  }, []);
  const begin = useCallback(() => write({ ...emptyDraft, fresh: true }), [write]);
  const open = useCallback(
    ({ id }: Pick<EmailRow, 'id'>) =>
      void openDraft(account, id).then((draft) => draft && write(draft), toastError),
    [account, write],
  );
  const drafts = withRole(mailboxes, 'drafts')?.id;
  const sent = withRole(mailboxes, 'sent')?.id;
  const sheet =
    writing !== undefined && identities.length > 0 && drafts !== undefined && sent !== undefined ? (
      <Suspense>
        <Composer
          key={writing.number}
          account={account}
          identities={identities}
          mailboxes={mailboxes}
          boxes={{ drafts, sent }}
          holdSeconds={holdSeconds}
          initial={writing.draft}
          onClose={() => setWriting(undefined)}
          onReopen={write}
        />
      </Suspense>
    ) : null;
  return { identities, begin, write, open, sheet };
}

/** What is being written, if anything: one sheet at a time, over whatever is on view. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import { withRole } from '../data/mailboxes.ts';
import { threadQuery } from '../data/messages.ts';
import { jmap, mail, submission } from '../jmap/client.ts';
import type { EmailRow, Id, Identity, Mailbox } from '../jmap/types.ts';
import { queries } from '../../api/queries.ts';
import { plainText } from './answers.ts';
import { addressText, emptyDraft, type Draft } from './draft.ts';

const Composer = lazy(async () => ({ default: (await import('./Composer.tsx')).Composer }));

export interface Writing {
  readonly identities: readonly Identity[];
  readonly begin: () => void;
  readonly write: (draft: Draft) => void;
  /** A draft that is kept is gone on with. */
  readonly open: (row: EmailRow) => void;
  readonly sheet: ReactNode;
}

const noIdentities: readonly Identity[] = [];

export function useWriting(account: Id, mailboxes: readonly Mailbox[], holdSeconds: number): Writing {
  const { data: identities = noIdentities } = useQuery({
    queryKey: ['identities', account],
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
  const signature = identities[0]?.textSignature ?? '';
  const write = useCallback((draft: Draft) => {
    setWriting((before) => ({ draft, number: (before?.number ?? 0) + 1 }));
  }, []);
  const begin = useCallback(
    () => write({ ...emptyDraft, text: signature === '' ? '' : `\n\n-- \n${signature}` }),
    [write, signature],
  );
  const open = useCallback(
    (row: EmailRow) => void draftOf(account, row).then((draft) => draft && write(draft)),
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

async function draftOf(account: Id, row: EmailRow): Promise<Draft | undefined> {
  const emails = await queries.fetchQuery(threadQuery(account, row.threadId));
  const email = emails.find(({ id }) => id === row.id);
  if (email === undefined) return undefined;
  return {
    // One with HTML of another program stays as it is: what is written here is plain text, and kept beside it.
    ...(email.htmlBody.every(({ type }) => type !== 'text/html') && { id: email.id }),
    to: (email.to ?? []).map(addressText),
    cc: (email.cc ?? []).map(addressText),
    bcc: (email.bcc ?? []).map(addressText),
    subject: email.subject ?? '',
    text: plainText(email),
    files: email.attachments.flatMap(({ blobId, name, type, size }) =>
      blobId === null ? [] : [{ blobId, name: name ?? '', type, size }],
    ),
    ...(email.inReplyTo && { inReplyTo: email.inReplyTo }),
    ...(email.references && { references: email.references }),
  };
}

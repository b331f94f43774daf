/** What is being written, if anything: one sheet at a time, over whatever is on view. */
import { useQuery } from '@tanstack/react-query';
import { IconPencil } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import { toastError } from '../../parts/toasts.tsx';
import { withRole } from '../data/mailboxes.ts';
import { jmap, mail, submission } from '../jmap/client.ts';
import type { EmailRow, Id, Identity, Mailbox } from '../jmap/types.ts';
import { type Draft, emptyDraft } from './draft.ts';
import { Extras, type Extra } from './Extras.tsx';
import { identitiesKey } from './keys.ts';
import { openDraft } from './open-draft.ts';
import { useWords } from '../../words.ts';
import css from './compose.module.css';

const Composer = lazy(async () => ({ default: (await import('./Composer.tsx')).Composer }));
const ScheduledList = lazy(async () => ({ default: (await import('./ScheduledList.tsx')).ScheduledList }));
const SharedFilesList = lazy(async () => ({
  default: (await import('./SharedFilesList.tsx')).SharedFilesList,
}));
const Identities = lazy(async () => ({ default: (await import('./Identities.tsx')).Identities }));

export interface Writing {
  readonly identities: readonly Identity[];
  readonly begin: () => void;
  readonly write: (draft: Draft) => void;
  /** A draft that is kept is gone on with. */
  readonly open: (row: Pick<EmailRow, 'id'>) => void;
  readonly sheet: ReactNode;
  /** Below the mailboxes. */
  readonly extras: ReactNode;
}

const noIdentities: readonly Identity[] = [];

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
  const [extra, setExtra] = useState<Extra | undefined>();
  if (identities.length === 0 || drafts === undefined || sent === undefined)
    return { identities, begin, write, open, sheet: null, extras: null };
  const boxes = { drafts, sent };
  const close = (): void => setExtra(undefined);
  const sheet = (
    <>
      <WriteButton onClick={begin} />
      <Suspense>
        {writing !== undefined && (
          <Composer
            key={writing.number}
            account={account}
            identities={identities}
            mailboxes={mailboxes}
            boxes={boxes}
            holdSeconds={holdSeconds}
            initial={writing.draft}
            onClose={() => setWriting(undefined)}
            onReopen={write}
          />
        )}
        {extra === 'scheduled' && (
          <ScheduledList
            account={account}
            identities={identities}
            boxes={boxes}
            onClose={close}
            onOpen={(id) => open({ id })}
          />
        )}
        {extra === 'files' && <SharedFilesList onClose={close} />}
        {extra === 'identities' && <Identities account={account} identities={identities} onClose={close} />}
      </Suspense>
    </>
  );
  return {
    identities,
    begin,
    write,
    open,
    sheet,
    extras: <Extras account={account} onShow={setExtra} />,
  };
}

/** On a telephone, where the mailboxes with theirs are folded away. */
function WriteButton({ onClick }: { readonly onClick: () => void }) {
  const { t } = useWords('mail');
  return (
    <button type="button" className={css['write']} aria-label={t('compose')} onClick={onClick}>
      <IconPencil size={24} stroke={1.5} aria-hidden />
    </button>
  );
}

/** A word of care about a sender: of whom there was no mail before, or whose domain looks like one of those that one knows. */
import { useQuery } from '@tanstack/react-query';
import { IconAlertTriangle, IconUserQuestion } from '@tabler/icons-react';
import { useWords } from '../../words.ts';
import { jmap } from '../jmap/client.ts';
import type { Email, Id } from '../jmap/types.ts';
import { looksLike } from './look-alike.ts';
import css from './read.module.css';

interface NoticeProps {
  readonly account: Id;
  readonly email: Email;
  readonly own: readonly string[];
}

export function SenderNotice({ account, email, own }: NoticeProps) {
  const { t } = useWords('mail');
  const from = email.from?.[0]?.email.toLowerCase() ?? '';
  const isOwn = own.some((each) => each.toLowerCase() === from);
  const { data: known } = useQuery({
    queryKey: ['mail', account, 'knownSender', from, email.id],
    queryFn: async ({ signal }) => {
      const { f, s } = await jmap(
        [
          ['Email/query', { accountId: account, filter: { from, before: email.receivedAt }, limit: 1 }, 'f'],
          ['Email/query', { accountId: account, filter: { to: from }, limit: 1 }, 's'],
        ],
        { signal },
      );
      return [f, s].some((found) => ((found?.['ids'] ?? []) as readonly Id[]).length > 0);
    },
    enabled: from !== '' && !isOwn,
    staleTime: 3_600_000,
  });
  if (isOwn || known !== false) return null;
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const like = looksLike(domain, own);
  return (
    <p className={css['sender']} data-is={like === undefined ? 'unknown' : 'forged'}>
      {like === undefined ? (
        <IconUserQuestion size={16} stroke={1.5} aria-hidden />
      ) : (
        <IconAlertTriangle size={16} stroke={1.5} aria-hidden />
      )}
      {like === undefined ? t('firstTime') : t('looksLike', { domain, like })}
    </p>
  );
}

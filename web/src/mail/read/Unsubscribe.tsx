/** Leaving a list: with one click where the list takes it (RFC 8058; the server asks for it, the reader's browser never does), else by a mail or the list's page (RFC 2369). */
import { useState } from 'react';
import { admin } from '../../api/client.ts';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { draftTo } from '../compose/answers.ts';
import type { Draft } from '../compose/draft.ts';
import type { Email } from '../jmap/types.ts';
import css from './read.module.css';

interface UnsubscribeProps {
  readonly email: Email;
  /** Whoever stands behind the mail is proved: only then is the list asked at once. */
  readonly proved: boolean;
  readonly onCompose: (draft: Draft) => void;
}

export function Unsubscribe({ email, proved, onCompose }: UnsubscribeProps) {
  const { t } = useWords('mail');
  const [asked, setAsked] = useState(false);
  const urls = email['header:List-Unsubscribe:asURLs'] ?? [];
  const link = urls.find((url) => /^https:/i.test(url));
  const mailto = urls.find((url) => /^mailto:/i.test(url));
  const oneClick = /^\s*List-Unsubscribe=One-Click\s*$/i.test(
    email['header:List-Unsubscribe-Post:asText'] ?? '',
  );
  if (link !== undefined && oneClick && proved) {
    const leave = (): void => {
      setAsked(true);
      admin.post('/me/unsubscribe', { email: email.id }).then(
        () => toast({ text: t('unsubscribed'), mood: 'good' }),
        (error: unknown) => {
          setAsked(false);
          toastError(error);
        },
      );
    };
    return (
      <button type="button" className={css['unsubscribe']} disabled={asked} onClick={leave}>
        {t('unsubscribe')}
      </button>
    );
  }
  if (mailto !== undefined)
    return (
      <button type="button" className={css['unsubscribe']} onClick={() => onCompose(draftTo(mailto))}>
        {t('unsubscribe')}
      </button>
    );
  if (link === undefined) return null;
  return (
    <a className={css['unsubscribe']} href={link} target="_blank" rel="noopener noreferrer nofollow">
      {t('unsubscribe')}
    </a>
  );
}

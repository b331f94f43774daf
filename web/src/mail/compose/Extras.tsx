/** Below the mailboxes: what waits for its time, and how one signs. What they open stands beside the sheet, as the mailboxes of a telephone are gone by then. */
import { IconClock, IconLink, IconSignature } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useWords } from '../../words.ts';
import type { Id } from '../jmap/types.ts';
import { scheduledQuery } from './scheduled.ts';
import css from './compose.module.css';

export type Extra = 'scheduled' | 'identities' | 'files';

interface ExtrasProps {
  readonly account: Id;
  readonly onShow: (extra: Extra) => void;
}

export function Extras({ account, onShow }: ExtrasProps) {
  const { t } = useWords('mail/compose');
  const { data: scheduled = [] } = useQuery(scheduledQuery(account));
  return (
    <div className={css['extras']}>
      <button type="button" onClick={() => onShow('scheduled')}>
        <IconClock size={16} stroke={1.5} aria-hidden />
        <span>{t('scheduledMail')}</span>
        {scheduled.length > 0 && <small>{scheduled.length}</small>}
      </button>
      <button type="button" onClick={() => onShow('identities')}>
        <IconSignature size={16} stroke={1.5} aria-hidden />
        <span>{t('identities')}</span>
      </button>
      <button type="button" onClick={() => onShow('files')}>
        <IconLink size={16} stroke={1.5} aria-hidden />
        <span>{t('sharedFiles')}</span>
      </button>
    </div>
  );
}

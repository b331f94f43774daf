/** How full a mailbox is. */
import { bytesText } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import css from './Accounts.module.css';

export function QuotaBar({
  usedBytes,
  limitBytes,
}: {
  readonly usedBytes: number;
  readonly limitBytes: number;
}) {
  const { language } = useWords('console/accounts');
  const share = limitBytes === 0 ? 0 : Math.min(1, usedBytes / limitBytes);
  const mood = share > 0.95 ? 'bad' : share > 0.8 ? 'waiting' : 'good';
  const limit = limitBytes === 0 ? '' : ` / ${bytesText(limitBytes, language)}`;
  return (
    <span className={css['quota']}>
      <span>
        {bytesText(usedBytes, language)}
        {limit}
      </span>
      {limitBytes > 0 && (
        <span className={css['bar']} aria-hidden>
          <span data-mood={mood} style={{ width: `${Math.max(1, share * 100)}%` }} />
        </span>
      )}
    </span>
  );
}

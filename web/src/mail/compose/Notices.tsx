/** What the writer is told before it leaves: how it is sent, what old receivers would see, what may have been forgotten. */
import { Alert, Button, CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconClock } from '@tabler/icons-react';
import { bytesText } from '../../parts/When.tsx';
import { useWords, type Language } from '../../words.ts';
import type { Identity } from '../jmap/types.ts';
import { bytesOf } from './begin.ts';
import { type Draft, domainOf, parseAddress } from './draft.ts';
import { changedBy, unwritable } from './jis.ts';
import { wordsOf } from './message.ts';
import { outsiders } from './warnings.ts';
import css from './compose.module.css';

interface FactsProps {
  readonly draft: Draft;
  readonly from: Identity;
}

/** Size, encoding, and who is outside: what receivers will get. */
export function Facts({ draft, from }: FactsProps) {
  const { t, language } = useWords('mail/compose');
  const outside = outsiders(draft, from);
  return (
    <p className={css['facts']}>
      <span>{bytesText(Math.round(bytesOf(draft)), language)}</span>
      <span>{draft.charset === 'iso-2022-jp' ? 'ISO-2022-JP' : 'UTF-8'}</span>
      {draft.format === 'plain' && <span>{t('plain')}</span>}
      {outside.length > 0 && (
        <span className={css['outside']}>{t('outsideCount', { count: outside.length })}</span>
      )}
    </p>
  );
}

/** More characters than one reads. */
const shownMax = 24;

interface EncodingProps extends FactsProps {
  readonly onUtf8: () => void;
}

/** What ISO-2022-JP would break. */
export function EncodingNotice({ draft, from, onUtf8 }: EncodingProps) {
  const { t } = useWords('mail/compose');
  if (draft.charset !== 'iso-2022-jp') return null;
  const words = wordsOf(draft, from);
  const missing = unwritable(words);
  const changed = changedBy(words);
  if (missing.length === 0 && changed.length === 0) return <p className={css['fine']}>{t('allWritable')}</p>;
  return (
    <Alert className={css['warned']!} color="oudo" icon={<IconAlertTriangle size={18} />} role="status">
      {missing.length > 0 && (
        <div className={css['missing']}>
          <span>{t('noForms', { count: missing.length })}</span>
          <span className={css['characters']} lang="ja">
            {missing.slice(0, shownMax).map((character) => (
              <kbd key={character}>{character}</kbd>
            ))}
            {missing.length > shownMax && '…'}
          </span>
          <Button size="compact-xs" variant="default" onClick={onUtf8}>
            {t('sendUtf8')}
          </Button>
        </div>
      )}
      {changed.length > 0 && (
        <div>
          {t('becomesWide')}{' '}
          {changed
            .slice(0, 5)
            .map(([before, after]) => `${before} → ${after}`)
            .join('、')}
          {changed.length > 5 && '…'}
        </div>
      )}
    </Alert>
  );
}

interface WarningsProps {
  readonly keys: readonly string[];
  readonly draft: Draft;
  readonly from: Identity;
  readonly onBcc: () => void;
}

export function Warnings({ keys, draft, from, onBcc }: WarningsProps) {
  const { t } = useWords('mail/compose');
  if (keys.length === 0) return null;
  const outside = outsiders(draft, from);
  const domains = [...new Set(outside.map((text) => domainOf(parseAddress(text)!.email)))].join(', ');
  return (
    <Alert className={css['warned']!} color="oudo" icon={<IconAlertTriangle size={18} />} role="alert">
      {keys.map((key) => (
        <div key={key}>
          {t(`warnings.${key}`, { domains })}
          {key === 'outside' && (
            <ul className={css['people']}>
              {outside.slice(0, shownMax).map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          )}
          {key === 'manyOpen' && (
            <Button size="compact-xs" variant="default" ml={8} onClick={onBcc}>
              {t('moveToBcc')}
            </Button>
          )}
        </div>
      ))}
    </Alert>
  );
}

interface LaterProps {
  readonly untilMs: number | undefined;
  readonly onChange: () => void;
  readonly onNow: () => void;
}

export const laterText = (ms: number, language: Language): string =>
  new Intl.DateTimeFormat(language, {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);

/** The time at which it is to leave. */
export function LaterNotice({ untilMs, onChange, onNow }: LaterProps) {
  const { t, language } = useWords('mail/compose');
  if (untilMs === undefined) return null;
  return (
    <p className={css['later']}>
      <IconClock size={16} stroke={1.5} aria-hidden />
      <span>{t('leavesAt', { time: laterText(untilMs, language) })}</span>
      <Button size="compact-xs" variant="subtle" onClick={onChange}>
        {t('changeTime')}
      </Button>
      <CloseButton size="sm" aria-label={t('sendNow')} onClick={onNow} />
    </p>
  );
}

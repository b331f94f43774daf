/** What is answered or forwarded, beneath what is written: as it was, folded until one wants to see it. */
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useWords } from '../../words.ts';
import { downloadUrl } from '../jmap/client.ts';
import type { Id } from '../jmap/types.ts';
import { Frame } from '../read/Frame.tsx';
import { cleaned } from '../read/sanitise.ts';
import type { Quote } from './draft.ts';
import css from './compose.module.css';

interface QuoteViewProps {
  readonly account: Id;
  readonly quote: Quote;
  readonly onDrop: () => void;
}

export function QuoteView({ account, quote, onDrop }: QuoteViewProps) {
  const { t } = useWords('mail/compose');
  const [open, setOpen] = useState(false);
  const html = useMemo(
    () =>
      cleaned(quote.html, {
        cidUrl: (cid) => {
          const image = quote.images.find((each) => each.cid === cid);
          return image && downloadUrl(account, image);
        },
        remoteUrl: undefined,
      }).html,
    [account, quote],
  );
  return (
    <div className={css['quote']}>
      <div className={css['quoteBar']}>
        <Tooltip label={t(open ? 'foldQuote' : 'showQuote')}>
          <ActionIcon
            variant="default"
            size="sm"
            aria-label={t(open ? 'foldQuote' : 'showQuote')}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <IconDots size={16} stroke={1.5} />
          </ActionIcon>
        </Tooltip>
        {open && (
          <Button size="compact-xs" variant="subtle" onClick={onDrop}>
            {t('dropQuote')}
          </Button>
        )}
      </div>
      {open && <Frame html={html} onMailto={() => undefined} />}
    </div>
  );
}

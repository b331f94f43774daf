/** The text itself, with forms or without, and what it quotes beneath. */
import { Textarea } from '@mantine/core';
import { useRef } from 'react';
import { useWords } from '../../words.ts';
import type { Id } from '../jmap/types.ts';
import type { Draft, DraftImage } from './draft.ts';
import { QuoteView } from './QuoteView.tsx';
import { type RichNode, textOf } from './rich-doc.ts';
import { RichText } from './rich/RichText.tsx';
import css from './compose.module.css';

interface BodyProps {
  readonly account: Id;
  readonly draft: Draft;
  /** Of the document, when it was changed from outside. */
  readonly version: number;
  readonly autoFocus: boolean;
  readonly onChange: (part: Partial<Draft>) => void;
  readonly onDropQuote: () => void;
  readonly onPicture: (file: File) => Promise<DraftImage | undefined>;
}

export function Body(props: BodyProps) {
  const { account, draft, version, autoFocus, onChange, onDropQuote, onPicture } = props;
  const { t } = useWords('mail/compose');
  const touched = useRef(false);
  if (draft.format === 'html' && draft.doc !== undefined)
    return (
      <div className={css['body']}>
        <RichText
          account={account}
          doc={draft.doc}
          version={version}
          autoFocus={autoFocus}
          label={t('body')}
          onChange={(doc: RichNode) => onChange({ doc, text: textOf(doc) })}
          onPicture={onPicture}
        />
        {draft.quote && <QuoteView account={account} quote={draft.quote} onDrop={onDropQuote} />}
      </div>
    );
  return (
    <Textarea
      className={css['text']!}
      classNames={{ input: css['input']!, wrapper: css['wrapper']! }}
      aria-label={t('body')}
      autoFocus={autoFocus}
      value={draft.text}
      onFocus={(event) => {
        // An answer is written above what it quotes.
        if (!touched.current) event.currentTarget.setSelectionRange(0, 0);
        touched.current = true;
      }}
      onChange={(event) => onChange({ text: event.currentTarget.value })}
    />
  );
}

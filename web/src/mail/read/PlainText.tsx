/** Plain text: its lines as they are, what is quoted greyed and long quotes folded, addresses as links. */
import { useMemo, type ReactNode } from 'react';
import { useWords } from '../../words.ts';
import css from './read.module.css';

interface PlainTextProps {
  readonly text: string;
  readonly onMailto: (url: string) => void;
}

interface Block {
  readonly quoted: boolean;
  readonly lines: readonly string[];
}

/** Quotes of more lines than this are folded. */
const quoteShownMax = 6;

export function PlainText({ text, onMailto }: PlainTextProps) {
  const { t } = useWords('mail');
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div className={css['plain']}>
      {blocks.map(({ quoted, lines }, i) => {
        const shown = linked(lines.join('\n'), onMailto);
        if (!quoted) return <p key={i}>{shown}</p>;
        return lines.length > quoteShownMax ? (
          <details key={i} className={css['quote']}>
            <summary>{t('quoted', { count: lines.length })}</summary>
            {shown}
          </details>
        ) : (
          <blockquote key={i}>{shown}</blockquote>
        );
      })}
    </div>
  );
}

function blocksOf(text: string): readonly Block[] {
  const blocks: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.replaceAll('\r\n', '\n').trimEnd().split('\n')) {
    const quoted = line.startsWith('>');
    const last = blocks.at(-1);
    if (last?.quoted === quoted) last.lines.push(line);
    else blocks.push({ quoted, lines: [line] });
  }
  return blocks;
}

// Of bounded length: strangers choose what stands there. Full-width brackets and punctuation end an address, as Japanese text runs on without spaces.
const link =
  /https?:\/\/[^\s<>"'、。，．「」『』（）【】［］]{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/gu;

function linked(text: string, onMailto: (url: string) => void): ReactNode[] {
  const nodes: ReactNode[] = [];
  let from = 0;
  for (const found of text.matchAll(link)) {
    const url = found[0].replace(/[.,;:!?)\]]+$/, '');
    nodes.push(text.slice(from, found.index));
    from = found.index + url.length;
    if (url.startsWith('http'))
      nodes.push(
        <a key={from} href={url} target="_blank" rel="noopener noreferrer nofollow">
          {url}
        </a>,
      );
    else
      nodes.push(
        <button key={from} type="button" className={css['mailto']} onClick={() => onMailto(`mailto:${url}`)}>
          {url}
        </button>,
      );
  }
  nodes.push(text.slice(from));
  return nodes;
}

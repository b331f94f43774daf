/** The list: rows that are in view and some around them, of as many as there are. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconInbox, IconSearchOff } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { useWords } from '../../words.ts';
import { type MessageList as List, pageSize } from '../data/messages.ts';
import type { EmailRow } from '../jmap/types.ts';
import { Row } from './Row.tsx';
import css from './list.module.css';

const rowPx = 72;

interface ListProps {
  readonly list: List;
  readonly searching: boolean;
  readonly outgoing: boolean;
  readonly openThread: string | undefined;
  readonly current: number;
  readonly chosen: ReadonlySet<string>;
  readonly onPages: (pages: readonly number[]) => void;
  readonly onOpen: (row: EmailRow, index: number) => void;
  readonly onChoose: (row: EmailRow, index: number, range: boolean) => void;
  readonly onStar: (row: EmailRow) => void;
}

export function MessageList(props: ListProps) {
  const { list, searching, current, onPages } = props;
  const { t } = useWords('mail');
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: list.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const first = Math.floor((items[0]?.index ?? 0) / pageSize);
  const last = Math.floor((items.at(-1)?.index ?? 0) / pageSize);
  useEffect(() => {
    onPages(Array.from({ length: last - first + 1 }, (_, i) => first + i));
  }, [first, last, onPages]);
  useEffect(() => {
    if (current >= 0) rows.scrollToIndex(current, { align: 'auto' });
    // Only when the current row is another.
  }, [current]);
  if (list.error !== null) return <ProblemBox error={list.error} />;
  if (list.isLoading) return <Lines count={10} />;
  if (list.total === 0)
    return searching ? (
      <Empty icon={IconSearchOff} title={t('nothingFound')} text={t('nothingFoundText')} />
    ) : (
      <Empty icon={IconInbox} title={t('empty')} text={t('emptyText')} />
    );
  return (
    <div ref={scroller} className={css['scroller']} tabIndex={-1}>
      <div
        className={css['rows']}
        style={{ height: rows.getTotalSize() }}
        role="list"
        aria-label={t('messages')}
      >
        {items.map(({ index, start }) => (
          <div
            key={index}
            role="listitem"
            aria-setsize={list.total}
            aria-posinset={index + 1}
            className={css['place']}
            style={{ transform: `translateY(${start}px)` }}
          >
            <Placed index={index} {...props} />
          </div>
        ))}
      </div>
    </div>
  );
}

function Placed({ index, ...props }: ListProps & { readonly index: number }) {
  const { list, openThread, current, chosen, outgoing, onOpen, onChoose, onStar } = props;
  const row = list.rowAt(index);
  if (row === undefined) return <div className={css['waiting']} aria-hidden />;
  return (
    <Row
      row={row}
      count={list.countOf(row)}
      outgoing={outgoing}
      open={row.threadId === openThread}
      current={index === current}
      chosen={chosen.has(row.id)}
      onOpen={() => onOpen(row, index)}
      onChoose={(range) => onChoose(row, index, range)}
      onStar={() => onStar(row)}
    />
  );
}

/** The list of contacts: rows in view and some around them. */
import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconAddressBook, IconBuilding, IconSearchOff } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { Empty } from '../parts/Empty.tsx';
import { Lines } from '../parts/Lines.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { useWords } from '../words.ts';
import { nameOfCard, readingOfCard, type Card } from './card.ts';
import { pageSize, useContacts } from './data.ts';
import css from './contacts.module.css';

const rowPx = 56;

interface RowsProps {
  readonly account: string;
  readonly search: string;
  readonly group: Card | undefined;
  readonly chosen: string | undefined;
  readonly onChoose: (card: Card) => void;
  readonly onNew: () => void;
}

export function ContactRows({ account, search, group, chosen, onChoose, onNew }: RowsProps) {
  const { t } = useWords('contacts');
  const [pages, setPages] = useState<readonly number[]>([0]);
  const list = useContacts({ account, search, group }, pages);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: list.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 10,
  });
  const items = rows.getVirtualItems();
  const first = Math.floor((items[0]?.index ?? 0) / pageSize);
  const last = Math.floor((items.at(-1)?.index ?? 0) / pageSize);
  useEffect(() => {
    setPages(Array.from({ length: last - first + 1 }, (_, i) => first + i));
  }, [first, last]);
  if (list.error !== null) return <ProblemBox error={list.error} />;
  if (list.isLoading) return <Lines />;
  if (list.total === 0)
    return search !== '' ? (
      <Empty icon={IconSearchOff} title={t('nothingFound')} text={t('nothingFoundText')} />
    ) : (
      <Empty
        icon={IconAddressBook}
        title={t('none')}
        text={t(group ? 'noneInGroup' : 'noneText')}
        action={!group && <Button onClick={onNew}>{t('new')}</Button>}
      />
    );
  return (
    <div ref={scroller} className={css['scroller']} tabIndex={-1}>
      <div
        className={css['rows']}
        role="list"
        aria-label={t('title')}
        style={{ height: rows.getTotalSize() }}
      >
        {items.map(({ index, start }) => {
          const card = list.cardAt(index);
          return (
            <div
              key={index}
              role="listitem"
              aria-setsize={list.total}
              aria-posinset={index + 1}
              className={css['place']}
              style={{ transform: `translateY(${start}px)` }}
            >
              {card && <Row card={card} here={card.id === chosen} onChoose={() => onChoose(card)} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly card: Card;
  readonly here: boolean;
  readonly onChoose: () => void;
}

function Row({ card, here, onChoose }: RowProps) {
  const { t } = useWords('contacts');
  const name = nameOfCard(card) || t('nameless');
  const [email] = Object.values(card.emails ?? {});
  const [organization] = Object.values(card.organizations ?? {});
  const below = [organization?.name, email?.address].filter((each) => each && each !== name).join(' · ');
  return (
    <button type="button" className={css['row']} aria-current={here ? 'true' : undefined} onClick={onChoose}>
      <Badge name={name} isOrganization={card.kind === 'org'} />
      <span>
        <strong>
          {name}
          <small>{readingOfCard(card)}</small>
        </strong>
        <span>{below}</span>
      </span>
    </button>
  );
}

export function Badge({ name, isOrganization }: { readonly name: string; readonly isOrganization: boolean }) {
  return (
    <span className={css['badge']} aria-hidden>
      {isOrganization ? (
        <IconBuilding size={18} stroke={1.5} />
      ) : (
        String.fromCodePoint(name.trim().codePointAt(0) ?? 63).toUpperCase()
      )}
    </span>
  );
}

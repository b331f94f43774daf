/**
 * A table: columns to choose, sorting, export, a row that opens the drawer. Long ones draw only the rows on view. Rows are walked with the arrow keys
 * (or j and k) and opened with Enter.
 */
import { ActionIcon, Checkbox, Menu, Tooltip } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown, IconArrowUp, IconColumns3, IconDownload } from '@tabler/icons-react';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useWords } from '../words.ts';
import { csvOf, saveText } from './csv.ts';
import css from './DataTable.module.css';

export interface Column<T> {
  readonly id: string;
  readonly head: string;
  readonly cell: (row: T) => ReactNode;
  /** For sorting and export; absent: neither. */
  readonly value?: (row: T) => string | number;
  /** A CSS track: `minmax(160px, 1fr)`, `96px`. */
  readonly width?: string;
  readonly align?: 'end';
  /** Not shown unless chosen. */
  readonly hidden?: boolean;
  /** Left out on a phone. */
  readonly wide?: boolean;
}

interface DataTableProps<T> {
  readonly name: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  readonly selected?: string | undefined;
  readonly tools?: ReactNode;
  /** Rows that are marked for an action: keys, and what to do when one changes. */
  readonly marked?: ReadonlySet<string>;
  readonly onMark?: (keys: ReadonlySet<string>) => void;
}

const rowPx = 36;
const virtualFrom = 80;

export function DataTable<T>(props: DataTableProps<T>) {
  const { name, rows, columns, keyOf, tools } = props;
  const { t } = useWords('parts');
  const [sort, setSort] = useState<{ id: string; down: boolean } | undefined>();
  const [chosen, setChosen] = useChosenColumns(name, columns);
  const shown = columns.filter(({ id }) => chosen.has(id));
  const by = columns.find(({ id }) => id === sort?.id)?.value;
  const sorted = by ? rows.toSorted((a, b) => compare(by(a), by(b)) * (sort?.down === true ? -1 : 1)) : rows;
  return (
    <div className={css['whole']}>
      <div className={css['tools']}>
        {tools}
        <span className={css['count']}>{t('rows', { count: rows.length })}</span>
        <Menu closeOnItemClick={false} position="bottom-end" withinPortal>
          <Menu.Target>
            <Tooltip label={t('columns')}>
              <ActionIcon variant="subtle" color="gray" aria-label={t('columns')}>
                <IconColumns3 size={18} stroke={1.5} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            {columns.map(({ id, head }) => (
              <Menu.Item
                key={id}
                role="menuitemcheckbox"
                aria-checked={chosen.has(id)}
                onClick={() => setChosen(toggled(chosen, id))}
              >
                <Checkbox
                  size="xs"
                  readOnly
                  tabIndex={-1}
                  checked={chosen.has(id)}
                  label={head}
                  aria-hidden
                />
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Tooltip label={t('exportCsv')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('exportCsv')}
            onClick={() => saveText(`${name}.csv`, 'text/csv', csvOf(sorted, columns))}
          >
            <IconDownload size={18} stroke={1.5} />
          </ActionIcon>
        </Tooltip>
      </div>
      <Rows {...props} rows={sorted} columns={shown} keyOf={keyOf} sort={sort} onSort={setSort} />
    </div>
  );
}

interface RowsProps<T> extends DataTableProps<T> {
  readonly sort: { id: string; down: boolean } | undefined;
  readonly onSort: (sort: { id: string; down: boolean } | undefined) => void;
}

function Rows<T>(props: RowsProps<T>) {
  const { rows, columns, keyOf, marked, onMark } = props;
  const { t } = useWords('parts');
  const scroller = useRef<HTMLDivElement>(null);
  const isLong = rows.length > virtualFrom;
  const virtual = useVirtualizer({
    count: isLong ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  const tracks = [...(onMark ? ['32px'] : []), ...columns.map(({ width }) => width ?? 'minmax(120px, 1fr)')];
  const items = isLong ? virtual.getVirtualItems() : rows.map((_, index) => ({ index, start: 0 }));
  const all = rows.length > 0 && marked !== undefined && rows.every((row) => marked.has(keyOf(row)));
  return (
    <div
      ref={scroller}
      className={css['scroller']}
      data-long={isLong || undefined}
      role="table"
      aria-rowcount={rows.length + 1}
      style={{ ['--tracks' as never]: tracks.join(' '), ['--least' as never]: `${leastOf(tracks)}px` }}
    >
      <div role="rowgroup" className={css['headGroup']}>
        <div role="row" className={css['head']}>
          {onMark && (
            <span role="columnheader">
              <Checkbox
                size="xs"
                checked={all}
                aria-label={t('rows', { count: rows.length })}
                onChange={() => onMark(new Set(all ? [] : rows.map(keyOf)))}
              />
            </span>
          )}
          {columns.map((column) => (
            <Head key={column.id} column={column} {...props} />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className={css['body']}
        style={isLong ? { height: virtual.getTotalSize() } : undefined}
      >
        {items.map(({ index, start }) => (
          <Row
            key={keyOf(rows[index]!)}
            {...props}
            row={rows[index]!}
            index={index}
            top={isLong ? start : undefined}
          />
        ))}
      </div>
    </div>
  );
}

function Head<T>({ column, sort, onSort }: RowsProps<T> & { readonly column: Column<T> }) {
  const { t } = useWords('parts');
  const { id, head, value, align, wide } = column;
  const mine = sort?.id === id ? sort : undefined;
  const order = mine ? (mine.down ? 'descending' : 'ascending') : undefined;
  const next = mine === undefined ? { id, down: false } : mine.down ? undefined : { id, down: true };
  return (
    <span role="columnheader" data-align={align} data-wide={wide} aria-sort={order}>
      {value ? (
        <button type="button" aria-label={t('sortBy', { column: head })} onClick={() => onSort(next)}>
          {head}
          {mine && (mine.down ? <IconArrowDown size={12} /> : <IconArrowUp size={12} />)}
        </button>
      ) : (
        head
      )}
    </span>
  );
}

interface RowProps<T> extends RowsProps<T> {
  readonly row: T;
  readonly index: number;
  readonly top: number | undefined;
}

function Row<T>({ row, index, top, columns, keyOf, onOpen, selected, marked, onMark }: RowProps<T>) {
  const key = keyOf(row);
  const open = onOpen && (() => onOpen(row));
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected === undefined ? undefined : selected === key}
      className={css['row']}
      data-open={open ? '' : undefined}
      tabIndex={open ? 0 : undefined}
      style={top === undefined ? undefined : { position: 'absolute', transform: `translateY(${top}px)` }}
      onClick={open}
      onKeyDown={(event) => walk(event, open)}
    >
      {onMark && (
        // Only stops the click from opening the row; the box itself is what is used.
        <span role="cell" onClick={(event) => event.stopPropagation()}>
          <Checkbox
            size="xs"
            checked={marked?.has(key) ?? false}
            aria-label={key}
            onChange={() => onMark(toggled(marked ?? new Set(), key))}
          />
        </span>
      )}
      {columns.map(({ id, cell, align, wide }) => (
        <span role="cell" key={id} data-align={align} data-wide={wide}>
          {cell(row)}
        </span>
      ))}
    </div>
  );
}

function walk(event: KeyboardEvent<HTMLElement>, open: (() => void) | undefined): void {
  if (event.nativeEvent.isComposing || event.target !== event.currentTarget) return;
  const step = { ArrowDown: 'next', j: 'next', ArrowUp: 'previous', k: 'previous' }[event.key];
  if (step !== undefined) {
    event.preventDefault();
    const { nextElementSibling, previousElementSibling } = event.currentTarget;
    const to = step === 'next' ? nextElementSibling : previousElementSibling;
    if (to instanceof HTMLElement) to.focus();
  }
  if (event.key === 'Enter' && open) {
    event.preventDefault();
    open();
  }
}

function useChosenColumns<T>(name: string, columns: readonly Column<T>[]) {
  const keptAs = `hikyaku.columns.${name}`;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => {
    const kept = localStorage.getItem(keptAs);
    const visible = kept === null ? undefined : new Set(kept.split(','));
    return visible ?? new Set(columns.filter(({ hidden }) => hidden !== true).map(({ id }) => id));
  });
  const choose = (next: ReadonlySet<string>): void => {
    if (next.size === 0) return;
    localStorage.setItem(keptAs, [...next].join(','));
    setChosen(next);
  };
  return [chosen, choose] as const;
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return set.has(id) ? new Set([...set].filter((each) => each !== id)) : new Set([...set, id]);
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

/** The least width of all columns together: head and rows are grids of their own, and are to be of one width. */
function leastOf(tracks: readonly string[]): number {
  const paddingPx = 24;
  const gapPx = 16;
  const least = tracks.map((track) => Number(/(\d+)px/.exec(track)?.[1] ?? 0));
  return least.reduce((sum, px) => sum + px + gapPx, paddingPx - gapPx);
}

/** A list as a page: search, table, its states, and more of it. */
import { Button } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { useList } from '../api/lists.ts';
import { useWords } from '../words.ts';
import { DataTable, type Column } from './DataTable.tsx';
import { Empty } from './Empty.tsx';
import { Lines } from './Lines.tsx';
import { ProblemBox } from './ProblemBox.tsx';

interface ListBodyProps<T> {
  readonly name: string;
  readonly list: ReturnType<typeof useList<T>>;
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  readonly selected?: string | undefined;
  readonly tools?: ReactNode;
  readonly searching?: boolean;
  readonly empty: {
    readonly icon: Icon;
    readonly title: string;
    readonly text: string;
    readonly action?: ReactNode;
  };
}

export function ListBody<T>(props: ListBodyProps<T>) {
  const { list, empty, searching = false, name, columns, keyOf, onOpen, selected, tools } = props;
  const { t } = useWords('parts');
  if (list.error) return <ProblemBox error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Lines />;
  if (list.rows.length === 0 && !searching) return <Empty {...empty} />;
  return (
    <>
      <DataTable
        name={name}
        rows={list.rows}
        columns={columns}
        keyOf={keyOf}
        selected={selected}
        tools={tools}
        {...(onOpen && { onOpen })}
      />
      {list.hasNextPage && (
        <Button
          variant="default"
          mt={12}
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('showMore')}
        </Button>
      )}
    </>
  );
}

/** Whether block lists name an address of ours. */
import { useQuery } from '@tanstack/react-query';
import { IconShieldCheck } from '@tabler/icons-react';
import type { BlockListItem } from '../../../../src/httpd/admin-api/contract-deliverability.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { useWords } from '../../words.ts';

const moods = { listed: 'bad', clean: 'good', unknown: 'neutral' } as const;

export function BlockLists() {
  const { t } = useWords('console/deliverability');
  const { data, error, refetch } = useQuery({
    queryKey: ['blockLists'],
    queryFn: () => admin.get<PageOf<BlockListItem>>('/deliverability/block-lists'),
    staleTime: 60_000,
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines />;
  if (data.items.length === 0)
    return <Empty icon={IconShieldCheck} title={t('noLists')} text={t('noListsText')} />;
  return (
    <>
      <p>{t('listsText')}</p>
      <DataTable
        name="block-lists"
        rows={data.items.toSorted((a, b) => (a.is === 'listed' ? -1 : b.is === 'listed' ? 1 : 0))}
        keyOf={({ address, list }) => `${address} ${list}`}
        columns={[
          {
            id: 'is',
            head: t('state'),
            width: '150px',
            cell: ({ is }) => <Mark mood={moods[is]}>{t(`verdicts.${is}`)}</Mark>,
            value: ({ is }) => is,
          },
          {
            id: 'address',
            head: t('address'),
            width: 'minmax(150px, 1fr)',
            cell: ({ address }) => <code>{address}</code>,
            value: ({ address }) => address,
          },
          {
            id: 'list',
            head: t('list'),
            width: 'minmax(180px, 1fr)',
            cell: ({ list }) => list,
            value: ({ list }) => list,
          },
          {
            id: 'why',
            head: t('why'),
            width: 'minmax(200px, 1.6fr)',
            cell: ({ why }) => why,
            value: ({ why }) => why,
          },
        ]}
      />
    </>
  );
}

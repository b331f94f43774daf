/** What an endpoint was sent, and what it did not take. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { DeadEvent, WebhookAttempt } from '../../../../src/httpd/admin-api/contract-webhooks.ts';
import { admin } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import { Lines } from '../../parts/Lines.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { lengthOfTime, When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import css from './Webhooks.module.css';

const refreshMs = 5000;
const pageItems = 50;

export function Attempts({ path }: { readonly path: string }) {
  const { t, language } = useWords('console/webhooks');
  const may = useMay();
  const list = useList<WebhookAttempt>(`${path}/attempts`, { limit: pageItems }, { refreshMs });
  const again = useDeed({
    run: ({ firstEvent }: WebhookAttempt) => admin.post(`${path}/replay`, { events: [firstEvent] }),
    said: () => t('toldAgain'),
  });
  if (list.error) return <ProblemBox error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Lines count={4} />;
  if (list.rows.length === 0) return <p>{t('noRequests')}</p>;
  return (
    <>
      <ul className={css['list']}>
        {list.rows.map((one) => {
          const good = one.status >= 200 && one.status < 300;
          return (
            <li key={one.id + one.atMs}>
              <div>
                <Mark mood={good ? 'good' : 'bad'}>
                  {one.status === 0 ? t('noAnswer') : String(one.status)}
                </Mark>{' '}
                <When atMs={one.atMs} /> · {lengthOfTime(one.ms, language)} ·{' '}
                {t('eventCount', { count: one.count })}
                {one.answer !== '' && <code>{one.answer}</code>}
              </div>
              {may('webhooks:write') && one.count === 1 && one.firstEvent > 0 && (
                <Button size="compact-xs" variant="subtle" onClick={() => again.mutate(one)}>
                  {t('tellAgain')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <More list={list} />
    </>
  );
}

export function DeadLetters({ path }: { readonly path: string }) {
  const { t } = useWords('console/webhooks');
  const may = useMay();
  const list = useList<DeadEvent>(`${path}/dead`, { limit: pageItems });
  const revive = useDeed({
    run: (events: readonly number[]) =>
      admin.post<{ count: number }>(`${path}/dead/replay`, events.length > 0 ? { events } : {}),
    said: ({ count }) => t('revived', { count }),
  });
  if (list.error) return <ProblemBox error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Lines count={4} />;
  if (list.rows.length === 0) return <p>{t('noDead')}</p>;
  return (
    <>
      {may('webhooks:write') && (
        <Button size="compact-sm" variant="default" mb={8} onClick={() => revive.mutate([])}>
          {t('reviveAll')}
        </Button>
      )}
      <ul className={css['list']}>
        {list.rows.map((one) => (
          <li key={one.event}>
            <div>
              <Link to={`/console/journey/${one.message}`}>{one.message || `#${one.event}`}</Link>{' '}
              <When atMs={one.atMs} /> · {t('tries', { count: one.tries })}
              <code>{one.answer}</code>
            </div>
            {may('webhooks:write') && (
              <Button size="compact-xs" variant="subtle" onClick={() => revive.mutate([one.event])}>
                {t('tellAgain')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <More list={list} />
    </>
  );
}

function More<T>({ list }: { readonly list: ReturnType<typeof useList<T>> }) {
  const { t } = useWords('parts');
  if (!list.hasNextPage) return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {t('showMore')}
    </Button>
  );
}

/** One destination: its last answer, its mail, and what can be done. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { QueueDestination, QueueEntry } from '../../../../src/httpd/admin-api/contract-mail.ts';
import type { OrderItem } from '../../../../src/httpd/admin-api/contract-operator.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Drawer } from '../../parts/Page.tsx';
import { Typed } from '../../parts/Typed.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useQueueDeed } from './deeds.ts';
import { OrderForm, OrderList } from './Orders.tsx';
import { ordersFor } from './providers.ts';
import { WhyWaits } from './WhyWaits.tsx';
import css from './Queue.module.css';

interface DestinationDrawerProps {
  readonly destination: QueueDestination;
  readonly provider: string | undefined;
  readonly orders: readonly OrderItem[];
  readonly onClose: () => void;
}

const refreshMs = 5000;
const shownMax = 100;

export function DestinationDrawer({ destination: one, provider, orders, onClose }: DestinationDrawerProps) {
  const { t } = useWords('console/queue');
  const may = useMay();
  const { destination } = one;
  const here = ordersFor(orders, { provider, domain: destination });
  const { data } = useQuery({
    queryKey: ['queue', destination],
    queryFn: () => admin.get<PageOf<QueueEntry>>('/queue/entries', { destination, limit: shownMax }),
    refetchInterval: refreshMs,
  });
  return (
    <Drawer title={destination} onClose={onClose} actions={may('queue:write') && <Controls one={one} />}>
      <Facts
        items={[
          [t('waiting'), one.waiting],
          [t('held'), one.held],
          [t('oldest'), <When key="oldest" atMs={one.oldestAtMs} />],
          [t('next'), <When key="next" atMs={one.nextTryAtMs} />],
        ]}
      />
      {here.length > 0 && <OrderList orders={here} />}
      {destination !== 'local' && <WhyWaits destination={destination} />}
      <h3 className={css['sub']}>{t('mails')}</h3>
      {!data && <Lines count={4} />}
      <ul className={css['mails']}>
        {data?.items.map((entry) => (
          <li key={entry.id}>
            <Link to={`/console/journey/${entry.message}`} search={{ to: entry.recipient } as never}>
              {entry.subject || t('noSubject')}
            </Link>
            {entry.state === 'held' && <Mark mood="waiting">{t('held')}</Mark>}
            <p>
              {entry.sender || '<>'} → {entry.recipient}
            </p>
            <p>
              {t('tries', { count: entry.tries })} · {t('next')} <When atMs={entry.nextTryAtMs} />
            </p>
          </li>
        ))}
      </ul>
    </Drawer>
  );
}

function Controls({ one }: { readonly one: QueueDestination }) {
  const { t } = useWords('console/queue');
  const deed = useQueueDeed();
  const filters = [{ destination: one.destination }];
  const [order, setOrder] = useState<'suspend' | 'limit' | undefined>();
  return (
    <>
      <Button disabled={one.waiting === 0} onClick={() => deed.mutate({ action: 'retry', filters })}>
        {t('retry')}
      </Button>
      {one.destination !== 'local' && (
        <>
          <Button variant="default" onClick={() => setOrder('suspend')}>
            {t('orders.suspend')}
          </Button>
          <Button variant="default" onClick={() => setOrder('limit')}>
            {t('orders.limit')}
          </Button>
        </>
      )}
      <Button
        variant="default"
        disabled={one.waiting === 0}
        onClick={() => deed.mutate({ action: 'hold', filters })}
      >
        {t('hold')}
      </Button>
      <Button
        variant="default"
        disabled={one.held === 0}
        onClick={() => deed.mutate({ action: 'release', filters })}
      >
        {t('release')}
      </Button>
      <Typed
        label={t('delete')}
        what={t('deleteWhat', { count: one.waiting + one.held, destination: one.destination })}
        text={one.destination}
        onConfirm={() => deed.mutate({ action: 'delete', filters })}
      />
      {order && (
        <OrderForm
          is={order}
          about={{ domain: one.destination }}
          name={one.destination}
          onClose={() => setOrder(undefined)}
        />
      )}
    </>
  );
}

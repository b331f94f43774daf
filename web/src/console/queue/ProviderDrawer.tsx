/** One provider: why its mail waits, the orders in force, its destinations, and what can be done. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OrderItem } from '../../../../src/httpd/admin-api/contract-operator.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Drawer } from '../../parts/Page.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useQueueDeed } from './deeds.ts';
import { OrderForm, OrderList } from './Orders.tsx';
import { ordersFor, type ProviderRow } from './providers.ts';
import css from './Queue.module.css';

interface ProviderDrawerProps {
  readonly row: ProviderRow;
  readonly title: string;
  readonly orders: readonly OrderItem[];
  readonly onClose: () => void;
  readonly onDestination: (destination: string) => void;
}

export function ProviderDrawer({ row, title, orders, onClose, onDestination }: ProviderDrawerProps) {
  const { t } = useWords('console/queue');
  const may = useMay();
  const here = ordersFor(orders, { provider: row.provider });
  return (
    <Drawer
      title={title}
      onClose={onClose}
      actions={may('queue:write') && <Controls row={row} title={title} />}
    >
      <Facts
        items={[
          [t('waiting'), row.waiting],
          [t('held'), row.held],
          [t('rate'), t('perSecond', { value: row.perSecond.toFixed(1) })],
          [t('connections'), row.connections],
          [t('oldest'), <When key="oldest" atMs={row.oldestAtMs} />],
          [t('next'), <When key="next" atMs={row.nextTryAtMs} />],
        ]}
      />
      {here.length > 0 && <OrderList orders={here} />}
      {row.now.length > 0 && (
        <>
          <h3 className={css['sub']}>{t('whyWaits')}</h3>
          <ul className={css['why']}>
            {row.now.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </>
      )}
      {row.last !== '' && (
        <div className={css['last']}>
          <p>{t('last')}</p>
          <blockquote>{row.last}</blockquote>
        </div>
      )}
      <h3 className={css['sub']}>{t('destinations')}</h3>
      <ul className={css['mails']}>
        {row.rows.map(({ destination, waiting, held }) => (
          <li key={destination}>
            <Button variant="subtle" size="compact-sm" onClick={() => onDestination(destination)}>
              {destination}
            </Button>
            <p>{t('barText', { waiting, held })}</p>
          </li>
        ))}
      </ul>
    </Drawer>
  );
}

function Controls({ row, title }: { readonly row: ProviderRow; readonly title: string }) {
  const { t } = useWords('console/queue');
  const [order, setOrder] = useState<'suspend' | 'limit' | undefined>();
  const deed = useQueueDeed();
  const all = (action: 'retry' | 'hold' | 'release') =>
    deed.mutate({ action, filters: row.rows.map(({ destination }) => ({ destination })) });
  return (
    <>
      <Button disabled={row.waiting === 0} onClick={() => all('retry')}>
        {t('retry')}
      </Button>
      {row.provider !== '' && (
        <>
          <Button variant="default" onClick={() => setOrder('suspend')}>
            {t('orders.suspend')}
          </Button>
          <Button variant="default" onClick={() => setOrder('limit')}>
            {t('orders.limit')}
          </Button>
        </>
      )}
      <Button variant="default" disabled={row.waiting === 0} onClick={() => all('hold')}>
        {t('hold')}
      </Button>
      <Button variant="default" disabled={row.held === 0} onClick={() => all('release')}>
        {t('release')}
      </Button>
      {order && (
        <OrderForm
          is={order}
          about={{ provider: row.provider }}
          name={title}
          onClose={() => setOrder(undefined)}
        />
      )}
    </>
  );
}

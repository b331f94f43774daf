/** Orders that hold mail back or slow it: what is in force with who gave it, why and until when, and the form that gives one. */
import { Button, NumberInput, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { OrderItem } from '../../../../src/httpd/admin-api/contract-operator.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import type { OrderedFor } from './providers.ts';
import css from './Queue.module.css';

const refreshMs = 5000;

export function useOrders(): readonly OrderItem[] {
  const { data } = useQuery({
    queryKey: ['queue', 'orders'],
    queryFn: () => admin.get<PageOf<OrderItem>>('/queue/orders'),
    refetchInterval: refreshMs,
  });
  return data?.items ?? [];
}

export function OrderList({ orders }: { readonly orders: readonly OrderItem[] }) {
  const { t } = useWords('console/queue');
  const may = useMay();
  const end = useDeed({
    run: ({ id }: OrderItem) => admin.delete(`/queue/orders/${id}`),
    said: () => t('orders.ended'),
    undo: (_, { id: _id, by: _by, madeAtMs: _made, untilMs, rate, ...scope }) => {
      const minutes = Math.ceil((untilMs - Date.now()) / 60_000);
      return () => admin.post('/queue/orders', { ...scope, ...(rate !== '' && { rate }), minutes });
    },
    changes: ['queue'],
  });
  return (
    <ul className={css['orders']} aria-label={t('orders.title')}>
      {orders.map((order) => (
        <li key={order.id}>
          <div>
            <Mark mood="waiting" icon={order.is === 'suspend' ? 'ban' : 'warning'}>
              {order.is === 'suspend' ? t('orders.suspended') : t('orders.limited', { rate: order.rate })}
            </Mark>{' '}
            <strong>{scopeText(order) || t('orders.allMail')}</strong>
            <p>{order.why}</p>
            <p className={css['soft']}>
              {t('orders.by', { by: order.by })} · {t('orders.until')} <When atMs={order.untilMs} />
            </p>
          </div>
          {may('queue:write') && (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={t('orders.resumeOne', { what: scopeText(order) || t('orders.allMail') })}
              onClick={() => end.mutate(order)}
            >
              {t('orders.resume')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

const scopeText = ({ provider, domain, campaign }: OrderItem): string =>
  [provider, domain, campaign].filter((part) => part !== undefined).join(' · ');

const spans = [15, 60, 240, 1440, 10_080] as const;
const units = ['min', 'h', 's'] as const;

interface OrderFormProps {
  readonly is: 'suspend' | 'limit';
  readonly about: OrderedFor;
  /** What it is about, as people call it. */
  readonly name: string;
  readonly onClose: () => void;
}

export function OrderForm({ is, about, name, onClose }: OrderFormProps) {
  const { t } = useWords('console/queue');
  const [minutes, setMinutes] = useState('60');
  const [unit, setUnit] = useState<string>('min');
  const give = useDeed({
    run: (body: object) => admin.post<OrderItem>('/queue/orders', body),
    said: () => t(`orders.did.${is}`, { name }),
    undo:
      ({ id }) =>
      () =>
        admin.delete(`/queue/orders/${id}`),
    changes: ['queue'],
  });
  return (
    <FormModal
      title={t(`orders.form.${is}`, { name })}
      submit={t(`orders.${is}`)}
      onClose={onClose}
      onSubmit={(form) =>
        give.mutateAsync({
          is,
          ...(about.provider !== undefined && { provider: about.provider }),
          ...(about.domain !== undefined && { domain: about.domain }),
          ...(is === 'limit' && { rate: `${textOf(form, 'count').replaceAll(/\D/g, '')}/${unit}` }),
          why: textOf(form, 'why'),
          minutes: Number(minutes),
        })
      }
    >
      {(problemAt) => (
        <>
          <p>{t(`orders.formText.${is}`)}</p>
          {is === 'limit' && (
            <div className={css['rate']}>
              <NumberInput
                name="count"
                data-autofocus
                required
                min={1}
                thousandSeparator=","
                label={t('orders.rate')}
                defaultValue={100}
                error={problemAt('rate')}
              />
              <Select
                aria-label={t('orders.unit')}
                data={units.map((value) => ({ value, label: t(`orders.units.${value}`) }))}
                value={unit}
                allowDeselect={false}
                onChange={(next) => next !== null && setUnit(next)}
              />
            </div>
          )}
          <Select
            label={t('orders.span')}
            description={t('orders.spanText')}
            data={spans.map((value) => ({ value: String(value), label: t(`orders.spans.${value}`) }))}
            value={minutes}
            allowDeselect={false}
            onChange={(next) => next !== null && setMinutes(next)}
          />
          <Textarea
            name="why"
            required
            maxLength={500}
            label={t('orders.why')}
            description={t('orders.whyText')}
            error={problemAt('why')}
            {...(is === 'suspend' && { 'data-autofocus': true })}
          />
        </>
      )}
    </FormModal>
  );
}

/** Rows of the queue brought together by provider, with the orders that hold for each. */
import type { OrderItem, QueueRow } from '../../../../src/httpd/admin-api/contract-operator.ts';

export interface ProviderRow {
  /** Empty: destinations of no provider group. */
  readonly provider: string;
  readonly title: string;
  readonly waiting: number;
  readonly held: number;
  readonly connections: number;
  readonly perSecond: number;
  readonly oldestAtMs: number;
  readonly nextTryAtMs: number;
  readonly last: string;
  readonly now: readonly string[];
  readonly rows: readonly QueueRow[];
}

export function providersOf(rows: readonly QueueRow[]): readonly ProviderRow[] {
  const groups = Map.groupBy(rows, ({ provider }) => provider);
  return [...groups]
    .map(([provider, inside]) => providerOf(provider, inside))
    .toSorted((a, b) => b.waiting + b.held - a.waiting - a.held || (a.title < b.title ? -1 : 1));
}

function providerOf(provider: string, rows: readonly QueueRow[]): ProviderRow {
  const sum = (field: 'waiting' | 'held' | 'connections' | 'perSecond'): number =>
    rows.reduce((total, row) => total + row[field], 0);
  return {
    provider,
    title: rows.find(({ providerTitle }) => providerTitle !== '')?.providerTitle ?? provider,
    waiting: sum('waiting'),
    held: sum('held'),
    // Open connections and the rate are those of a provider's site: the same in each of its rows.
    connections: provider === '' ? sum('connections') : Math.max(...rows.map((row) => row.connections)),
    perSecond: provider === '' ? sum('perSecond') : Math.max(...rows.map((row) => row.perSecond)),
    oldestAtMs: Math.min(...rows.map((row) => row.oldestAtMs)),
    nextTryAtMs: Math.min(...rows.map((row) => row.nextTryAtMs)),
    last: rows.find(({ last }) => last !== '')?.last ?? '',
    now: [...new Set(rows.flatMap(({ now }) => now))],
    rows,
  };
}

/** What an order is about, of a provider or of a destination. */
export interface OrderedFor {
  readonly provider?: string | undefined;
  readonly domain?: string | undefined;
}

/** Orders that hold for all mail of it: those of the whole server too. */
export function ordersFor(
  orders: readonly OrderItem[],
  { provider, domain }: OrderedFor,
): readonly OrderItem[] {
  return orders.filter(
    (order) =>
      (order.provider === undefined || order.provider === provider) &&
      (order.domain === undefined || order.domain === domain),
  );
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Order } from '../queue/orders.ts';
import { reroutesOf } from './order-care.ts';

const order = (more: Partial<Order>): Order => ({
  id: '1',
  is: 'reroute',
  rate: '',
  to: { host: 'relay.example' },
  why: '',
  by: '',
  madeAtMs: 0,
  untilMs: 1,
  ...more,
});

test('orders that reroute are routes, the latest first; others are none', () => {
  const routes = reroutesOf([
    order({ domain: 'there.example' }),
    order({ is: 'suspend' }),
    order({ domain: 'there.example', to: { host: 'newer.example', port: 587 } }),
    order({ sender: '@news.example', to: { host: 'news.example' } }),
  ]);
  assert.deepEqual(routes, [
    { domains: ['*'], senders: ['news.example'], hosts: [{ host: 'news.example' }] },
    { domains: ['there.example'], hosts: [{ host: 'newer.example', port: 587 }] },
    { domains: ['there.example'], hosts: [{ host: 'relay.example' }] },
  ]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { migrations as events } from '../events/migrations.ts';
import type { Gate, Pass } from './gate.ts';
import type { QueuedMessage } from './message.ts';
import { migrations as own } from './migrations.ts';
import { operations } from './operations.ts';
import { endOrder, giveOrder, Orders, ordersAt, type Order } from './orders.ts';

const migrations = [...events, ...own];
const pass = { is: 'pass' } as Pass;
const free: Gate = { connectionsMax: 7, ways: 2, ask: () => pass, close: () => {} };
const facts = { site: 's', hosts: ['mx.google.com'], destination: 'gmail.com' };
const mail = (org: string, campaign = ''): QueuedMessage => ({ org, campaign }) as QueuedMessage;

function contract(open: () => Promise<Store>): void {
  test('an order keeps back what it names, on every thread, until it ends or its time is over', async () => {
    await using store = await open();
    const clock = new TestClock();
    const nowMs = clock.nowMs();
    const changes: number[] = [];
    using orders = new Orders({
      store,
      clock,
      log: silentLog,
      providerOf: () => 'google',
      onChange: (held) => changes.push(held.length),
    });
    const gate = orders.around(facts, free)!;
    assert.deepEqual([gate.connectionsMax, gate.ways], [7, 2]);
    const order = (id: string, more: Partial<Order>): Order => ({
      id,
      is: 'suspend',
      rate: '',
      why: 'x',
      by: 'x',
      madeAtMs: nowMs,
      untilMs: nowMs + 60_000,
      ...more,
    });
    await store.write(giveOrder, order('1', { org: 'a', campaign: 'sale' }));
    await store.write(giveOrder, order('2', { provider: 'docomo' }));
    await store.write(giveOrder, order('3', { is: 'limit', rate: '1/s', org: 'b' }));
    await orders.refresh();
    const ask = (org: string, campaign?: string) => gate.ask(mail(org, campaign), 'gmail.com', nowMs);
    assert.deepEqual(ask('a', 'sale'), { is: 'wait', untilMs: nowMs + 60_000, whole: false });
    assert.equal(ask('a'), pass);
    assert.equal(ask('b', 'sale'), pass);
    await store.write(giveOrder, order('4', { provider: 'google', untilMs: nowMs + 30_000 }));
    await orders.refresh();
    assert.deepEqual(ask('b'), { is: 'wait', untilMs: nowMs + 30_000, whole: true });
    assert.deepEqual(ask('a', 'sale'), { is: 'wait', untilMs: nowMs + 60_000, whole: true });
    await assert.rejects(store.write(endOrder, { id: '4', org: 'a' }), { reason: 'notFound' });
    await store.write(endOrder, { id: '4', org: undefined });
    await orders.refresh();
    assert.equal(ask('b'), pass);
    assert.equal(changes.at(-1), 3);
    const from = (sender: string) => gate.ask({ ...mail('b'), sender }, 'gmail.com', nowMs);
    await store.write(giveOrder, order('5', { sender: '@news.example', untilMs: nowMs + 30_000 }));
    await orders.refresh();
    assert.deepEqual(from('a@News.example'), { is: 'wait', untilMs: nowMs + 30_000, whole: false });
    assert.equal(from('a@other-news.example'), pass);
    await store.write(endOrder, { id: '5', org: undefined });
    await orders.refresh();
    await clock.advance(61_000);
    assert.equal(gate.ask(mail('a', 'sale'), 'gmail.com', clock.nowMs()), pass);
    assert.deepEqual(await store.read(() => ordersAt(clock.nowMs())), []);
    assert.equal(orders.around(facts, undefined), undefined);
  });
}

describe('orders on SQLite', () => contract(() => openTestStore({ migrations, operations })));
describePostgres('orders on PostgreSQL', (open) => contract(() => open({ migrations, operations })));

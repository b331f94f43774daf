import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import { systemClock } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import { openTestStore } from '../store/testing.ts';
import type { Store } from '../store/store.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { Templates } from './templates.ts';

const reason = (expected: string) => (error: unknown) =>
  error instanceof Refusal && error.reason === expected;

function contract(open: () => Promise<Store>): void {
  test('each change of a template is a version; the newest is used unless another is named', async () => {
    await using store = await open();
    const templates = new Templates(store, systemClock);
    assert.equal((await templates.put('a', 'welcome', { texts: { text: 'one' } }, 'key:1')).version, 1);
    const second = { texts: { subject: 's', html: '<p>two' }, strict: true, note: 'HTML' };
    assert.equal((await templates.put('a', 'welcome', second, 'key:2')).version, 2);
    await templates.put('b', 'welcome', { texts: { text: 'of b' } }, 'key:3');
    const newest = await templates.get('a', 'welcome');
    assert.deepEqual(newest.texts, second.texts);
    assert.equal(newest.strict, true);
    assert.deepEqual((await templates.get('a', 'welcome', 1)).texts, { text: 'one' });
    await assert.rejects(templates.get('a', 'welcome', 3), reason('notFound'));
    await assert.rejects(templates.get('c', 'welcome'), reason('notFound'));
    await templates.put('a', 'receipt', { texts: { text: 'r' } }, 'key:1');
    const page = await templates.list('a', { limit: 1 });
    assert.deepEqual([page.items.map(({ name }) => name), page.next], [['receipt'], 'receipt']);
    const rest = await templates.list('a', { limit: 5, after: 'receipt' });
    assert.deepEqual(
      rest.items.map(({ name, version }) => [name, version]),
      [['welcome', 2]],
    );
    await templates.delete('a', 'welcome');
    await assert.rejects(templates.delete('a', 'welcome'), reason('notFound'));
    assert.equal((await templates.get('b', 'welcome')).version, 1);
    await assert.rejects(templates.put('a', 'Not a name', { texts: { text: '' } }, ''), reason('invalid'));
    await assert.rejects(templates.put('a', 'empty', { texts: { subject: 's' } }, ''), reason('invalid'));
  });
}

contract(() => openTestStore({ migrations, operations }));
describePostgres('templates on PostgreSQL', (openStore) =>
  contract(() => openStore({ migrations, operations })),
);

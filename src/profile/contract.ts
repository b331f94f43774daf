/** What every engine keeps of records. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import { Profiles } from './profiles.ts';
import { emptiedTables } from './rows.ts';

const alice = 'alice' as AccountId;
const bob = 'bob' as AccountId;
const refused = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;

export function profileContract(open: () => Promise<Store>): void {
  test('records are numbered, changed together, and each type has a history of its own', async () => {
    await using store = await open();
    const profiles = new Profiles({ store });
    assert.equal(await profiles.version(alice, 'Identity'), 0);
    const ids = await profiles.write(alice, 'Identity', [
      { is: 'create', data: '{"a":1}' },
      { is: 'create', data: '{"a":2}' },
    ]);
    assert.deepEqual(ids, [1, 2]);
    await profiles.write(alice, 'Identity', [
      { is: 'update', id: 1, data: '{"a":3}', seen: '{"a":1}' },
      { is: 'destroy', id: 2 },
    ]);
    await profiles.write(bob, 'Identity', [{ is: 'create', data: '{}' }]);
    assert.deepEqual(
      (await profiles.list(alice, 'Identity')).map(({ id, value }) => [id, value]),
      [[1, { a: 3 }]],
    );
    assert.deepEqual([...(await profiles.versions(alice))], [['Identity', 2]]);
    const all = await profiles.changes(alice, 'Identity', { since: 0, max: 9 });
    assert.deepEqual(all, { created: [1], updated: [], destroyed: [], version: 2, hasMore: false });
    const later = await profiles.changes(alice, 'Identity', { since: 1, max: 9 });
    assert.deepEqual([later?.updated, later?.destroyed], [[1], [2]]);
    assert.equal(await profiles.changes(alice, 'Identity', { since: 3, max: 9 }), undefined);
    assert.equal((await profiles.all('Identity')).length, 2);
  });

  test('what cannot be done changes nothing', async () => {
    await using store = await open();
    const profiles = new Profiles({ store });
    await profiles.write(alice, 'VacationResponse', [{ is: 'create', data: '{}' }]);
    await assert.rejects(
      profiles.write(alice, 'VacationResponse', [{ is: 'create', data: '{}' }]),
      refused('limitReached'),
    );
    await assert.rejects(
      profiles.write(alice, 'VacationResponse', [{ is: 'update', id: 1, data: '[]', seen: 'x' }]),
      refused('conflict'),
    );
    await assert.rejects(
      profiles.write(alice, 'VacationResponse', [
        { is: 'update', id: 1, data: '[]' },
        { is: 'destroy', id: 9 },
      ]),
      refused('notFound'),
    );
    assert.equal(await profiles.version(alice, 'VacationResponse'), 1);
    assert.equal((await profiles.list(alice, 'VacationResponse'))[0]?.data, '{}');
  });

  test('a write that knows another version is refused', async () => {
    await using store = await open();
    const profiles = new Profiles({ store });
    await profiles.ifAt(0).write(alice, 'Identity', [{ is: 'create', data: '{}' }]);
    const other = (error: unknown) =>
      error instanceof Refusal && error.reason === 'conflict' && error.at === 'state';
    await assert.rejects(profiles.ifAt(0).write(alice, 'Identity', [{ is: 'destroy', id: 1 }]), other);
    await profiles.ifAt(1).write(alice, 'Identity', [{ is: 'destroy', id: 1 }]);
    assert.equal(await profiles.version(alice, 'Identity'), 2);
  });

  test('an account that is gone leaves nothing', async () => {
    await using store = await open();
    const profiles = new Profiles({ store });
    await profiles.write(alice, 'Identity', [{ is: 'create', data: '{}' }]);
    await profiles.drop(alice);
    for (const table of emptiedTables)
      assert.deepEqual(await store.read(() => rows(`select account from ${table}`)), [], table);
  });
}

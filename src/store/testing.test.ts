import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../base/refusal.ts';
import { operation } from './operation.ts';
import { openTestStore } from './testing.ts';
import { hint, row, rows } from './transaction.ts';

const migrations = [
  {
    part: 'sample',
    version: 1,
    statements: ['create table item (id text not null primary key, n integer not null, data blob)'],
  },
];
const add = operation('sample.add', function* (args: { id: string; n: number; data: Uint8Array | null }) {
  yield* rows('insert into item (id, n, data) values (?, ?, ?)', args.id, args.n, args.data);
  yield* hint('item', args.id);
  if (args.n < 0) throw new Refusal('invalid', 'negative', { at: 'n' });
  return args.n + 1;
});

test('the test store writes, reads what it wrote, hints after the commit and rolls a refused operation back alone', async () => {
  await using store = await openTestStore({ migrations, operations: [add] });
  const heard: string[] = [];
  using _ = store.onHint('item', (key) => heard.push(key));
  const bytes = new Uint8Array([0, 255, 10]);
  const results = await Promise.allSettled([
    store.write(add, { id: 'a', n: 1, data: bytes }),
    store.write(add, { id: 'b', n: -1, data: null }),
    store.write(add, { id: '漢字', n: 2 ** 52, data: null }),
  ]);
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  const stored = await store.read(() => rows('select id, n, data from item order by n'));
  assert.deepEqual(stored, [
    { id: 'a', n: 1, data: bytes },
    { id: '漢字', n: 2 ** 52, data: null },
  ]);
  assert.deepEqual(heard, ['a', '漢字']);
  await assert.rejects(
    store.read(() => rows('delete from item')),
    /readonly/,
  );
  assert.deepEqual(await store.read(() => row('select count(*) as c from item')), { c: 2 });
});

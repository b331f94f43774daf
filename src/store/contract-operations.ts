/** The schema and operations that the contract tests use, in a module of their own so that a storage thread can load it by its URL. */
import { Refusal } from '../base/refusal.ts';
import { operation } from './operation.ts';
import type { Migration } from './store.ts';
import { batch, hint, maybe, row, rows } from './transaction.ts';

export const firstMigration: Migration = {
  part: 'contract',
  version: 1,
  statements: [
    'create table item (owner text not null, id text not null, n integer not null, data blob, primary key (owner, id))',
    'create table head (owner text not null primary key, version integer not null, total integer not null)',
    'create table events.line (seq integer not null primary key, message text not null)',
  ],
  sqlite: ['create index item_n on item (owner, n)'],
  postgres: ['create index item_by_n on item (owner, n)'],
};

export const secondMigration: Migration = {
  part: 'contract',
  version: 2,
  statements: ["alter table item add column note text not null default 'none'"],
};

export const migrations: readonly Migration[] = [firstMigration, secondMigration];

export interface Item {
  readonly owner: string;
  readonly id: string;
  readonly n: number;
  readonly data: Uint8Array | null;
}

/** Adds an item and gives its number within its owner: three statements that must be one. */
const add = operation('contract.add', function* (item: Item) {
  yield* rows(
    'insert into item (owner, id, n, data) values (?, ?, ?, ?)',
    item.owner,
    item.id,
    item.n,
    item.data,
  );
  const head = yield* row<{ version: number }>(
    'insert into head (owner, version, total) values (?, 1, ?)' +
      ' on conflict (owner) do update set version = head.version + 1, total = head.total + excluded.total returning version',
    item.owner,
    item.n,
  );
  yield* hint('item', item.id);
  return head.version;
});

/** Writes, hints, and then says no: nothing of it may remain. */
const refuse = operation('contract.refuse', function* (item: Item) {
  yield* rows(
    'insert into item (owner, id, n, data) values (?, ?, ?, ?)',
    item.owner,
    item.id,
    item.n,
    item.data,
  );
  yield* rows('update head set version = version + 1000 where owner = ?', item.owner);
  yield* hint('item', item.id);
  throw new Refusal('mailboxFull', `no room for ${item.id}`, { at: 'items.3.id' });
});

const crash = operation('contract.crash', function* (item: Item) {
  yield* rows(
    'insert into item (owner, id, n, data) values (?, ?, ?, ?)',
    item.owner,
    item.id,
    item.n,
    item.data,
  );
  throw new TypeError(`bug with ${item.id}`);
});

const addAll = operation('contract.addAll', function* (items: readonly Item[]) {
  const found = yield* batch(
    items.map(({ owner, id, n, data }) => ({
      sql: 'insert into item (owner, id, n, data) values (?, ?, ?, ?) returning id, n, data',
      params: [owner, id, n, data],
    })),
  );
  return found.map((answer) => answer[0]!);
});

/** Reads and then writes what it read: loses an update where two may run at once and neither is run again. */
const increment = operation('contract.increment', function* ({ owner }: { owner: string }) {
  const head = yield* maybe<{ version: number }>('select version from head where owner = ?', owner);
  if (head) yield* rows('update head set version = ? where owner = ?', head.version + 1, owner);
  else yield* rows('insert into head (owner, version, total) values (?, 1, 0)', owner);
  return (head?.version ?? 0) + 1;
});

const put = operation('contract.put', function* ({ owner, id, n, data }: Item) {
  yield* rows(
    'insert into item (owner, id, n, data) values (?, ?, ?, ?)' +
      ' on conflict (owner, id) do update set n = excluded.n, data = excluded.data',
    owner,
    id,
    n,
    data,
  );
});

const remove = operation(
  'contract.remove',
  function* ({ owner, id }: { owner: string; id: string }) {
    const gone = yield* rows('delete from item where owner = ? and id = ? returning n', owner, id);
    return gone.length;
  },
  { essential: true },
);

const list = operation('contract.list', function* ({ owner }: { owner: string }) {
  return yield* rows<Item>('select owner, id, n, data from item where owner = ? order by id', owner);
});

const log = operation('contract.log', function* ({ seq, message }: { seq: number; message: string }) {
  yield* rows('insert into events.line (seq, message) values (?, ?)', seq, message);
});

const broken = operation('contract.broken', function* () {
  yield* rows('insert into item (owner, id, n, data) values (?, ?, ?, ?)', 'broken', 'x', 1, null);
  return yield* rows('select * from no_such_table');
});

export const contract = { add, refuse, crash, addAll, increment, put, remove, list, log, broken };
export const operations = Object.values(contract);

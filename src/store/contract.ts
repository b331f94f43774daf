/**
 * The contract of `Store`: what every engine keeps. An engine's own test is one call of `storeContract` with a function that opens an empty
 * store, and another that opens the same data again.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { sleep, systemClock } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import { contract, firstMigration, migrations, type Item } from './contract-operations.ts';
import type { Migration, Store } from './store.ts';
import { batch, row, rows } from './transaction.ts';

export interface Lab extends AsyncDisposable {
  /** Opens the lab's one database, with `contract-operations.ts`. Call again after disposing to see what has lasted. */
  open(migrations: readonly Migration[]): Promise<Store>;
  /** Another thread's or process's view of the same open store, where the engine has one. */
  another?(): Promise<Store>;
}

export interface ContractOptions {
  readonly name: string;
  /** A lab with an empty database. */
  readonly lab: () => Promise<Lab>;
  /** False for a store that ends with its data. */
  readonly lasts: boolean;
  readonly skip?: string | false;
}

const item = (id: string, more: Partial<Item> = {}): Item => ({ owner: 'o', id, n: 1, data: null, ...more });

/** Waits for hints that are on their way: they are best effort, so not for ever. */
async function settle(heard: readonly unknown[], count: number): Promise<void> {
  for (let turn = 0; turn < 400 && heard.length < count; turn++) await sleep(systemClock, 5);
}

const byId = (items: Iterable<Item>): unknown[] =>
  [...items].map(({ id, n, data }) => [id, n, data && [...data]]).sort((a, b) => (a[0]! < b[0]! ? -1 : 1));

export function storeContract(options: ContractOptions): void {
  describe(`store contract: ${options.name}`, { skip: options.skip ?? false, timeout: 300_000 }, () => {
    transactions(options);
    values(options);
    concurrency(options);
    hints(options);
    if (options.lasts) schema(options);
    model(options);
  });
}

type Body = (store: Store, lab: Lab) => Promise<void>;

function on({ lab }: ContractOptions, name: string, body: Body): void {
  test(name, async () => {
    await using made = await lab();
    await using store = await made.open(migrations);
    await body(store, made);
  });
}

function transactions(options: ContractOptions): void {
  on(options, 'a write that has resolved is seen by read and by scan', async (store) => {
    assert.equal(await store.write(contract.add, item('a', { n: 7 })), 1);
    const seen = await store.read(() => rows('select id, n from item'));
    assert.deepEqual(seen, [{ id: 'a', n: 7 }]);
    assert.deepEqual(await store.scan(contract.list, { owner: 'o' }), [item('a', { n: 7 })]);
  });

  on(
    options,
    'a refused operation leaves nothing, and its neighbours in the same turn all stand',
    async (store) => {
      await store.write(contract.add, item('a'));
      const results = await Promise.allSettled([
        store.write(contract.refuse, item('b')),
        store.write(contract.add, item('c')),
        store.write(contract.crash, item('d')),
        store.write(contract.add, item('a')),
        store.write(contract.add, item('e')),
      ]);
      assert.deepEqual(
        results.map((result) => result.status),
        ['rejected', 'fulfilled', 'rejected', 'rejected', 'fulfilled'],
      );
      const ids = await store.read(() => rows<{ id: string }>('select id from item order by id'));
      assert.deepEqual(
        ids.map(({ id }) => id),
        ['a', 'c', 'e'],
      );
      assert.deepEqual(await store.read(() => row('select version, total from head')), {
        version: 3,
        total: 3,
      });
    },
  );

  on(options, 'a Refusal arrives as a Refusal, with its reason, detail and place', async (store) => {
    await assert.rejects(store.write(contract.refuse, item('b')), (error) => {
      assert(error instanceof Refusal);
      assert.equal(error.reason, 'mailboxFull');
      assert.equal(error.message, 'mailboxFull: no room for b');
      assert.equal(error.at, 'items.3.id');
      return true;
    });
    await assert.rejects(store.write(contract.crash, item('b')), {
      name: 'TypeError',
      message: 'bug with b',
    });
  });

  on(options, 'a wrong statement fails its own operation, and the store goes on', async (store) => {
    await assert.rejects(store.write(contract.broken, undefined), /no_such_table/);
    await store.write(contract.add, item('a'));
    await assert.rejects(
      store.read(() => rows('select * from no_such_table')),
      /no_such_table/,
    );
    assert.deepEqual(await store.read(() => row('select count(*) as c from item')), { c: 1 });
  });

  on(options, 'an operation that nobody knows is refused alone', async (store) => {
    const unknown = { ...contract.add, name: 'contract.unknown' };
    const [bad, good] = await Promise.allSettled([
      store.write(unknown, item('a')),
      store.write(contract.add, item('b')),
    ]);
    assert.equal(bad.status, 'rejected');
    assert.equal(good.status, 'fulfilled');
  });

  on(options, 'arguments that cannot be cloned fail their own operation only', async (store) => {
    const strange = { ...item('a'), data: (() => 1) as unknown as Uint8Array };
    const results = await Promise.allSettled([
      store.write(contract.add, item('x')),
      store.write(contract.add, strange),
      store.write(contract.add, item('y')),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });

  on(options, 'a read cannot write', async (store) => {
    await assert.rejects(
      store.read(() => rows("insert into head (owner, version, total) values ('r', 1, 1)")),
    );
    assert.deepEqual(await store.read(() => rows('select * from head')), []);
  });

  on(options, 'all statements of a read see one moment', async (store) => {
    await store.write(contract.add, item('a'));
    const busy = Array.from({ length: 50 }, (_, i) => store.write(contract.add, item(`b${i}`)));
    for (let i = 0; i < 20; i++) {
      const [first, second] = await store.read(function* () {
        const { total } = yield* row<{ total: number }>('select total from head');
        const { c } = yield* row<{ c: number }>('select count(*) as c from item');
        return [total, c] as const;
      });
      assert.equal(first, second);
    }
    await Promise.all(busy);
  });
}

function values(options: ContractOptions): void {
  on(options, 'the engine tells the time', async (store) => {
    const beforeMs = systemClock.nowMs();
    const { now, later } = await store.read(() =>
      row<{ now: number; later: number }>('select now_ms() as now, now_ms() + 1000 as later'),
    );
    assert.equal(typeof now, 'number');
    assert.ok(Math.abs(now - beforeMs) < 60_000, `${now}`);
    assert.ok(later > now);
  });
  on(
    options,
    'values come back as they went in: Unicode, bytes, null, integers up to 2^53',
    async (store) => {
      const all = new Uint8Array(256).map((_, i) => i);
      const items = [
        item('1 plain'),
        item('2 飛脚 😀 ｶﾞ \u{10ffff} \'"\\%_?', { data: all }),
        item('3 large', { n: Number.MAX_SAFE_INTEGER, data: new Uint8Array(0) }),
        item('4 small', { n: Number.MIN_SAFE_INTEGER }),
        item('5 view', { data: Buffer.from('in a pool').subarray(3) }),
        item('6 zero', { n: 0, data: new Uint8Array(100_000).fill(9) }),
      ];
      const returned = await store.write(contract.addAll, items);
      const listed = await store.scan(contract.list, { owner: 'o' });
      for (const [i, { id, n, data }] of items.entries()) {
        for (const got of [returned[i] as unknown as Item, listed[i]!]) {
          assert.equal(got.id, id);
          assert.equal(got.n, n);
          assert.deepEqual(got.data && Buffer.from(got.data), data && Buffer.from(data));
          assert(got.data === null || got.data instanceof Uint8Array);
        }
      }
    },
  );

  on(options, 'an array of statements gives the rows of each, in order', async (store) => {
    await store.write(contract.addAll, [item('a', { n: 1 }), item('b', { n: 2 })]);
    const answers = await store.read(() =>
      batch([
        { sql: 'select id from item where n = ?', params: [2] },
        { sql: 'select id from item where n > ?', params: [5] },
        { sql: "select count(*) as c from item where id <> '?'", params: [] },
      ]),
    );
    assert.deepEqual(answers, [[{ id: 'b' }], [], [{ c: 2 }]]);
  });

  on(options, 'the event ledger is a schema of its own', async (store) => {
    await store.write(contract.log, { seq: 5, message: 'm' });
    assert.deepEqual(await store.read(() => rows('select seq, message from events.line')), [
      { seq: 5, message: 'm' },
    ]);
  });

  on(options, 'the generation of the store is 1 until it is restored', async (store) => {
    const found = await store.read(() => row("select value from store_info where name = 'generation'"));
    assert.deepEqual(found, { value: 1 });
    assert.equal(store.health().state, 'ok');
  });
}

function concurrency(options: ContractOptions): void {
  on(
    options,
    'a thousand operations at once all take effect, and each gets its own answer',
    async (store) => {
      const versions = await Promise.all(
        Array.from({ length: 1000 }, (_, i) =>
          store.write(contract.add, item(`i${i}`, { data: new Uint8Array(100).fill(i) })),
        ),
      );
      assert.equal(new Set(versions).size, 1000);
      assert.deepEqual(await store.read(() => row('select version, total from head')), {
        version: 1000,
        total: 1000,
      });
    },
  );

  on(options, 'what two operations read and write at once is not lost', async (store, lab) => {
    await using other = await lab.another?.();
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? (other ?? store) : store).write(contract.increment, { owner: 'o' }),
      ),
    );
    assert.deepEqual(await store.read(() => row('select version from head')), { version: 40 });
  });

  on(options, 'a write that has resolved is seen by every other view', async (store, lab) => {
    await using other = await lab.another?.();
    if (!other) return;
    for (let i = 0; i < 20; i++) {
      await store.write(contract.add, item(`i${i}`));
      assert.deepEqual(await other.read(() => row('select count(*) as c from item')), { c: i + 1 });
    }
  });
}

function hints(options: ContractOptions): void {
  on(
    options,
    'hints come after the commit, only if there was one, also to other views',
    async (store, lab) => {
      await using other = await lab.another?.();
      const heard: string[] = [];
      using _ = store.onHint('item', (key) => heard.push(key));
      const heardThere: string[] = [];
      using _there = other?.onHint('item', (key) => heardThere.push(key)) ?? new DisposableStack();
      // Whoever commits learns of a listener by message: an answer on the same way says that it has.
      if (other) await assert.rejects(other.write(contract.refuse, item('before')));
      await Promise.allSettled([
        store.write(contract.add, item('a')),
        store.write(contract.refuse, item('b')),
        store.write(contract.add, item('c')),
      ]);
      await settle(heard, 2);
      assert.deepEqual(heard.toSorted(), ['a', 'c']);
      if (other) await settle(heardThere, 2);
      if (other) assert.deepEqual(heardThere.toSorted(), ['a', 'c']);
    },
  );

  on(
    options,
    'a listener that ended hears nothing more, and other topics were never its own',
    async (store) => {
      const heard: string[] = [];
      const ended = store.onHint('item', (key) => heard.push(key));
      using _ = store.onHint('other', (key) => heard.push(`other ${key}`));
      ended[Symbol.dispose]();
      const later: string[] = [];
      using _later = store.onHint('item', (key) => later.push(key));
      await store.write(contract.add, item('a'));
      await settle(later, 1);
      assert.deepEqual(later, ['a']);
      assert.deepEqual(heard, []);
    },
  );
}

function schema({ lab }: ContractOptions): void {
  test('migrations run once, later ones are added to a database with data, and data lasts', async () => {
    await using made = await lab();
    {
      await using store = await made.open([firstMigration]);
      await store.write(contract.add, item('a'));
    }
    for (let again = 0; again < 2; again++) {
      await using store = await made.open(migrations);
      assert.deepEqual(await store.read(() => rows('select id, note from item')), [
        { id: 'a', note: 'none' },
      ]);
    }
  });

  test('a database made by a newer program is refused', async () => {
    await using made = await lab();
    {
      await using _ = await made.open(migrations);
    }
    await assert.rejects(made.open([firstMigration]), /newer/);
    await assert.rejects(made.open([]), /newer/);
  });

  test('a migration that fails leaves the database as it was', async () => {
    await using made = await lab();
    const bad: Migration = {
      part: 'contract',
      version: 2,
      statements: ['create table half (n integer)', 'nonsense'],
    };
    await assert.rejects(made.open([firstMigration, bad]), /nonsense/);
    await using store = await made.open(migrations);
    await assert.rejects(
      store.read(() => rows('select * from half')),
      /half/,
    );
  });
}

/** A plain map is the reference: after any sequence of operations, groups of them at once, the store holds the same. */
function model(options: ContractOptions): void {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    fc.record({
      is: fc.constant('put' as const),
      id,
      n: fc.maxSafeInteger(),
      data: fc.option(fc.uint8Array()),
    }),
    fc.record({ is: fc.constant('remove' as const), id }),
    fc.record({ is: fc.constant('refuse' as const), id: fc.constantFrom('x', 'y') }),
  );
  on(options, 'random groups of operations leave what a plain map would hold', async (store) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }), async (groups) => {
        const owner = `run${run++}`;
        const expected = new Map<string, Item>();
        for (const group of groups) {
          const concurrent = new Map(group.map((one) => [one.id, one]));
          await Promise.allSettled(
            [...concurrent.values()].map((one) => {
              if (one.is === 'refuse') return store.write(contract.refuse, item(one.id, { owner }));
              if (one.is === 'remove') {
                expected.delete(one.id);
                return store.write(contract.remove, { owner, id: one.id });
              }
              const put = item(one.id, { owner, n: one.n, data: one.data });
              expected.set(one.id, put);
              return store.write(contract.put, put);
            }),
          );
        }
        const found = await store.scan(contract.list, { owner });
        assert.deepEqual(byId(found), byId(expected.values()));
      }),
      { numRuns: 40 },
    );
  });
}

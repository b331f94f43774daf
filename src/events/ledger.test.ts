import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { missingPostgres, startPostgres, type PostgresServer } from '../../test/postgres-server.ts';
import type { MessageId } from '../base/ids.ts';
import { openFileBodies } from '../store/file-bodies.ts';
import { openPostgres } from '../store/open-postgres.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import type { MailEvent } from './event.ts';
import { after as eventsAfter, end, forget, move, moveMax, ofMessage, prune } from './ledger.ts';
import { migrations } from './migrations.ts';
import { operations, recordEvents } from './operations.ts';

const managed = (message: string, atMs = 1): MailEvent => ({
  is: 'managed',
  atMs,
  message: message as MessageId,
  org: '',
  recipient: '',
  data: { action: 'held', by: 'test', why: '' },
});

const record = (store: Store, ...messages: readonly string[]): Promise<void> =>
  store.write(
    recordEvents,
    messages.map((message) => managed(message)),
  );

const moveAll = async (store: Store): Promise<void> => {
  await store.write(move, undefined);
  await store.write(forget, undefined);
};

const inLedger = async (store: Store): Promise<string[]> =>
  (await store.read(() => eventsAfter(0, 100_000))).map((event) => event.message);

const inOutbox = async (store: Store): Promise<number> =>
  (await store.read(() => rows('select seq from outbox'))).length;

/** The same on both engines. */
function ledgerContract(open: () => Promise<Store>): void {
  test('events come to the ledger in their order, once, and leave the outbox but for the newest', async () => {
    await using store = await open();
    await record(store, 'a', 'b', 'c');
    assert.equal((await store.write(move, undefined)).count, 3);
    assert.deepEqual(await inLedger(store), ['a', 'b', 'c']);
    await store.write(forget, undefined);
    assert.equal(await inOutbox(store), 1);
    assert.equal((await store.write(move, undefined)).count, 0);
    await record(store, 'd');
    assert.equal((await store.write(move, undefined)).count, 1);
    assert.deepEqual(await inLedger(store), ['a', 'b', 'c', 'd']);
  });

  test('a crash between copying and deleting tells nothing twice and loses nothing', async () => {
    await using store = await open();
    await record(store, 'a', 'b');
    await store.write(move, undefined);
    await record(store, 'c');
    await store.write(move, undefined);
    await store.write(move, undefined);
    assert.deepEqual(await inLedger(store), ['a', 'b', 'c']);
    await moveAll(store);
    await record(store, 'd');
    await moveAll(store);
    assert.deepEqual(await inLedger(store), ['a', 'b', 'c', 'd']);
    assert.equal(await inOutbox(store), 1);
  });

  test('a move takes a bounded number, and says how old the oldest was', async () => {
    await using store = await open();
    const many = Array.from({ length: moveMax + 1 }, (_, i) => managed(`m${i}`, 1000 + i));
    await store.write(recordEvents, many);
    assert.deepEqual(await store.write(move, undefined), { count: moveMax, oldestAtMs: 1000 });
    await store.write(forget, undefined);
    assert.deepEqual(await store.write(move, undefined), { count: 1, oldestAtMs: 1000 + moveMax });
    assert.deepEqual(await store.write(move, undefined), { count: 0, oldestAtMs: undefined });
    assert.deepEqual(
      await inLedger(store),
      many.map((event) => event.message),
    );
  });

  test('the journey of a message has its events at once, whether they have moved or not, and each once', async () => {
    await using store = await open();
    const kinds = async (): Promise<number[]> =>
      (await store.read(() => ofMessage('a'))).map((event) => event.seq);
    await record(store, 'a', 'x', 'a');
    assert.equal((await kinds()).length, 2);
    await store.write(move, undefined);
    assert.equal((await kinds()).length, 2);
    await record(store, 'a');
    const seqs = await kinds();
    assert.equal(seqs.length, 3);
    assert.deepEqual(
      seqs,
      [...seqs].sort((a, b) => a - b),
    );
    await moveAll(store);
    assert.equal((await kinds()).length, 3);
  });

  test('numbers only rise, also when all events have become too old', async () => {
    await using store = await open();
    await record(store, 'a', 'b', 'c');
    await moveAll(store);
    const before = await store.read(() => end());
    assert.equal(await store.write(prune, { before: 10 }), false);
    assert.deepEqual(await inLedger(store), ['c']);
    await record(store, 'd');
    await moveAll(store);
    const [late] = await store.read(() => eventsAfter(before, 10));
    assert.equal(late?.message, 'd');
  });
}

describe('event ledger on SQLite', () => {
  ledgerContract(() => openTestStore({ migrations, operations }));
});

describe('event ledger on PostgreSQL', { skip: missingPostgres, timeout: 120_000 }, () => {
  let server: PostgresServer;
  let url = '';
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-ledger-pg-'));
  before(async () => {
    server = await startPostgres({ settings: ['fsync=off'] });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (): Promise<Store> => {
    url = server.database();
    return openPostgres({
      url,
      migrations,
      operations,
      bodies: openFileBodies(folder),
      allowUnsafe: ['fsync'],
    });
  };

  ledgerContract(open);

  test('an event that shows after others with higher numbers is not missed, nor by those who follow', async () => {
    await using store = await open();
    const slow = new Client({ connectionString: url });
    await slow.connect();
    try {
      const insert =
        "insert into outbox (at, message, org, kind, recipient, data) values (1, 'slow', '', 'managed', '', '{}')";
      await slow.query('begin');
      await slow.query(insert);
      await record(store, 'quick');
      await moveAll(store);
      assert.deepEqual(await inLedger(store), ['quick']);
      const followed = await store.read(() => end());
      await slow.query('commit');
      await moveAll(store);
      const news = await store.read(() => eventsAfter(followed, 10));
      assert.deepEqual(
        news.map((event) => event.message),
        ['slow'],
      );
    } finally {
      await slow.end();
    }
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { missingPostgres, startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { Refusal } from '../../base/refusal.ts';
import { FileBodies } from '../bodies/file-bodies.ts';
import { contract, migrations, operations, type Item } from '../contract-operations.ts';
import { openPostgres, type PostgresOptions } from '../open-postgres.ts';
import { operation } from '../operation.ts';
import type { Store } from '../store.ts';
import { row, rows } from '../transaction.ts';

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-pg-faults-'));
const item = (id: string): Item => ({ owner: 'o', id, n: 1, data: null });

/** Takes long enough for a test to cut it off. */
const slowAdd = operation('faults.slowAdd', function* (added: Item) {
  yield* rows("select pg_sleep(0.3)::text as s, 'slow' as mark");
  yield* rows('insert into item (owner, id, n) values (?, ?, ?)', added.owner, added.id, added.n);
});

function open(url: string, more: Partial<PostgresOptions> = {}): Promise<Store> {
  const all = [...operations, slowAdd];
  return openPostgres({ url, migrations, operations: all, bodies: new FileBodies(folder), ...more });
}

/** Stands before the server; `cut` decides by the bytes of a client whether its connection dies once the server has answered them. */
async function proxy(url: string, cut: (bytes: Buffer) => boolean): Promise<{ url: string; server: Server }> {
  const socketFolder = new URL(url.replace('@/', '@localhost/')).searchParams.get('host')!;
  const server = createServer((client: Socket) => {
    const upstream = createConnection(join(socketFolder, '.s.PGSQL.5432'));
    let cutting = false;
    client.on('data', (bytes: Buffer) => {
      cutting ||= cut(bytes);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => (cutting ? client.destroy() : client.write(bytes)));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: url.replace(/@\/(\w+)\?.*/, `@127.0.0.1:${port}/$1`), server };
}

describe('PostgreSQL that fails', { skip: missingPostgres, timeout: 180_000 }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a connection that is lost before the commit costs a rerun, not the operation', async () => {
    await using store = await open(server.database());
    const written = store.write(slowAdd, item('a'));
    let killed = 0;
    while (killed === 0) {
      const { n } = await store.read(() =>
        row<{ n: number }>(
          'select count(pg_terminate_backend(pid)) as n from pg_stat_activity' +
            " where query like '%''slow''%' and pid <> pg_backend_pid() and datname = current_database()",
        ),
      );
      killed = n;
    }
    await written;
    assert.deepEqual(await store.read(() => rows('select id from item')), [{ id: 'a' }]);
  });

  test('a commit whose answer was lost is found out, not run twice', async () => {
    let cuts = 0;
    const { url, server: between } = await proxy(server.database(), (bytes) => {
      if (cuts > 0 || !bytes.includes('contract-cut') || !bytes.includes('commit\0')) return false;
      cuts += 1;
      return true;
    });
    try {
      await using store = await open(url);
      // The hint travels with the commit, so its key marks the bytes to cut after.
      assert.equal(await store.write(contract.add, item('contract-cut')), 1);
      assert.equal(cuts, 1);
      assert.deepEqual(await store.read(() => row('select version from head')), { version: 1 });
    } finally {
      between.close();
    }
  });

  test('a server that goes down refuses with storageBusy, and the same store works again when it is back', async () => {
    await using store = await open(server.database());
    await store.write(contract.add, item('a'));
    const restarted = server.crash();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => store.write(contract.put, item(`b${i}`))),
    );
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      assert(
        result.reason instanceof Refusal && result.reason.reason === 'storageBusy',
        String(result.reason),
      );
    }
    await restarted;
    await store.write(contract.put, item('c'));
    assert.equal(store.health().state, 'ok');
    const acknowledged = results.filter(({ status }) => status === 'fulfilled').length;
    const { c } = await store.read(() =>
      row<{ c: number }>("select count(*) as c from item where id like 'b%'"),
    );
    assert(c >= acknowledged);
  });

  test('a server that may forget what it acknowledged is refused, unless allowed by name', async () => {
    const settings = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;
    await using unsafe = await startPostgres({ settings: settings.map((setting) => `${setting}=off`) });
    const url = unsafe.database();
    for (const setting of settings) {
      const others = settings.filter((other) => other !== setting);
      await assert.rejects(open(url, { allowUnsafe: others }), { name: 'UnsafeServerError', setting });
    }
    await using store = await open(url, { allowUnsafe: settings });
    await store.write(contract.add, item('a'));
  });
});

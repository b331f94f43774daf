/**
 * The hottest path of the product: durable operations from one thread through the writer. `node src/store/sqlite/writer.bench.ts [count] [outstanding]`
 *
 * - accept: what taking a message writes: a row with a 4 KiB body, an entry, an event.
 * - accept and settle: the same, and the rows deleted again once delivered, as in a relay; a mail is two operations.
 *
 * Prints operations a second, CPU of the calling thread and of all other threads an operation, and latency.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { openSqlite } from '../open-sqlite.ts';
import { operation } from '../operation.ts';
import type { Migration, Store } from '../store.ts';
import { batch } from '../transaction.ts';

interface Mail {
  readonly id: string;
  readonly sender: string;
  readonly subject: string;
  readonly atMs: number;
  readonly body: Uint8Array;
  readonly destination: string;
  readonly event: string;
}

const migrations: readonly Migration[] = [
  {
    part: 'bench',
    version: 1,
    statements: [
      'create table message (shard integer not null, id text not null, sender text not null, subject text not null, at integer not null, body blob, primary key (shard, id))',
      'create table outbox (seq integer primary key, at integer not null, message text not null, kind text not null, data text not null)',
    ],
    sqlite: [
      'create table entry (shard integer not null, id text not null, destination text not null, due integer not null, primary key (shard, id)) without rowid',
    ],
  },
];

const accept = operation('bench.accept', function* (mail: Mail) {
  yield* batch([
    {
      sql: 'insert into message (shard, id, sender, subject, at, body) values (?, ?, ?, ?, ?, ?)',
      params: [1, mail.id, mail.sender, mail.subject, mail.atMs, mail.body],
    },
    {
      sql: 'insert into entry (shard, id, destination, due) values (?, ?, ?, ?)',
      params: [1, mail.id, mail.destination, mail.atMs],
    },
    {
      sql: 'insert into outbox (at, message, kind, data) values (?, ?, ?, ?)',
      params: [mail.atMs, mail.id, 'accepted', mail.event],
    },
  ]);
});

const settle = operation(
  'bench.settle',
  function* ({ id, atMs, event }: { id: string; atMs: number; event: string }) {
    yield* batch([
      { sql: 'delete from entry where shard = ? and id = ?', params: [1, id] },
      { sql: 'delete from message where shard = ? and id = ?', params: [1, id] },
      {
        sql: 'insert into outbox (at, message, kind, data) values (?, ?, ?, ?)',
        params: [atMs, id, 'delivered', event],
      },
    ]);
  },
);

const insert = operation('bench.insert', function* ({ id, body }: { id: string; body: Uint8Array }) {
  yield {
    sql: 'insert into message (shard, id, sender, subject, at, body) values (?, ?, ?, ?, ?, ?)',
    params: [2, id, '', '', 1, body],
  };
});

export const operations = [accept, settle, insert];

const bodyBytes = 4096;
const event = JSON.stringify({
  peer: '192.0.2.1',
  helo: 'mx.example.jp',
  reply: '250 2.0.0 Ok',
  more: 'x'.repeat(200),
});

function mail(i: number): Mail {
  const body = new Uint8Array(bodyBytes).fill(65 + (i % 26));
  const id = `01hk${i.toString().padStart(16, '0')}`;
  return { id, sender: 'a@example.jp', subject: 'Hello', atMs: i, body, destination: 'example.com', event };
}

async function run(
  name: string,
  outstanding: number,
  count: number,
  one: (i: number) => Promise<void>,
): Promise<void> {
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const i = next++;
      const start = performance.now();
      await one(i);
      latencies.push(performance.now() - start);
    }
  };
  const began = performance.now();
  const all = process.cpuUsage();
  const own = process.threadCpuUsage();
  await Promise.all(Array.from({ length: outstanding }, worker));
  const seconds = (performance.now() - began) / 1000;
  const total = process.cpuUsage(all);
  const mine = process.threadCpuUsage(own);
  const callerUs = (mine.user + mine.system) / count;
  const otherUs = (total.user + total.system) / count - callerUs;
  latencies.sort((a, b) => a - b);
  const at = (share: number): string => latencies[Math.floor(share * (latencies.length - 1))]!.toFixed(1);
  console.log(
    `${name.padEnd(20)} ${Math.round(count / seconds)}/s  CPU ${callerUs.toFixed(1)} µs calling thread + ${otherUs.toFixed(1)} µs others` +
      `  latency ms p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)}`,
  );
}

async function measure(store: Store, count: number, outstanding: number): Promise<void> {
  const warm = { id: (i: number): string => `w${i}` };
  await run('warm-up', outstanding, 2000, (i) =>
    store.write(insert, { id: warm.id(i), body: new Uint8Array(bodyBytes) }),
  );
  await run('insert', outstanding, count, (i) => store.write(insert, { id: `i${i}`, body: mail(i).body }));
  await run('accept', outstanding, count, (i) => store.write(accept, mail(i)));
  await run('accept and settle', outstanding, count, async (i) => {
    const one = mail(i + 10 * count);
    await store.write(accept, one);
    await store.write(settle, { id: one.id, atMs: i, event });
  });
  await run('one at a time', 1, 500, (i) => store.write(insert, { id: `s${i}`, body: mail(i).body }));
}

if (isMainThread) {
  const [count = '30000', outstanding = '64'] = process.argv.slice(2);
  const folder = mkdtempSync(join(process.cwd(), '.bench-store-'));
  try {
    await using host = await openSqlite({ folder, migrations, operations: import.meta.url });
    await measure(host.store, Number(count), Number(outstanding));
    console.log(`memory ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

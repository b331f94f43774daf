import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { SharedTable, tableBytes } from './shared-table.ts';

const nowMs = 1_800_000_000_000;

test('the same name is the same cell, another name another, also when the table is nearly full', () => {
  const table = new SharedTable(new SharedArrayBuffer(tableBytes(1, 512)), 1, 0);
  for (let i = 0; i < 400; i++) table.cell(`name ${i}`, nowMs).setInt(0, i + 1);
  for (let i = 0; i < 400; i++) assert.equal(table.cell(`name ${i}`, nowMs).int(0), i + 1);
});

test('a full table gives what nobody has used for long to others, clean, and keeps what is in use', () => {
  const table = new SharedTable(new SharedArrayBuffer(tableBytes(1, 64)), 1, 0);
  const inUse = table.cell('in use', nowMs);
  inUse.take(5, nowMs);
  for (let i = 0; i < 63; i++) table.cell(`old ${i}`, nowMs).setInt(0, 7);
  const later = nowMs + 2 * 3_600_000;
  for (let i = 0; i < 63; i++) assert.equal(table.cell(`new ${i}`, later).int(0), 0);
  assert.equal(table.cell('in use', later).inUse, 1);
  const alone = table.cell('one too many', later);
  alone.setInt(0, 3);
  assert.equal(table.cell('new 0', later).int(0), 0, 'a cell of the thread itself stands in');
});

test('threads that take at once never have more than the limit, and lose nothing', async () => {
  const buffer = new SharedArrayBuffer(tableBytes(2, 64));
  const code = `
    const { workerData, parentPort } = require('node:worker_threads');
    import(workerData.module).then(({ SharedTable }) => {
      const table = new SharedTable(workerData.buffer, 2, workerData.thread);
      const cell = table.cell('limit', ${nowMs});
      const rate = table.cell('rate', ${nowMs});
      let most = 0;
      for (let i = 0; i < 20000; i++) {
        rate.push(0, 1);
        if (!cell.take(1, ${nowMs})) continue;
        most = Math.max(most, cell.addInt(0, 1) + 1);
        cell.addInt(0, -1);
        cell.give();
      }
      parentPort.postMessage(most);
    });`;
  const module = new URL('./shared-table.ts', import.meta.url).href;
  const most = await Promise.all(
    [0, 1].map(
      (thread) =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(code, { eval: true, workerData: { buffer, thread, module } });
          worker.once('message', (value: number) => resolve(value));
          worker.once('error', reject);
        }),
    ),
  );
  assert.ok(Math.max(...most) === 1, String(most));
  const table = new SharedTable(buffer, 2, 0);
  assert.equal(table.cell('rate', nowMs).micros, 40_000);
  assert.equal(table.cell('limit', nowMs).inUse, 0);
});

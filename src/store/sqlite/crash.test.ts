import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { checkSqlite } from '../check.ts';
import { row, rows } from '../transaction.ts';
import { Reader } from './reader.ts';

/** Kills in one run; `HIKYAKU_KILLS=1000` for a long one. */
const kills = Number(process.env['HIKYAKU_KILLS'] ?? 8);

/** Runs the child until it is killed, some time after its first acknowledgement. Gives the ids that it was told are stored. */
async function killedRun(folder: string, round: number): Promise<string[]> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'crash-child.ts'), folder, String(round)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  const began = new Promise<void>((resolve) => {
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      said += text;
      if (said.includes('\n', 'ready\n'.length)) resolve();
    });
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await Promise.race([began, ended]);
  await delay((round * 37) % 200);
  child.kill('SIGKILL');
  await ended;
  const lines = said.split('\n');
  assert.equal(lines.shift(), 'ready');
  lines.pop();
  return lines;
}

test('after kills at random moments everything acknowledged is there, and nothing half', {
  timeout: 1000 * kills + 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-crash-'));
  try {
    const acknowledged = new Set<string>();
    for (let round = 1; round <= kills; round++) {
      for (const id of await killedRun(folder, round)) acknowledged.add(id);
      using reader = new Reader(folder);
      const found = new Set(reader.run(rows<{ id: string }>('select id from item')).map(({ id }) => id));
      for (const id of acknowledged)
        assert(found.has(id), `${id} was acknowledged and is gone after kill ${round}`);
      // An item and its head are one: the head counts exactly the items that are there.
      const head = reader.run(row<{ version: number; total: number }>('select version, total from head'));
      assert.deepEqual(head, { version: found.size, total: found.size });
    }
    assert(acknowledged.size > 10 * kills);
    assert.deepEqual((await checkSqlite(folder, [])).damage, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Writes without end and tells each acknowledged id on its standard output, until it is killed. Run by crash.test.ts: `crash-child.ts FOLDER ROUND`. */
import { writeSync } from 'node:fs';
import { contract, migrations } from '../contract-operations.ts';
import { openSqlite } from '../open-sqlite.ts';

const outstanding = 16;
const [folder, round] = process.argv.slice(2);
const operations = new URL('../contract-operations.ts', import.meta.url).href;
const { store } = await openSqlite({ folder: folder!, migrations, operations, space: { ballastBytes: 0 } });
writeSync(1, 'ready\n');

async function work(worker: number): Promise<void> {
  for (let i = 0; ; i++) {
    const id = `${round}-${worker}-${i}`;
    const data = new Uint8Array(100 + ((i * 997) % 9000)).fill(worker);
    // Refusals in between make the writer roll back and use savepoints.
    if (i % 50 === 49)
      await store.write(contract.refuse, { owner: 'o', id, n: 1, data }).catch(() => undefined);
    else await store.write(contract.add, { owner: 'o', id, n: 1, data });
    if (i % 50 !== 49) writeSync(1, `${id}\n`);
  }
}
await Promise.all(Array.from({ length: outstanding }, (_, worker) => work(worker)));

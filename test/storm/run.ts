/**
 * Storms of any length, by hand: `node test/storm/run.ts [FIRST-SEED [LAST-SEED [STEPS [postgres]]]]`. What a seed has found it finds again, as far as the
 * sessions meet in the same order.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBodies } from '../../src/store/bodies/file-bodies.ts';
import { openPostgres } from '../../src/store/open-postgres.ts';
import { openImapWorld, type ImapWorld } from '../interop/imap-world.ts';
import { startPostgres } from '../postgres-server.ts';
import { comingAndGoing, storm } from './imap-storm.ts';
import { treeStorm } from './tree-storm.ts';

const [first = 1, last = first, steps = 200] = process.argv.slice(2, 5).map(Number);
const kinds = { storm, comingAndGoing, treeStorm };
const server = process.argv[5] === 'postgres' ? await startPostgres({ settings: ['fsync=off'] }) : undefined;
let failed = 0;
for (let seed = first; seed <= last; seed++) {
  for (const [name, run] of Object.entries(kinds)) {
    try {
      await using here = await world();
      await run(here, { steps, seed });
    } catch (error) {
      failed++;
      console.log(`${name} ${seed}: ${(error as Error).message.slice(0, 4000)}`);
    }
  }
}
console.log(`${last - first + 1} seeds of ${steps} steps, ${failed} failed`);
await server?.[Symbol.asyncDispose]();
process.exit(failed === 0 ? 0 : 1);

function world(): Promise<ImapWorld> {
  if (server === undefined) return openImapWorld();
  const bodies = new FileBodies(mkdtempSync(join(tmpdir(), 'hikyaku-storm-pg-')));
  return openImapWorld({
    openStore: (parts) => openPostgres({ url: server.database(), ...parts, bodies, allowUnsafe: ['fsync'] }),
  });
}

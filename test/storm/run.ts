/**
 * Storms of any length, by hand: `node test/storm/run.ts [FIRST-SEED [LAST-SEED [STEPS]]]`. What a seed has found it finds again, as far as the sessions meet in
 * the same order.
 */
import { openImapWorld } from '../interop/imap-world.ts';
import { comingAndGoing, storm } from './imap-storm.ts';
import { treeStorm } from './tree-storm.ts';

const [first = 1, last = first, steps = 200] = process.argv.slice(2).map(Number);
const kinds = { storm, comingAndGoing, treeStorm };
let failed = 0;
for (let seed = first; seed <= last; seed++) {
  for (const [name, run] of Object.entries(kinds)) {
    try {
      await using world = await openImapWorld();
      await run(world, { steps, seed });
    } catch (error) {
      failed++;
      console.log(`${name} ${seed}: ${(error as Error).message.slice(0, 4000)}`);
    }
  }
}
console.log(`${last - first + 1} seeds of ${steps} steps, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

// `npm test`: installs what is missing, Node.js 26 among it, and runs scripts/run-tests.mjs with that. Runs under Node.js 20 itself.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, node, root } from './install.mjs';
import { ensureWebBuilt } from './web.mjs';

await ensureInstalled();
ensureWebBuilt();
const run = spawnSync(node, [join(root, 'scripts/run-tests.mjs'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = run.status ?? 1;

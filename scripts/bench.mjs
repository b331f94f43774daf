// `npm run bench -- NAME [options]`: one of bench/*.ts. Without a name, what there is.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureInstalled, node, root } from './install.mjs';

await ensureInstalled();
const [name = '', ...args] = process.argv.slice(2);
const file = join(root, 'bench', `${name}.ts`);
const runnable = ['relay', 'accept', 'local', 'deferred'];
if (!runnable.includes(name) || !existsSync(file)) {
  const found = globSync('bench/*.ts', { cwd: root }).map((path) => basename(path, '.ts'));
  console.log(`npm run bench -- <${runnable.filter((one) => found.includes(one)).join(' | ')}> [--json]`);
  process.exitCode = name === '' ? 0 : 1;
} else {
  const run = spawnSync(node, [file, ...args], { cwd: root, stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
}

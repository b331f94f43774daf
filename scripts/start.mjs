// `npm start`: a whole mail system for a look around, on unprivileged ports, with a demo organisation. Arguments go to `hikyaku demo`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, node, root } from './install.mjs';
import { ensureWebBuilt } from './web.mjs';

await ensureInstalled();
ensureWebBuilt();
const child = spawn(node, [join(root, 'bin/hikyaku.ts'), 'demo', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});

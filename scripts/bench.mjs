// `npm run bench -- NAME [options]`: one of bench/*.ts. Without a name, what there is.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, node, root } from './install.mjs';

await ensureInstalled();
const [name = '', ...args] = process.argv.slice(2);
const file = join(root, 'bench', `${name}.ts`);
const runnable = [
  'relay',
  'accept',
  'local',
  'deferred',
  'imap-idle',
  'mailbox',
  'logins',
  'dkim',
  'spam',
  'search',
  'ledger',
  'bounces',
  'shaping',
  'fairness',
  'organisations',
  'injection',
  'million',
];
if (!runnable.includes(name) || !existsSync(file)) {
  console.log(`npm run bench -- <${runnable.join(' | ')}> [--json]`);
  process.exitCode = name === '' ? 0 : 1;
} else {
  const run = spawnSync(node, [file, ...args], { cwd: root, stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
}

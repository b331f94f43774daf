// Makes a fresh clone able to run: installs the locked packages, Node.js 26 among them, under whatever Node.js (20 or later) is here.
// Plain JavaScript on purpose: an older Node.js cannot run the TypeScript of the server.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** The Node.js that everything runs on, brought by the package `node`. */
export const node = join(root, 'node_modules/node/bin/node');
const bin = join(root, 'node_modules/.bin');

/** Installs what the lock file names unless that is in place. Returns the folder of the installed commands. */
export async function ensureInstalled() {
  if (!installPackages(root, 'Installing packages (once) …') || !existsSync(node)) process.exit(1);
  return bin;
}

/** Installs what the lock file of a folder names unless that is in place, and gives whether it then is. */
export function installPackages(folder, saying) {
  if (upToDate(folder)) return true;
  console.log(saying);
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies.node;
  const npm = npmScript();
  // npm run under an older Node.js would quietly refuse or choose older packages, so it is run under the right one.
  const right = Number(process.versions.node.split('.')[0]) >= 26 ? process.execPath : node;
  // Not `npm ci`: it refuses a lock file that lacks builds for platforms which a registry mirror does not carry. Versions are the locked ones all the same.
  const args = [npm, 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const command = existsSync(right)
    ? [right, ...args]
    : [process.execPath, npm, 'exec', '--yes', `--package=node@${wanted}`, '--', 'node', ...args];
  const run = spawnSync(command[0], command.slice(1), {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status === 0) return true;
  console.error(
    `npm install failed (exit ${run.status}). The packages come from the npm registry: is it reachable from here?`,
  );
  return false;
}

function upToDate(folder) {
  const marker = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(node) || !existsSync(marker)) return false;
  const lock = join(folder, 'package-lock.json');
  return statSync(marker).mtimeMs >= statSync(lock).mtimeMs || sameLock(marker, lock);
}

/** npm's own note of what it installed, against the lock file: a checkout changes times but not content. */
function sameLock(marker, lock) {
  const have = JSON.parse(readFileSync(marker, 'utf8')).packages;
  const want = JSON.parse(readFileSync(lock, 'utf8')).packages;
  return Object.entries(want).every(
    ([path, entry]) => path === '' || entry.optional || have[path]?.version === entry.version,
  );
}

function npmScript() {
  const beside = process.env.npm_execpath;
  if (beside?.endsWith('.js') && existsSync(beside)) return beside;
  for (const folder of [dirname(process.execPath), '/usr/bin', '/usr/local/bin']) {
    const candidate = join(folder, '../lib/node_modules/npm/bin/npm-cli.js');
    if (existsSync(candidate)) return candidate;
  }
  throw new Error('npm was not found beside this Node.js.');
}

// Builds the web page (web/) when its sources are not those that the built one was made from. `node scripts/web.mjs` does it by hand.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, installPackages, node, root } from './install.mjs';

const web = join(root, 'web');
/** What the built page was made from. */
const marker = join(web, 'dist/.made-from');
const sources = ['src', 'public', 'index.html', 'package-lock.json', 'vite.config.ts', 'build.mjs'];

/** Gives whether the page is there. A failure is told, not thrown: mail flows without a page. */
export function ensureWebBuilt() {
  const hash = hashOfSources();
  if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) return true;
  if (!ensureWebInstalled()) return false;
  console.log('Building the web page …');
  const run = spawnSync(node, [join(web, 'build.mjs')], {
    cwd: web,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) {
    console.error(`The web page was not built (exit ${run.status}); the server runs without it.`);
    return false;
  }
  writeFileSync(marker, hash);
  return true;
}

/** The packages of the page, as its own lock file names them. */
export function ensureWebInstalled() {
  return installPackages(web, 'Installing packages of the web page (once) …');
}

function hashOfSources() {
  const hash = createHash('sha256');
  for (const name of sources) {
    const path = join(web, name);
    if (!existsSync(path)) continue;
    for (const file of filesOf(path))
      hash.update(file.slice(web.length)).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesOf(path) {
  const entries = (() => {
    try {
      return readdirSync(path, { withFileTypes: true });
    } catch {
      return undefined;
    }
  })();
  if (!entries) return [path];
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesOf(join(path, entry.name)));
}

if (process.argv[1] === import.meta.filename) {
  await ensureInstalled();
  process.exitCode = ensureWebBuilt() ? 0 : 1;
}

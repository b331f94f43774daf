// Type-check, lint, format and dead code: `npm run check`. With names as arguments, only those.
import { spawnSync } from 'node:child_process';
import { ensureInstalled, root } from './install.mjs';
import { ensureWebInstalled } from './web.mjs';

const bin = await ensureInstalled();
const hasWeb = ensureWebInstalled();
const checks = {
  types: ['tsc'],
  ...(hasWeb && {
    'web-types': ['tsc', '-p', 'web/tsconfig.json'],
    'web-test-types': ['tsc', '-p', 'web/tsconfig.test.json'],
  }),
  lint: ['oxlint', '--type-aware', '--deny-warnings', 'bin', 'src', 'test', 'bench', 'scripts', 'clients'],
  ...(hasWeb && {
    'web-lint': ['oxlint', '--type-aware', '--deny-warnings', 'web/src'],
  }),
  format: ['biome', 'format'],
  knip: ['knip'],
};
const wanted = process.argv.slice(2);
let failed = false;
for (const [name, [command, ...args]] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const run = spawnSync(`${bin}/${command}`, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${root}node_modules/node/bin:${process.env.PATH}` },
  });
  if (run.status !== 0) failed = true;
  console.log(`${run.status === 0 ? 'ok' : 'FAILED'} ${name}`);
}
process.exitCode = failed ? 1 : 0;

// Checks and tests everything, under the right Node.js: what `npm test` runs. With paths as arguments, only those tests.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { ensureDebianPackages } from './debian.mjs';
import { node, root } from './install.mjs';

const wanted = process.argv.slice(2);
const env = { ...process.env, PATH: `${root}node_modules/node/bin:${process.env.PATH}` };

if (wanted.length === 0) {
  ensureDebianPackages();
  const checks = spawnSync(node, ['scripts/check.mjs'], { cwd: root, stdio: 'inherit', env });
  if (checks.status !== 0) process.exitCode = 1;
}

// Most tests share the two cores, those with real peers too: they wait more than they work. Browsers, and what measures memory or kills, have the machine to themselves, one file after another.
const groups =
  wanted.length > 0
    ? [{ files: wanted, concurrency: 1 }]
    : [
        {
          concurrency: 2,
          folders: [
            'src/**',
            'web/src/**',
            'test/tidy',
            'test/transcripts',
            'test/conformance',
            'test/sieve',
          ],
        },
        { concurrency: 2, folders: ['test/e2e', 'test/interop', 'clients/*/test'] },
        { concurrency: 1, folders: ['test/web', 'test/crash', 'test/load'] },
      ].map(({ concurrency, folders }) => ({
        concurrency,
        files: globSync(
          folders.map((folder) => `${folder}/*.test.ts`),
          { cwd: root },
        ),
      }));
for (const { files, concurrency } of groups) {
  if (files.length === 0) continue;
  const args = [
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-timeout=600000',
    '--test-reporter=spec',
    ...files.sort(),
  ];
  const run = spawnSync(node, args, { cwd: root, stdio: 'inherit', env });
  if (run.status !== 0) process.exitCode = 1;
}

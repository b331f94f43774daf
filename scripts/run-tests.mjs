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

// Unit tests share the two cores; tests with real peers and load have them to themselves, one file after another.
const groups =
  wanted.length > 0
    ? [{ files: wanted, concurrency: 1 }]
    : [
        {
          files: globSync(
            [
              'src/**/*.test.ts',
              'web/src/**/*.test.ts',
              'test/tidy/*.test.ts',
              'test/transcripts/*.test.ts',
              'test/conformance/*.test.ts',
              'test/sieve/*.test.ts',
            ],
            { cwd: root },
          ),
          concurrency: 2,
        },
        {
          files: globSync(
            [
              'test/e2e/*.test.ts',
              'test/web/*.test.ts',
              'test/interop/*.test.ts',
              'test/crash/*.test.ts',
              'test/load/*.test.ts',
              'clients/*/test/*.test.ts',
            ],
            { cwd: root },
          ),
          concurrency: 1,
        },
      ];
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

/** Test scripts of the Sieve language, each a file in this folder. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runSuite } from './suite.ts';

for (const file of globSync('**/*.svtest', { cwd: import.meta.dirname }).sort()) {
  test(file, async (t) => {
    const { tests, problem } = runSuite(join(import.meta.dirname, file));
    for (const { name, failure } of tests) await t.test(name, () => assert.equal(failure, undefined));
    assert.equal(problem, undefined);
    assert.ok(tests.length > 0);
  });
}

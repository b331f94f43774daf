/** `node test/sieve/run.ts FILE...`: runs test scripts and tells what passed. */
import { runSuite } from './suite.ts';

let passed = 0;
let failed = 0;
for (const path of process.argv.slice(2)) {
  const { tests, problem } = runSuite(path);
  for (const { name, failure } of tests) {
    if (failure === undefined) passed++;
    else {
      failed++;
      console.log(`${path}: ${name}: ${failure}`);
    }
  }
  if (problem !== undefined) {
    failed++;
    console.log(`${path}: ${problem}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

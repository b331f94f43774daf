/** Public suffixes: the tests that come with the list. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { registrableDomain } from '../../src/proto/dns/registrable.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

test('psl: every name of the list’s own tests has its registrable domain', skipWithout('psl'), () => {
  const lines = readFileSync(join(conformanceFolder('psl')!, 'tests.txt'), 'utf8').split('\n');
  const wrong: string[] = [];
  let count = 0;
  for (const line of lines) {
    const [name, wanted, ...more] = line.trim().split(/\s+/);
    if (name === undefined || name === '' || name.startsWith('//') || wanted === undefined || more.length > 0)
      continue;
    count += 1;
    const found = registrableDomain(name.toLowerCase()) ?? 'null';
    if (found !== wanted) wrong.push(`${name}: ${found}, not ${wanted}`);
  }
  assert.ok(count > 50, `${count} cases`);
  assert.deepEqual(wrong, []);
});

/** The page of known faults names tests that are there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');

test('every test that stands against a known fault is one', () => {
  const page = readFileSync(join(root, 'docs/advisories.md'), 'utf8');
  const missing: string[] = [];
  let seen = 0;
  for (const [, file, names] of page.matchAll(/`([\w./-]+\.test\.ts)`: ((?:“[^”]+”(?:; )?)+)/g)) {
    const path = join(root, file!);
    const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const [, name] of names!.matchAll(/“([^”]+)”/g)) {
      seen += 1;
      if (!source.includes(name!)) missing.push(`${file}: ${name}`);
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(seen > 60, String(seen));
});

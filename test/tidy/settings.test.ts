import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingsSchema } from '../../src/config/schema.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

/** Names of all settings that are not sections, at any depth. */
function leaves(node: Node): string[] {
  const fields = node.properties ?? node.items?.properties;
  if (fields === undefined) return [];
  return Object.entries(fields).flatMap(([name, one]) => {
    const below = leaves(one);
    return below.length > 0 ? below : [name];
  });
}

test('every setting is read by the program: none is only a promise', () => {
  const source = join(import.meta.dirname, '../../src');
  const text = globSync(['app/**/*.ts', 'cli/**/*.ts'], { cwd: source })
    .map((file) => readFileSync(join(source, file), 'utf8'))
    .join('\n');
  const unread = leaves(settingsSchema as unknown as Node).filter(
    (name) => !new RegExp(`\\.${name}\\b`).test(text),
  );
  // Records of the zone and certificates are handed on whole.
  assert.deepEqual(
    unread.filter((name) => !['name', 'type', 'data'].includes(name)),
    [],
  );
});

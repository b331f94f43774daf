import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

/** The page's words: one file for each feature and language, the same keys in both, and none asked for that is not there. */
const source = join(import.meta.dirname, '../../web/src');
const features = globSync('**/words/en.ts', { cwd: source }).map((file) => dirname(dirname(file)));

interface WordTree {
  readonly [key: string]: string | WordTree;
}

async function words(feature: string, language: string): Promise<ReadonlyMap<string, string>> {
  const file = join(source, feature, 'words', `${language}.ts`);
  const { default: tree } = (await import(pathToFileURL(file).href)) as { default: WordTree };
  return new Map(flat(tree, ''));
}

function flat(tree: WordTree, before: string): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[before + key, value]] : flat(value, `${before}${key}.`),
  );
}

/** Japanese has one form for all numbers. */
const formless = (key: string): string => key.replace(/_(one|other)$/, '');
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]!).sort();

test('every feature says the same in both languages', async () => {
  assert.equal(features.length > 3, true);
  for (const feature of features) {
    const [en, ja] = await Promise.all([words(feature, 'en'), words(feature, 'ja')]);
    const keysOf = (map: ReadonlyMap<string, string>): string[] =>
      [...new Set([...map.keys()].map(formless))].sort();
    assert.deepEqual(keysOf(ja), keysOf(en), feature);
    for (const [key, text] of ja) {
      assert.notEqual(text.trim(), '', `${feature} ${key}`);
      const english = en.get(key) ?? en.get(`${formless(key)}_other`);
      assert.deepEqual(placeholders(text), placeholders(english!), `${feature} ${key}`);
    }
  }
});

test('no word is asked for that is in no file', async () => {
  const missing: string[] = [];
  for (const file of globSync('**/*.{ts,tsx}', { cwd: source })) {
    const text = readFileSync(join(source, file), 'utf8');
    if (file === 'words.ts') continue;
    const used = [...text.matchAll(/useWords\('([^']+)'\)/g)].map((m) => m[1]!);
    if (used.length === 0) continue;
    const known = new Set<string>();
    for (const feature of new Set([...used, 'parts'])) {
      const place = feature.split('/').join(sep);
      assert.equal(features.includes(place), true, `${file}: no words of ${feature}`);
      for (const key of (await words(place, 'en')).keys()) known.add(formless(key));
    }
    for (const [, key] of text.matchAll(/(?<![\w.])t\w?\('([\w.]+)'[,)]/g))
      if (!known.has(key!)) missing.push(`${relative(source, join(source, file))}: ${key}`);
  }
  assert.deepEqual(missing, []);
});

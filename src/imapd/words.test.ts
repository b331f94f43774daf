import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { japanese } from './words-ja.ts';
import { translated } from './words.ts';

test('everything said to people has its Japanese', () => {
  const files = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
    (file) => !/\.(test|bench)\.ts$/.test(file),
  );
  const texts = new Set<string>();
  for (const file of files) {
    const source = readFileSync(join(import.meta.dirname, file), 'utf8');
    for (const [, text] of source.matchAll(/\b(?:no|bad)\(\s*'([^']+)'/g)) texts.add(text!);
    for (const [, text] of source.matchAll(/return (?:`|')\[[^\]]+\] ([A-Z][a-z ]+)(?:`|')/g))
      texts.add(text!);
    if (file === 'replies.ts')
      for (const [, text] of source.matchAll(/: \['[A-Z-]+', '([^']+)'\]/g)) texts.add(text!);
  }
  assert(texts.size > 70, `${texts.size}`);
  assert.deepEqual(
    [...texts].filter((text) => !japanese.has(text)),
    [],
  );
});

test('the response code stays as it is', () => {
  const wire = translated('[BADURL "/a] b"] The URL stands for nothing here', 'ja');
  assert.equal(Buffer.from(wire, 'latin1').toString(), '[BADURL "/a] b"] その URL に当たるものはありません');
  assert.equal(translated('[CODE] Text', 'en'), '[CODE] Text');
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeSendApi } from './send-testing.ts';

const root = join(import.meta.dirname, '../..');

interface Document {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<string, { operationId?: string; responses: Record<string, unknown> }>
  >;
}

test('the description that is checked in is the one that the server gives: node scripts/send-openapi.mjs', async () => {
  const kept = readFileSync(join(root, 'docs/reference/send-api.json'), 'utf8');
  assert.deepEqual(JSON.parse(kept), await describeSendApi());
});

test('the types of the client are made of it', async () => {
  const script = (await import(join(root, 'scripts/openapi-types.mjs'))) as {
    typesOf: (document: unknown) => string;
  };
  const kept = readFileSync(join(root, 'clients/typescript/src/api-types.ts'), 'utf8');
  assert.equal(kept, script.typesOf(await describeSendApi()));
});

test('every operation has a name, and tells its problems', async () => {
  const { openapi, paths } = (await describeSendApi()) as Document;
  assert.equal(openapi, '3.1.0');
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const names = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(names).size, names.length);
  assert(!names.includes(undefined));
  for (const { operationId, responses } of operations) assert('4XX' in responses, operationId ?? '');
});

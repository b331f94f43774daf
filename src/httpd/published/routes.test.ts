import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestApi } from '../testing.ts';

test('a certificate authority finds the proof of a name, and nothing else', async () => {
  await using server = await openTestApi();
  assert.equal((await server.call('GET', '/.well-known/acme-challenge/known')).body, 'known.proof');
  assert.equal((await server.call('GET', '/.well-known/acme-challenge/unknown')).status, 404);
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificateFacts } from '../net/certificate-facts.ts';
import { dataFolder, makeDataFolder } from './data-folder.ts';
import { selfSignedIn } from './self-signed.ts';

test('the key is for its owner alone, and kept until the server has another name or the file is none', async (context) => {
  const root = mkdtempSync(join(tmpdir(), 'hikyaku-self-signed-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = dataFolder(join(root, 'data'));
  makeDataFolder(folder);
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  for (const path of [folder.root, folder.store, folder.tls]) assert.equal(modeOf(path), 0o700, path);
  const first = await selfSignedIn(folder.tls, 'mail.here.test');
  const file = join(folder.tls, 'self-signed.pem');
  assert.equal(modeOf(file), 0o600);
  assert.deepEqual(readdirSync(folder.tls), ['self-signed.pem']);
  assert.deepEqual(await selfSignedIn(folder.tls, 'Mail.Here.test'), first);
  const other = await selfSignedIn(folder.tls, 'mx.here.test');
  assert.ok(certificateFacts(other.chain).names.includes('mx.here.test'));
  writeFileSync(file, 'half a key');
  assert.notEqual((await selfSignedIn(folder.tls, 'mx.here.test')).key, other.key);
});

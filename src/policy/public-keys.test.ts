import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PublicKeys } from './public-keys.ts';
import { testDns } from './testing.ts';

test('a key is read once as long as its record stays the same, and none is kept that is long for nothing', async () => {
  const dns = testDns({}, ['there.test']);
  const keys = new PublicKeys(dns);
  const name = 's1._domainkey.there.test';
  const [record = ''] = dns.texts.get(name)!;
  const key = await keys.keyOf('s1', 'there.test');
  assert.ok('key' in key);
  assert.equal(await keys.keyOf('s1', 'there.test'), key);
  dns.texts.set(name, [record.replace(/p=.*/, 'p=')]);
  assert.deepEqual(await keys.keyOf('s1', 'there.test'), { why: 'the key is revoked', temporary: false });
  dns.texts.set(name, [`${record}; n=${'x'.repeat(5000)}`]);
  const long = await keys.keyOf('s1', 'there.test');
  assert.ok('key' in long);
  assert.notEqual(await keys.keyOf('s1', 'there.test'), long);
});

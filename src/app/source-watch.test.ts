import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { systemClock } from '../base/clock.ts';
import { createResolver } from '../net/resolver.ts';
import { createZone, type ZoneRecord } from '../net/zone.ts';
import { SourceWatch, usersOf } from './source-watch.ts';
import { shapingDefaults } from '../shaping/defaults.ts';

function watch(records: ZoneRecord[]) {
  const pulled = new Map<string, number>();
  const source = (name: string, address: string) => ({
    name,
    addresses: [address],
    hostname: '',
    proxy: undefined,
    warmUpFrom: '',
  });
  const options = {
    ...shapingDefaults,
    sources: [source('a', '192.0.2.1'), source('b', '192.0.2.2')],
    blockLists: ['zen.spamhaus.org', 'b.barracudacentral.org'],
  };
  const shaper = {
    options,
    setPulled: (name: string, provider: string, lists: number) =>
      void pulled.set(`${name} ${provider}`, lists),
  };
  const resolver = createResolver({
    servers: [],
    clock: systemClock,
    zone: createZone({ records, apexes: ['spamhaus.org', 'barracudacentral.org'] }),
  });
  const one = new SourceWatch({ shaper, resolver, clock: systemClock, log: silentLog, isPublic: () => true });
  return { one, pulled };
}

test('a listed source is left out for those who use the list, and only for them', async () => {
  const records: ZoneRecord[] = [
    { name: '1.2.0.192.zen.spamhaus.org', type: 'A', data: '127.0.0.2' },
    { name: '2.2.0.192.b.barracudacentral.org', type: 'A', data: '127.0.0.2' },
  ];
  const { one, pulled } = watch(records);
  using _ = one;
  await one.look();
  const shown = ['a microsoft', 'a google', 'a ', 'a docomo', 'b microsoft', 'b barracuda', 'b '].map((key) =>
    pulled.get(key),
  );
  assert.deepEqual(shown, [1, 0, 1, 0, 0, 1, 1]);
});

test('who uses which list', () => {
  assert.deepEqual(usersOf('bl.spamcop.net'), ['cisco', '']);
  assert.deepEqual(usersOf('dnsbl.example'), ['']);
  assert.ok(!usersOf('zen.spamhaus.org').includes('google'));
});

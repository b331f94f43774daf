import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noMetrics } from '../../base/metrics.ts';
import { systemClock } from '../../base/clock.ts';
import type { Settings } from '../../config/schema.ts';
import { readSettings } from '../../config/read.ts';
import { startDnsTestServer } from '../../net/dns-test-server.ts';
import { createResolver } from '../../net/resolver.ts';
import type { ZoneRecord } from '../../net/zone.ts';
import { blockListFindings } from './block-lists.ts';
import type { Finding } from './finding.ts';
import { hostFindings, resolverFindings, reverseFindings } from './names.ts';

function settingsOf(more: object = {}): Settings {
  const read = readSettings({ hostname: 'mx.here.test', ...more }, {});
  assert.equal(read.is, 'settings', JSON.stringify(read));
  return (read as { settings: Settings }).settings;
}

async function world(records: readonly ZoneRecord[]) {
  const server = await startDnsTestServer(records);
  const resolver = createResolver({
    clock: systemClock,
    metrics: noMetrics,
    tryTimeoutMs: 100,
    servers: [{ ...server.address, trusted: true }],
  });
  return { server, resolver, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const kinds = (findings: readonly Finding[]): string[] => findings.map(({ key, level }) => `${level} ${key}`);

test('a resolver that answers, that validates, and one that does not answer', async () => {
  await using dns = await world([{ name: '.', type: 'NS', data: 'a.root.test' }]);
  const trusting = settingsOf({ dns: { trustAuthenticated: true } });
  assert.deepEqual(kinds(await resolverFindings(settingsOf(), dns.resolver)), [
    'good dnsAnswers',
    'note dnssecNotTrusted',
  ]);
  assert.deepEqual(kinds(await resolverFindings(trusting, dns.resolver)), [
    'good dnsAnswers',
    'warning dnssecBroken',
  ]);
  await using signed = await world([{ name: '.', type: 'NS', data: 'a.root.test' }]);
  signed.server.authenticated = true;
  assert.deepEqual(kinds(await resolverFindings(trusting, signed.resolver)), [
    'good dnsAnswers',
    'good dnssecOn',
  ]);
  await using silent = await world([]);
  silent.server.misbehave('.', { drop: true, closeTcp: true });
  assert.deepEqual(kinds(await resolverFindings(trusting, silent.resolver)), ['bad dnsSilent']);
});

test('whether the name leads to this machine', async () => {
  await using dns = await world([
    { name: 'mx.here.test', type: 'A', data: '192.0.2.1' },
    { name: 'mx.here.test', type: 'AAAA', data: '2001:db8::1' },
  ]);
  const settings = settingsOf();
  const found = async (...own: string[]) => kinds(await hostFindings(settings, own, dns.resolver));
  assert.deepEqual(await found('192.0.2.1', '2001:db8::1'), ['good hostResolves']);
  assert.deepEqual(await found('192.0.2.1'), ['bad hostElsewhere']);
  assert.deepEqual(await found(), ['note addressesUnknown']);
  const elsewhere = settingsOf({ hostname: 'nothing.here.test' });
  assert.deepEqual(kinds(await hostFindings(elsewhere, [], dns.resolver)), ['bad hostUnknown']);
});

test('reverse names: ours, none, those of somebody else, and those that lead back all the same', async () => {
  await using dns = await world([
    { name: '2.0.192.in-addr.arpa', type: 'NS', data: 'ns.here.test' },
    { name: '1.2.0.192.in-addr.arpa', type: 'PTR', data: 'mx.here.test' },
    { name: '3.2.0.192.in-addr.arpa', type: 'PTR', data: 'pool-3.provider.test' },
    { name: '4.2.0.192.in-addr.arpa', type: 'PTR', data: 'www.here.test' },
    { name: 'www.here.test', type: 'A', data: '192.0.2.4' },
    { name: 'provider.test', type: 'A', data: '192.0.2.9' },
  ]);
  dns.server.misbehave('5.2.0.192.in-addr.arpa', { rcode: 2 });
  const own = [1, 2, 3, 4, 5].map((last) => `192.0.2.${last}`);
  const findings = await reverseFindings(settingsOf(), own, dns.resolver);
  assert.deepEqual(kinds(findings), [
    'good reverseGood',
    'bad reverseMissing',
    'bad reverseOther',
    'warning reverseOther',
    'warning reverseUnknown',
  ]);
});

test('block lists: who is on one and why; lists that refuse or are dead say nothing of anybody', async () => {
  await using dns = await world([
    { name: 'list.test', type: 'NS', data: 'ns.list.test' },
    { name: '2.0.0.127.good.list.test', type: 'A', data: '127.0.0.2' },
    { name: '1.2.0.192.good.list.test', type: 'A', data: '127.0.0.4' },
    { name: '1.2.0.192.good.list.test', type: 'TXT', data: 'Infected, see https://list.test/' },
    { name: `1${'.0'.repeat(23)}.8.b.d.0.1.0.0.2.good.list.test`, type: 'A', data: '127.0.0.3' },
    { name: '2.0.0.127.refusing.list.test', type: 'A', data: '127.255.255.254' },
    { name: '1.2.0.192.refusing.list.test', type: 'A', data: '127.255.255.254' },
    { name: '2.2.0.192.refusing.list.test', type: 'A', data: '127.255.255.254' },
    { name: '1.2.0.192.parked.list.test', type: 'A', data: '203.0.113.80' },
    { name: '2.2.0.192.parked.list.test', type: 'A', data: '203.0.113.80' },
  ]);
  const findings = async (list: string, ...own: string[]) => blockListFindings([list], own, dns.resolver);
  const listed = await findings('good.list.test', '192.0.2.1', '192.0.2.2');
  assert.deepEqual(kinds(listed), ['bad listed', 'good notListed']);
  assert.deepEqual(listed[0]!.facts, {
    address: '192.0.2.1',
    list: 'good.list.test',
    why: 'Infected, see https://list.test/',
  });
  assert.deepEqual(kinds(await findings('good.list.test', '2001:db8::1')), ['bad listed']);
  for (const list of ['refusing', 'dead', 'parked'])
    assert.deepEqual(
      kinds(await findings(`${list}.list.test`, '192.0.2.1', '192.0.2.2')),
      ['note listUnknown'],
      list,
    );
  assert.deepEqual(await blockListFindings([], ['192.0.2.1'], dns.resolver), []);
});

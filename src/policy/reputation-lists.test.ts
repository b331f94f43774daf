import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import type { Finding } from './check.ts';
import { fitsAnswer, ReputationLists, type ReputationList } from './reputation-lists.ts';
import { testDns, type TestDns } from './testing.ts';

const zen: ReputationList = {
  zone: 'zen.test',
  of: 'address',
  weight: 1,
  answers: [
    { answer: '127.0.0.2', weight: 4 },
    { answer: '127.0.0.4-7', weight: 3 },
    { answer: '127.0.0.10/31', weight: 0 },
  ],
};
const friends: ReputationList = { zone: 'white.test', of: 'address', weight: -2, answers: [] };
const domains: ReputationList = { zone: 'dbl.test', of: 'domain', weight: 5, answers: [] };

interface World {
  readonly dns: TestDns;
  readonly clock: TestClock;
  readonly lists: ReputationLists;
}

function world(
  addresses: Readonly<Record<string, readonly string[]>>,
  texts: Record<string, string> = {},
): World {
  const dns = testDns(texts);
  for (const [name, records] of Object.entries(addresses)) dns.addresses.set(name, records);
  const clock = new TestClock();
  const lists = new ReputationLists({ dns, clock, log: silentLog, lists: [zen, friends, domains] });
  return { dns, clock, lists };
}

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ rule, weight }) => `${rule} ${weight}`);

test('an answer weighs what its class weighs, the weightiest counts, and the reason of the list is told', async () => {
  const { lists } = world(
    {
      '3.2.0.8.zen.test': ['127.0.0.10', '127.0.0.4', '127.0.0.2'],
      '4.2.0.8.zen.test': ['127.0.0.11'],
      '5.2.0.8.zen.test': ['127.0.0.99'],
      '5.2.0.8.white.test': ['127.0.3.1'],
    },
    { '3.2.0.8.zen.test': 'https://list.test/8.0.2.3' },
  );
  const [listed] = await lists.address('8.0.2.3');
  assert.equal(listed?.rule, 'dnsbl.zen.test');
  assert.equal(listed.weight, 4);
  assert.equal(listed.detail, '8.0.2.3: 127.0.0.10 127.0.0.4 127.0.0.2, https://list.test/8.0.2.3');
  assert.deepEqual(await lists.address('8.0.2.4'), [], 'a class that weighs nothing');
  assert.deepEqual(told(await lists.address('8.0.2.5')), ['dnsbl.zen.test 1', 'dnswl.white.test -2']);
});

test('addresses of IPv6 are asked for by their nibbles, and those of private networks not at all', async () => {
  const ip = '2a00:1450:4001:0:0:0:0:25';
  const name = '5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.4.0.5.4.1.0.0.a.2.zen.test';
  const { lists, dns } = world({ [name]: ['127.0.0.2'] });
  assert.deepEqual(told(await lists.address(ip)), ['dnsbl.zen.test 4']);
  dns.asked.length = 0;
  for (const own of ['127.0.0.1', '10.1.2.3', '192.168.1.1', 'fe80::1', '::1', 'nonsense'])
    assert.deepEqual(await lists.address(own), []);
  assert.deepEqual(dns.asked, []);
});

test('a list that lists everything counts for nothing until it has come to its senses', async () => {
  const everything = { '1.0.0.127.zen.test': ['127.0.0.2'], '3.2.0.8.zen.test': ['127.0.0.2'] };
  const { lists, dns, clock } = world(everything);
  assert.deepEqual(await lists.address('8.0.2.3'), []);
  dns.addresses.delete('1.0.0.127.zen.test');
  assert.deepEqual(await lists.address('8.0.2.3'), []);
  await clock.advance(3_600_001);
  assert.deepEqual(told(await lists.address('8.0.2.3')), ['dnsbl.zen.test 4']);
});

test('a list that does not answer us, or whose domain is somebody else’s, is left alone for an hour', async () => {
  for (const answer of ['127.255.255.254', '127.255.255.255', '203.0.113.7']) {
    const { lists, dns, clock } = world({ '3.2.0.8.zen.test': [answer], '4.2.0.8.zen.test': ['127.0.0.2'] });
    assert.deepEqual(await lists.address('8.0.2.3'), [], answer);
    assert.deepEqual(await lists.address('8.0.2.4'), [], 'none of its answers is believed');
    await clock.advance(3_600_001);
    dns.addresses.delete('3.2.0.8.zen.test');
    assert.deepEqual(told(await lists.address('8.0.2.4')), ['dnsbl.zen.test 4']);
  }
});

test('a list that cannot be asked finds nothing', async () => {
  const { lists, dns } = world({});
  dns.failing.add('3.2.0.8.zen.test');
  assert.deepEqual(await lists.address('8.0.2.3'), []);
});

test('domains are asked for in lists of domains', async () => {
  const { lists } = world({ 'bad.test.dbl.test': ['127.0.1.2'], '3.2.0.8.zen.test': ['127.0.0.2'] });
  assert.deepEqual(told(await lists.domain('bad.test')), ['uribl.dbl.test 5']);
  assert.deepEqual(await lists.domain('good.test'), []);
});

test('answers are told by address, range and network', () => {
  assert(fitsAnswer('127.0.0.2', '127.0.0.2'));
  assert(!fitsAnswer('127.0.0.2', '127.0.0.20'));
  assert(fitsAnswer('127.0.0.4-7', '127.0.0.7'));
  assert(!fitsAnswer('127.0.0.4-7', '127.0.0.8'));
  assert(!fitsAnswer('127.0.0.4-7', '127.0.1.5'));
  assert(fitsAnswer('127.0.2.0/24', '127.0.2.77'));
  assert(!fitsAnswer('nonsense', '127.0.0.2'));
});

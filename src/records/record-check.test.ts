import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { startDnsTestServer, type DnsTestServer } from '../net/dns-test-server.ts';
import { createResolver } from '../net/resolver.ts';
import type { ZoneRecord } from '../net/zone.ts';
import { domainRecords, type MailDomain } from './domain-records.ts';
import { checkRecords, type CheckedRecord } from './record-check.ts';

const here: MailDomain = {
  domain: 'here.test',
  hostname: 'mx.here.test',
  addresses: ['192.0.2.1'],
  services: [{ kind: 'imaps', port: 993 }],
  https: true,
  dkim: [{ selector: 's1', record: 'v=DKIM1; k=ed25519; p=abc' }],
  mtaStsId: 'abc123',
  tlsa: [],
  dmarcReportsTo: 'dmarc-reports@here.test',
  tlsReportsTo: 'tls-reports@here.test',
  bimiLogo: '',
};

const zone: readonly ZoneRecord[] = [
  { name: 'here.test', type: 'NS', data: 'ns.here.test' },
  { name: 'ns.here.test', type: 'A', data: '127.0.0.1' },
  { name: '0.192.in-addr.arpa', type: 'NS', data: 'ns.here.test' },
];

const published: readonly ZoneRecord[] = [
  ...zone,
  { name: 'mx.here.test', type: 'A', data: '192.0.2.1' },
  { name: '1.2.0.192.in-addr.arpa', type: 'PTR', data: 'mx.here.test' },
  { name: 'here.test', type: 'MX', data: '10 mx.here.test' },
  { name: 'here.test', type: 'TXT', data: 'v=spf1 mx ~all' },
  { name: 'here.test', type: 'TXT', data: 'site-verification=1' },
  { name: 'mx.here.test', type: 'TXT', data: 'v=spf1 a -all' },
  { name: 's1._domainkey.here.test', type: 'TXT', data: 'v=DKIM1;k=ed25519; p=abc' },
  { name: '_dmarc.here.test', type: 'TXT', data: 'v=DMARC1; p=reject' },
  { name: '_mta-sts.here.test', type: 'TXT', data: 'v=STSv1; id=abc123;' },
  { name: 'mta-sts.here.test', type: 'CNAME', data: 'mx.here.test' },
  { name: '_smtp._tls.here.test', type: 'TXT', data: 'v=TLSRPTv1; rua=mailto:tls-reports@here.test' },
  { name: '_imaps._tcp.here.test', type: 'SRV', data: '0 1 993 mx.here.test' },
  { name: 'autoconfig.here.test', type: 'A', data: '192.0.2.1' },
  { name: 'autodiscover.here.test', type: 'CNAME', data: 'mx.here.test' },
];

/** The records without those of a name and type, and with others instead. */
const but = (name: string, type: ZoneRecord['type'], ...data: string[]): ZoneRecord[] => [
  ...published.filter((record) => record.name !== name || record.type !== type),
  ...data.map((one) => ({ name, type, data: one })),
];

async function check(dns: DnsTestServer, of: MailDomain = here): Promise<readonly CheckedRecord[]> {
  const resolver = createResolver({ clock: systemClock, servers: [dns.address], tryTimeoutMs: 500 });
  const parts = { resolver, clock: systemClock, port: dns.address.port, timeoutMs: 200, domain: of };
  return checkRecords(parts, domainRecords(of));
}

/** Records that are not as they should be, of those that are worth having. */
const troubles = (checked: readonly CheckedRecord[]): string[] =>
  checked
    .filter(({ record, status }) => record.need !== 'optional' && status !== 'ok')
    .map(({ record, status, unexpected, notes }) =>
      [`${record.purpose} ${status}`, ...unexpected.map((text) => `found ${text}`), ...notes].join('; '),
    );

test('a domain that has everything: other texts, its own DMARC policy and an address instead of an alias are fine', async () => {
  await using dns = await startDnsTestServer(published);
  assert.deepEqual(troubles(await check(dns)), []);
});

test('a domain that has nothing: everything is missing', async () => {
  await using dns = await startDnsTestServer(zone);
  const checked = await check(dns);
  assert.ok(
    checked.every(({ status }) => status === 'missing'),
    JSON.stringify(troubles(checked)),
  );
});

test('differences are told exactly', async () => {
  const cases: readonly (readonly [ZoneRecord[], string])[] = [
    [but('here.test', 'MX', '10 other.test'), 'mx different; found 10 other.test'],
    [but('mx.here.test', 'A', '192.0.2.9'), 'address different; found 192.0.2.9'],
    [
      but('s1._domainkey.here.test', 'TXT', 'v=DKIM1; k=ed25519; p=xyz'),
      'dkim different; found v=DKIM1; k=ed25519; p=xyz; otherKey',
    ],
    [but('_mta-sts.here.test', 'TXT', 'v=STSv1; id=old'), 'mtaSts different; found v=STSv1; id=old'],
    [
      but('_dmarc.here.test', 'TXT', 'v=DMARC1; p=perhaps'),
      'dmarc different; found v=DMARC1; p=perhaps; dmarcUnreadable',
    ],
    [but('_imaps._tcp.here.test', 'SRV', '0 1 993 old.test'), 'mailers different; found 0 1 993 old.test'],
    [but('1.2.0.192.in-addr.arpa', 'PTR', 'host-1.isp.test'), 'reverse different; found host-1.isp.test'],
    [but('autoconfig.here.test', 'A', '192.0.2.7'), 'autoconfig different; found 192.0.2.7'],
  ];
  await using dns = await startDnsTestServer();
  for (const [records, expected] of cases) {
    dns.serve(records);
    assert.ok(
      troubles(await check(dns)).includes(expected),
      `${expected}\n${troubles(await check(dns)).join('\n')}`,
    );
  }
});

test('a reverse name that does not lead back', async () => {
  await using dns = await startDnsTestServer(but('mx.here.test', 'A', '192.0.2.9'));
  assert.ok(troubles(await check(dns)).includes('reverse different; noForwardMatch'));
});

test('an MX beside ours is told and no fault', async () => {
  await using dns = await startDnsTestServer(but('here.test', 'MX', '10 mx.here.test', '20 backup.test'));
  const mx = (await check(dns)).find(({ record }) => record.purpose === 'mx');
  assert.deepEqual([mx?.status, mx?.notes], ['ok', ['mxElsewhere']]);
});

const spfOf = async (records: readonly ZoneRecord[], of: MailDomain = here) => {
  await using dns = await startDnsTestServer(records);
  const { record, status, notes, spfLookups } = (await check(dns, of)).find(
    (one) => one.record.purpose === 'spf',
  )!;
  return { text: record.data, status, notes, spfLookups };
};

test('SPF: what is there stays, what is needed comes to it, and several records become one', async () => {
  const cases: readonly (readonly [string[], string, string, number])[] = [
    [['v=spf1 mx ~all'], 'ok', 'v=spf1 mx ~all', 1],
    [['v=spf1 ip4:192.0.2.0/24 -all'], 'ok', 'v=spf1 ip4:192.0.2.0/24 -all', 0],
    [['v=spf1 a:mx.here.test -all'], 'ok', 'v=spf1 a:mx.here.test -all', 1],
    [['v=spf1 include:news.test -all'], 'different', 'v=spf1 mx include:news.test -all', 3],
    [['v=spf1 redirect=news.test'], 'different', 'v=spf1 mx redirect=news.test', 3],
    [['v=spf1 include:news.test ~all', 'v=spf1 mx -all'], 'different', 'v=spf1 include:news.test mx ~all', 3],
    [[], 'missing', 'v=spf1 mx ~all', 1],
  ];
  const news: ZoneRecord = { name: 'news.test', type: 'TXT', data: 'v=spf1 a ip4:198.51.100.1 -all' };
  for (const [texts, status, text, lookups] of cases) {
    const found = await spfOf([...but('here.test', 'TXT', ...texts), news]);
    assert.deepEqual([found.status, found.text, found.spfLookups], [status, text, lookups]);
  }
});

test('SPF: near the ten questions that are allowed, addresses are added, which cost none; beyond them it is told', async () => {
  const many = (count: number): string =>
    Array.from({ length: count }, (_, i) => `a:h${i}.news.test`).join(' ');
  const full = await spfOf(but('here.test', 'TXT', `v=spf1 ${many(10)} -all`));
  assert.equal(full.text, `v=spf1 ip4:192.0.2.1 ${many(10)} -all`);
  assert.equal(full.spfLookups, 10);
  const beyond = await spfOf(but('here.test', 'TXT', `v=spf1 mx ${many(10)} -all`));
  assert.deepEqual(beyond.notes, ['spfTooManyLookups']);
  assert.equal(beyond.spfLookups, 11);
});

test('SPF: a record that cannot be read is told and not made worse', async () => {
  const { status, text, notes } = await spfOf(but('here.test', 'TXT', 'v=spf1 mx ipv4:1.2.3.4 -all'));
  assert.deepEqual([status, text, notes], ['different', 'v=spf1 mx ipv4:1.2.3.4 -all', ['spfUnreadable']]);
});

test('name servers that do not agree, and one that is silent, are told by name', async () => {
  const two: readonly ZoneRecord[] = [
    ...published,
    { name: 'here.test', type: 'NS', data: 'ns2.here.test' },
    { name: 'ns2.here.test', type: 'A', data: '127.0.0.2' },
  ];
  await using dns = await startDnsTestServer(two);
  const old = two.map((record) =>
    record.name === '_mta-sts.here.test' ? { ...record, data: 'v=STSv1; id=old' } : record,
  );
  {
    await using second = await startDnsTestServer(old, { ip: '127.0.0.2', port: dns.address.port });
    assert.equal(second.address.ip, '127.0.0.2');
    const checked = await check(dns);
    const sts = checked.find(({ record }) => record.purpose === 'mtaSts')!;
    assert.deepEqual([sts.status, sts.notes], ['different', ['serversDisagree']]);
    assert.deepEqual(sts.servers.map(({ server, records }) => `${server} ${String(records)}`).toSorted(), [
      'ns.here.test v=STSv1; id=abc123;',
      'ns2.here.test v=STSv1; id=old',
    ]);
  }
  const mx = (await check(dns)).find(({ record }) => record.purpose === 'mx')!;
  assert.deepEqual([mx.status, mx.notes], ['ok', ['serverSilent']]);
  assert.match(mx.servers.find(({ server }) => server === 'ns2.here.test')!.problem, /network|timeout/);
});

test('the name servers are asked, not a cache that remembers the past', async () => {
  await using dns = await startDnsTestServer(published);
  const resolver = createResolver({ clock: systemClock, servers: [dns.address] });
  await resolver.txt('_mta-sts.here.test');
  dns.serve(but('_mta-sts.here.test', 'TXT', 'v=STSv1; id=new'));
  const parts = {
    resolver,
    clock: systemClock,
    port: dns.address.port,
    timeoutMs: 200,
    domain: { ...here, mtaStsId: 'new' },
  };
  const checked = await checkRecords(parts, domainRecords(parts.domain));
  assert.equal(checked.find(({ record }) => record.purpose === 'mtaSts')!.status, 'ok');
});

test('a key that the domain delegates by an alias into another zone is found there', async () => {
  const elsewhere: ZoneRecord[] = [
    ...published.filter(({ name }) => name !== 's1._domainkey.here.test'),
    { name: 's1._domainkey.here.test', type: 'CNAME', data: 's1.keys.test' },
    { name: 'keys.test', type: 'NS', data: 'ns.here.test' },
    { name: 's1.keys.test', type: 'TXT', data: 'v=DKIM1; k=ed25519; p=abc' },
  ];
  await using dns = await startDnsTestServer(elsewhere);
  assert.deepEqual(troubles(await check(dns)), []);
});

test('a domain without a zone is not known, which is told as such', async () => {
  await using dns = await startDnsTestServer([]);
  const checked = await check(dns);
  assert.ok(checked.every(({ status, servers }) => status === 'unknown' && servers[0]!.problem !== ''));
});
